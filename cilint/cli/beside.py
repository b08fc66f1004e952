"""Which other programs a run asks for, and what is said on standard error when one of them did not run."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from functools import partial
from typing import Final

from cilint.engine import cfnlint, shellcheck
from cilint.engine.beside import File, Program, Told, nothing
from cilint.engine.settings import Settings, program_of
from cilint.engine.shellcheck_comments import NAME as SHELLCHECK

_CATEGORIES: Final = frozenset(["ALL", "correctness", "style"])
"""The words, beside its own, that select rules of another program."""


def asked(settings: Settings, cfn_lint: bool, with_shellcheck: bool, trusted: bool) -> tuple[Program, ...]:
    """The programs that are asked for. `trusted`: the command line itself asks for cfn-lint."""
    found: list[Program] = []
    if cfn_lint:
        told = partial(cfnlint.told, trusted=trusted, advice=settings.audience != "regular")
        found.append(partial(_heard, cfnlint.NAME, told, settings))
    if with_shellcheck:
        found.append(partial(_heard, SHELLCHECK, shellcheck.told, settings))
    return tuple(found)


def _heard(name: str, program: Program, settings: Settings, files: Sequence[File]) -> Told:
    """What the program says, and on standard error why it says nothing."""
    if settings.select and not any(program_of(word) == name or word in _CATEGORIES for word in settings.select):
        told = nothing(name, f"{name} did not run, since none of its rules is selected; select `{name}`, too")
    else:
        told = program(files)
    if told.remark:
        sys.stderr.write(f"cilint: {told.remark}\n")
    return told
