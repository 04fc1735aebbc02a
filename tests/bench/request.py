# SPDX-License-Identifier: MIT
"""Answers the same request so many times by the application of pyramid_app.py, without a server: request.py REQUESTS."""

import io
import sys

import pyramid_app


def main(requests):
    for _ in range(requests):
        environ = {"REQUEST_METHOD": "GET", "PATH_INFO": "/", "SCRIPT_NAME": "", "SERVER_NAME": "localhost",
                   "SERVER_PORT": "80", "SERVER_PROTOCOL": "HTTP/1.1", "wsgi.url_scheme": "http", "wsgi.version": (1, 0),
                   "wsgi.input": io.BytesIO(), "wsgi.errors": sys.stderr}
        status = []
        body = b"".join(pyramid_app.application(environ, lambda line, headers, error=None: status.append(line)))
        if status != ["200 OK"] or not body:
            sys.exit("answered %s" % status)


main(int(sys.argv[1]))
