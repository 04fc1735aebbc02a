# SPDX-License-Identifier: MIT
"""The Pyramid application of the benchmark. FORKSAFE_BENCH_REPAIR chooses how it hears of its fork: by `forksafe.pyramid`, with a
subscriber or without one, by a hook that is written by hand for this container, or not at all."""

import os
import time

from pyramid.config import Configurator
from pyramid.response import Response


class Forked:
    """Notifies the registry, as a hook that is written by hand does."""

    def __init__(self, registry):
        self.registry = registry


def hello(request):
    return Response("%d %d" % (os.getpid(), time.process_time_ns()))


def repair(event):
    pass


def main():
    config = Configurator()
    way = os.environ["FORKSAFE_BENCH_REPAIR"]
    if way.startswith("forksafe.pyramid"):
        config.include("forksafe.pyramid")
    if way == "forksafe.pyramid":
        from forksafe.pyramid.events import ApplicationPostFork

        config.add_subscriber(repair, ApplicationPostFork)
    elif way == "by hand":
        config.add_subscriber(repair, Forked)
    config.add_route("hello", "/")
    config.add_view(hello, route_name="hello")
    return config.make_wsgi_app()


def post_fork(*_):
    application.registry.notify(Forked(application.registry))


application = main()
if os.environ["FORKSAFE_BENCH_REPAIR"] == "by hand":
    try:
        import uwsgi
    except ImportError:
        # gunicorn looks for this hook in its configuration.
        pass
    else:
        uwsgi.post_fork_hook = post_fork
