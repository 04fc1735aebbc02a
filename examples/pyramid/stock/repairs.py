# SPDX-License-Identifier: MIT
"""The three subscribers that make the application fork-safe, in every container."""

from forksafe.pyramid.events import ApplicationPostFork, ApplicationPreFork

from .stores import make_documents, make_tokens


#: Objects of the parent. They are kept here because freeing them would close the parent's sessions.
inherited = []


def forget_connections(event):
    """Replaces the pool, and neither closes nor frees the parent's sessions: closing one in the child ends it in the parent.
    With most drivers freeing does so too: mysqlclient then sends the database its goodbye. psycopg2 and PyMySQL notice the
    fork."""
    engine = event.registry["engine"]
    inherited.append(engine.pool)
    engine.dispose(close=False)


def replace_client(event):
    """PyMongo: a child must not use a client of its parent. The client's threads must not run during the fork either: one of
    them may hold the interpreter's lock, and the child would wait for it without end."""
    if isinstance(event, ApplicationPreFork):
        event.registry["documents"].close()
    else:
        event.registry["documents"] = make_documents(event.registry.settings)


def replace_generator(event):
    event.registry["tokens"] = make_tokens()


def includeme(config):
    for repair in (forget_connections, replace_client, replace_generator):
        config.add_subscriber(repair, ApplicationPostFork)
    config.add_subscriber(replace_client, ApplicationPreFork)
