# SPDX-License-Identifier: MIT
"""The Pyramid application of the benchmark: with the package that FORKSAFE_BENCH_INCLUDE names, or without any."""

import os

from pyramid.config import Configurator
from pyramid.response import Response


def hello(request):
    return Response("%d" % os.getpid())


def main():
    config = Configurator()
    package = os.environ.get("FORKSAFE_BENCH_INCLUDE")
    if package:
        config.include(package)
        from forksafe.pyramid.events import ApplicationPostFork

        config.add_subscriber(lambda event: None, ApplicationPostFork)
    config.add_route("hello", "/")
    config.add_view(hello, route_name="hello")
    return config.make_wsgi_app()


application = main()
