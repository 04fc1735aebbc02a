# SPDX-License-Identifier: MIT
"""A keep-alive HTTP and HTTPS server for tests: http_server.py HOST PORT TLS_PORT CERTIFICATE KEY.

Answers each GET with its path. For the path /held it waits first until the next request arrives on the same connection,
five seconds at most: another process that shares the connection has then sent a request, and gets this answer to it.
"""

import http.server
import select
import ssl
import sys
import threading


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = 'HTTP/1.1'

    def do_GET(self):
        if self.path == '/held':
            select.select([self.connection], [], [], 5)
        body = self.path.encode()
        self.send_response(200)
        self.send_header('Content-Length', str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


def main(host, port, tls_port, certificate, key):
    plain = http.server.ThreadingHTTPServer((host, int(port)), Handler)
    threading.Thread(target=plain.serve_forever, daemon=True).start()
    tls = http.server.ThreadingHTTPServer((host, int(tls_port)), Handler)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    # Each connection's thread makes the handshake, so that a slow client does not block the others.
    tls.socket = context.wrap_socket(tls.socket, server_side=True, do_handshake_on_connect=False)
    tls.serve_forever()


main(*sys.argv[1:])
