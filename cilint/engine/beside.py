"""Other programs beside us: what they are told of a run, what they give, and how their findings join ours.

A program's findings become part of a file's result before anything is selected, suppressed or given another level, so
that all of that holds for them, too. Which programs there are, their own modules say.
"""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable, Sequence

from cilint.catalog.secrets import conceal_credentials
from cilint.core.rule import Rule
from cilint.engine.fingerprint import anchor, keys
from cilint.engine.result import Diagnostic, FileResult, lines_of, place
from cilint.source.nodes import Document
from cilint.source.record import NamedTuple
from cilint.source.text import Span


class File(NamedTuple):
    """A file that was looked at: its path as it is opened, what we say of it, and its bytes where it is on no disk."""

    path: str
    result: FileResult
    data: bytes | None = None

    def read(self) -> bytes:
        """Its bytes. Raises OSError."""
        if self.data is not None:
            return self.data
        with open(self.path, "rb") as opened:
            return opened.read()


class Told(NamedTuple):
    """What a program says: findings by the path that the file's result has, and the rules that they are of.

    `looked_at` are the paths of all that it has seen. `remark` is what there is to say about the run of it, empty when
    it went well.
    """

    program: str
    diagnostics: dict[str, list[Diagnostic]]
    rules: tuple[Rule, ...] = ()
    looked_at: frozenset[str] = frozenset()
    remark: str = ""


Program = Callable[[Sequence[File]], Told]
"""Runs a program over the files of a run. Never raises."""


def nothing(program: str, remark: str = "") -> Told:
    """What a program says that did not run."""
    return Told(program, {}, remark=remark)


def diagnostic(path: str, document: Document, rule: Rule, span: Span, message: str) -> Diagnostic:
    """A finding of another program, whose `span` is in the document's text."""
    where = place(path, document.text, span)
    return Diagnostic(
        rule.name,
        rule.id,
        rule.severity,
        rule.confidence,
        conceal_credentials(message),
        where,
        lines_of(document.text, where),
        keys=keys(document, span),
        anchor=anchor(document, span, rule.name),
    )


def program_at(name: str, variable: str) -> str | None:
    """The path of a program: what the environment variable names, else beside this Python, else in the PATH."""
    named = os.environ.get(variable)
    if named:
        return shutil.which(named)
    return shutil.which(name, path=os.path.dirname(sys.executable)) or shutil.which(name)


def _as_shown(found: Diagnostic, shown: dict[int, str]) -> tuple[str, ...]:
    """The lines of a finding, those that our findings show as they show them: without what only a check of ours knows
    to be a secret."""
    return tuple(shown.get(found.place.line + at, line) for at, line in enumerate(found.lines))


class Joined(NamedTuple):
    """The findings of all programs of a run."""

    told: tuple[Told, ...] = ()

    @property
    def rules(self) -> tuple[Rule, ...]:
        return tuple(rule for each in self.told for rule in each.rules)

    def programs(self, path: str) -> tuple[str, ...]:
        """The programs that have looked at a file."""
        return tuple(each.program for each in self.told if path in each.looked_at)

    def into(self, result: FileResult, hears: Callable[[Rule], bool]) -> FileResult:
        """The result of a file with the findings of those rules of other programs that may speak there."""
        rules = {rule.name: rule for rule in self.rules}
        new = [
            found
            for each in self.told
            for found in each.diagnostics.get(result.path, ())
            if found.rule in rules and hears(rules[found.rule])
        ]
        if not new:
            return result
        shown = {each.place.line + at: line for each in result.diagnostics for at, line in enumerate(each.lines)}
        new = [each._replace(lines=_as_shown(each, shown)) for each in new]
        both = sorted([*result.diagnostics, *new], key=lambda each: (each.place.start, each.place.end, each.id))
        return result._replace(diagnostics=tuple(both))
