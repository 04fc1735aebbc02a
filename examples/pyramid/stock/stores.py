# SPDX-License-Identifier: MIT
"""What the application opens when it is loaded: in a server that loads it before it forks, once for all workers."""

import contextlib
import os
import random

import psycopg2
import pymongo
import sqlalchemy


def make_engine(settings):
    dsn = settings.get("stock.database") or os.environ["STOCK_DATABASE"]
    engine = sqlalchemy.create_engine("postgresql+psycopg2://", creator=lambda: psycopg2.connect(dsn), pool_size=1)
    # As the models of many applications do: the connection goes back to the pool, open.
    with engine.connect() as connection:
        engine.loaded_with = connection.exec_driver_sql("SELECT pg_backend_pid()").scalar_one()
    return engine


def make_documents(settings):
    address = settings.get("stock.documents") or os.environ.get("STOCK_DOCUMENTS", "127.0.0.1:1")
    # Begins to connect, by a thread of its own, and does not wait for the answer.
    return pymongo.MongoClient("mongodb://%s/?directConnection=true" % address, serverSelectionTimeoutMS=2000)


def make_tokens():
    return random.Random()


def includeme(config):
    settings = config.registry.settings
    config.registry["engine"] = make_engine(settings)
    config.registry["documents"] = make_documents(settings)
    # As an application does that makes its indexes when it is loaded; it starts without the store, too.
    with contextlib.suppress(pymongo.errors.PyMongoError):
        config.registry["documents"].admin.command("ping")
    config.registry["tokens"] = make_tokens()
