# SPDX-License-Identifier: MIT
"""A Pyramid application with a database, a document store and tokens. A fork damages all three.

The setting ``stock.repairs = no`` leaves the repairs out, to show the damage.
"""

from pyramid.config import Configurator
from pyramid.settings import asbool


def main(global_config, **settings):
    config = Configurator(settings=settings)
    config.include("forksafe.pyramid")
    config.include(".stores")
    if asbool(settings.get("stock.repairs", "yes")):
        config.include(".repairs")
    config.include(".views")
    return config.make_wsgi_app()
