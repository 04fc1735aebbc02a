# SPDX-License-Identifier: MIT
"""The three subscribers that make the application fork-safe, in every container."""

from forksafe.pyramid.events import ApplicationPostFork, ApplicationPreFork

from .stores import make_documents, make_tokens


#: What is the parent's, kept where nothing frees it.
inherited = []


def forget_connections(event):
    """The parent's sessions stay the parent's: closing them here would end them there. So would freeing them with most drivers,
    as mysqlclient, which takes leave of the database then; psycopg2 and PyMySQL know that they were forked."""
    engine = event.registry["engine"]
    inherited.append(engine.pool)
    engine.dispose(close=False)


def replace_client(event):
    """PyMongo: a client must not be used by the child of the process that made it, and its threads must not run during the
    fork: one of them may hold the interpreter's lock, for which the child would wait for ever."""
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
