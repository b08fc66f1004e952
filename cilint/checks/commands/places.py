"""Where a build's commands run, as far as `cd` tells, and which file of the project a path means there.

A build starts in its source directory, which for cilint is the project's root, or the directory of the checked file.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from typing import Final

from cilint.core.context import Context
from cilint.model.buildspec import Buildspec, Step
from cilint.shell.script import BRANCH, FUNCTION, LOOP, SUBSHELL, SUBSTITUTION
from cilint.shell.words import Word

_SOURCE: Final = ("$CODEBUILD_SRC_DIR", "${CODEBUILD_SRC_DIR}")


def located(buildspec: Buildspec) -> Iterator[tuple[Step, str | None]]:
    """Each simple command with its directory, relative to the source directory (""); None where it is not known."""
    here: str | None = ""
    apart: str | None = None  # the directory in a subshell, which ends with it
    inside = False
    command = None
    for step in buildspec.steps:
        if step.command is not command:
            command, inside = step.command, False
            here = here if buildspec.one_shell else ""
        now_inside = SUBSHELL in step.simple.inside or SUBSTITUTION in step.simple.inside
        if now_inside and not inside:
            apart = here
        inside = now_inside
        yield step, apart if inside else here
        if step.simple.name in ("cd", "pushd", "popd"):
            to = _moved(apart if inside else here, step)
            if inside:
                apart = to
            else:
                here = to


def _moved(here: str | None, step: Step) -> str | None:
    simple = step.simple
    to: Word | None = simple.args[0] if simple.args else None
    if simple.name != "cd" or to is None or any(each in (BRANCH, LOOP, FUNCTION) for each in simple.inside):
        return None
    bare = to.raw.strip('"')
    for start in _SOURCE:
        if bare == start or bare.startswith(f"{start}/"):
            return None if "$" in bare[len(start) :] else _within("", bare[len(start) + 1 :])
    if to.text is None or here is None or to.text.startswith(("/", "~", "-")):
        return None
    return _within(here, to.text)


def _within(here: str, to: str) -> str | None:
    path = posixpath.normpath(posixpath.join(here, to))
    return None if path.startswith("..") else "" if path == "." else path


def beside(context: Context, path: str) -> str | None:
    """What to ask the neighbourhood for the file or directory at a path from the source directory; None without it."""
    if path.startswith(("/", "..")):
        return None
    here = context.tree.project().here
    upward = "../" * (here.count("/") + 1) if here else ""
    return next((each for each in dict.fromkeys((upward + path, path)) if context.tree.exists(each)), None)
