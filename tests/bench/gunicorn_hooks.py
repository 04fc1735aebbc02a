# SPDX-License-Identifier: MIT
"""A configuration of gunicorn with a hook that is written by hand."""


def post_fork(server, worker):
    import pyramid_app

    pyramid_app.post_fork()
