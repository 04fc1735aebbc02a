# SPDX-License-Identifier: MIT
"""``/look`` shows what this process works with, ``/documents`` whether its store answers, ``/`` the debug object."""

import os
import threading
import warnings

from Crypto.Random import get_random_bytes
from pymongo.errors import PyMongoError

drawn = {}
lock = threading.Lock()


def first_draws(registry):
    """The first tokens of this process, the same in each request."""
    with lock:
        if os.getpid() not in drawn:
            drawn[os.getpid()] = {"random": registry["tokens"].getrandbits(64), "crypto": get_random_bytes(8).hex(),
                                  "documents": ask_documents(registry["documents"])}
        return drawn[os.getpid()]


def ask_documents(client):
    """The warnings of the client about its use in this process, whether a server answered, and the number of threads: the
    client watches its server by threads, which a fork does not copy."""
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        try:
            client.admin.command("ping")
            answered = True
        except PyMongoError:
            answered = False
    return {"answered": answered, "warnings": [str(one.message) for one in said],
            "threads": len(os.listdir("/proc/self/task"))}


def look(request):
    engine = request.registry["engine"]
    with engine.connect() as connection:
        session = connection.exec_driver_sql("SELECT pg_backend_pid()").scalar_one()
    return {"pid": os.getpid(), "session": session, "loaded_with": engine.loaded_with, **first_draws(request.registry)}


def documents(request):
    """Whether the store answers this process now."""
    return {"pid": os.getpid(), **ask_documents(request.registry["documents"])}


def home(request):
    return {"debug": {key: sorted(value) if isinstance(value, set) else value
                      for key, value in request.registry.pyramid_forksafe.items()}, "look": "/look"}


def includeme(config):
    config.add_route("home", "/")
    config.add_view(home, route_name="home", renderer="json")
    config.add_route("look", "/look")
    config.add_view(look, route_name="look", renderer="json")
    config.add_route("documents", "/documents")
    config.add_view(documents, route_name="documents", renderer="json")
