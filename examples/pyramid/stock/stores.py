# SPDX-License-Identifier: MIT
"""The stores that the application opens when it is loaded: once for all workers, if the server loads it before it forks."""

import contextlib
import os
import random

import psycopg2
import pymongo
import sqlalchemy


def make_engine(settings):
    dsn = settings.get("stock.database") or os.environ["STOCK_DATABASE"]
    engine = sqlalchemy.create_engine("postgresql+psycopg2://", creator=lambda: psycopg2.connect(dsn), pool_size=1)
    # Many applications query while they are loaded; the connection returns to the pool, open.
    with engine.connect() as connection:
        engine.loaded_with = connection.exec_driver_sql("SELECT pg_backend_pid()").scalar_one()
    return engine


def make_documents(settings):
    address = settings.get("stock.documents") or os.environ.get("STOCK_DOCUMENTS", "127.0.0.1:1")
    # The client connects in its own thread; the constructor does not wait for it.
    return pymongo.MongoClient("mongodb://%s/?directConnection=true" % address, serverSelectionTimeoutMS=2000)


def make_tokens():
    return random.Random()


def includeme(config):
    settings = config.registry.settings
    config.registry["engine"] = make_engine(settings)
    config.registry["documents"] = make_documents(settings)
    # Many applications make their indexes while they are loaded. This one starts without the store, too.
    with contextlib.suppress(pymongo.errors.PyMongoError):
        config.registry["documents"].admin.command("ping")
    config.registry["tokens"] = make_tokens()
