"""A mypy plugin that adds nothing: loaded first, it sets what Django's settings need before the next one reads them."""

from mypy.plugin import Plugin

import tests.environment  # noqa: F401


def plugin(version: str) -> type[Plugin]:
    return Plugin
