"""Checks of what a build keeps for the next one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from cilint.core.context import Context
from cilint.core.finding import Finding
from cilint.core.nearest import listed
from cilint.core.rule import check
from cilint.delivery.world import path_in, world
from cilint.model.buildspec import Buildspec
from cilint.shell.dialect import is_posix
from cilint.shell.script import mentions
from cilint.shell.tools import INSTALLS, install_of

_TOOLS: Final = tuple(sorted({name for line in INSTALLS for name in line.words[0].split("|")}))


@check("missing-cache")
def missing_cache(buildspec: Buildspec, context: Context) -> Iterator[Finding]:
    """An install of the project's dependencies in a build that keeps nothing for the next one."""
    if (buildspec.cache and buildspec.cache.paths) or not is_posix(buildspec.dialect):
        return
    for command in buildspec.commands:
        if not mentions(command.script, _TOOLS):
            continue
        for simple in command.parsed.commands:
            install = install_of(simple)
            if install:
                if _may_be_cached(context):
                    return
                yield Finding(
                    command.place(simple.span),
                    f"{install.tool} downloads its dependencies anew in every build; add {listed(install.cache_paths)} "
                    "to `cache.paths` here and give the build project a cache",
                )
                return


def _may_be_cached(context: Context) -> bool:
    """Whether a project of the repository that runs this buildspec has a cache of its own, or could: too large a
    repository is not seen whole. For a buildspec in a template there is no project to be found by its path."""
    around = world(context)
    if context.known and not context.embedded and not around.complete:
        return True
    return any(project.caches is not False for project in around.projects_running(path_in(context)))
