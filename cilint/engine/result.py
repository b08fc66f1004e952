"""What the analysis of a file gives: diagnostics with resolved places, and what was not checked. Plain data."""

from __future__ import annotations

from collections.abc import Iterable

from cilint.catalog.secrets import conceal_lines, starred
from cilint.core.finding import Confidence, Severity
from cilint.source.record import NamedTuple
from cilint.source.text import Span, Text


class Place(NamedTuple):
    """A range in a file: code point offsets, and 1-based lines and columns in code points and UTF-16 units."""

    path: str
    start: int
    end: int
    line: int
    column: int
    end_line: int
    end_column: int
    column_utf16: int
    end_column_utf16: int


class Note(NamedTuple):
    """A related place with its phrase."""

    place: Place
    message: str


class Edit(NamedTuple):
    """A replacement at a place, with the lines that it changes, at most a few."""

    place: Place
    text: str
    lines: tuple[str, ...] = ()


class PlacedFix(NamedTuple):
    """A fix whose edits know their places. One that writes a secret (`secret`) can be applied, and is not reported."""

    title: str
    safety: str
    edits: tuple[Edit, ...]
    secret: bool = False


class Diagnostic(NamedTuple):
    """A finding of a rule at a place, with the source lines that show it."""

    rule: str  # the rule's name
    id: str
    severity: Severity
    confidence: Confidence
    message: str
    place: Place
    lines: tuple[str, ...]  # the lines of the place, from `place.line` on, at most a few
    related: tuple[Note, ...] = ()
    fix: PlacedFix | None = None
    keys: str = ""  # the mapping keys that lead to the place, such as `phases.build.commands`
    anchor: str = ""  # what the baseline knows it by, beside rule and path

    @property
    def called(self) -> str:
        """Its rule's id and name; a rule of another program has one for both."""
        return self.id if self.id == self.rule else f"{self.id} {self.rule}"


class Suppression(NamedTuple):
    """What silences findings of some rules that start from `start` to `end`; `form` says where it is written.

    `touching` ones, at the end of a line, silence what ends there too. One of the configuration has no place; one that
    is no comment has no `removal`. `inner` is the list of rules between the brackets.
    """

    form: str  # comment, script, metadata, configuration
    rules: tuple[str, ...]  # ids and names as written
    start: int
    end: int
    reason: str = ""
    until: str = ""  # the last day on which it holds, as YYYY-MM-DD
    problem: str = ""  # why it silences nothing
    place: Place | None = None
    lines: tuple[str, ...] = ()
    inner: Place | None = None
    removal: Place | None = None
    touching: bool = False


class FileResult(NamedTuple):
    """What is known of one file. `kind` is empty when the file is none of ours; `checked` when rules ran on it.

    `line_hashes`, of the lines up to the last finding's, are there when the settings ask for them.
    """

    path: str
    kind: str
    checked: bool
    diagnostics: tuple[Diagnostic, ...] = ()
    crashed: bool = False
    line_hashes: tuple[str, ...] = ()
    suppressions: tuple[Suppression, ...] = ()
    suppressed: tuple[Diagnostic, ...] = ()


MAX_LINES = 6


def place(path: str, text: Text, span: Span) -> Place:
    """The place of a span in a file's text."""
    start, end = text.position(span.start), text.position(span.end)
    start16, end16 = text.utf16_position(span.start), text.utf16_position(span.end)
    return Place(
        path, span.start, span.end, start.line, start.column, end.line, end.column, start16.column, end16.column
    )


def lines_of(text: Text, where: Place, secrets: Iterable[Span] = ()) -> tuple[str, ...]:
    """The lines that a place covers, at most MAX_LINES, without what looks like a secret and without `secrets`."""
    last = min(where.end_line, where.line + MAX_LINES - 1)
    lines = conceal_lines(text.line(number) for number in range(where.line, last + 1))
    for secret in secrets:
        start, end = text.position(secret.start), text.position(secret.end)
        for number in range(max(start.line, where.line), min(end.line, last) + 1):
            line = lines[number - where.line]
            first = start.column - 1 if number == start.line else 0
            behind = end.column - 1 if number == end.line else len(line)
            lines[number - where.line] = starred(line, first, behind)
    return tuple(lines)
