"""The scripts of a file's builds as another program can read them, and the way back from each character to the file.

With version 0.2 a build is one script, with 0.1 each command is. What a checker of scripts could only read by itself is
a script of its own: a command with a syntax error, what `bash -c` and a heredoc hand to another shell.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator
from typing import Final

from cilint.model.buildspec import Buildspec, Command
from cilint.model.intrinsics import is_intrinsic
from cilint.model.kinds import recognise
from cilint.model.subjects import MODULES, units
from cilint.model.unit import Unit
from cilint.shell.dialect import is_posix, names_a_shell
from cilint.shell.script import SimpleCommand
from cilint.shell.words import SINGLE
from cilint.source.nodes import Document
from cilint.source.record import NamedTuple
from cilint.source.text import Span

KINDS: Final = frozenset(["buildspec", "template", "codebuild-project"])
"""Kinds of files that hold builds."""

_DIRECTIVES: Final = re.compile(r"(?:[ \t]*(?:#.*)?\n)*[ \t]*#[ \t]*shellcheck[ \t].*\n(?:[ \t]*(?:#.*)?\n)*")
_NOTHING: Final = ":\n"


class Piece(NamedTuple):
    """A part of a script, from `start` on, that stands in the file: a command's text from `offset` on."""

    start: int
    end: int
    command: Command
    offset: int


class Script(NamedTuple):
    """A script for one shell.

    `outward` leads on from the text that the buildspec stands in to the file's. `surely`: the file is a build's beyond
    doubt. `unreadable`: our grammar sees a syntax error, too. `whole`: it is made of whole commands, not of a part.
    """

    dialect: str
    text: str
    pieces: tuple[Piece, ...]
    outward: Callable[[Span], Span] | None
    surely: bool
    unreadable: bool = False
    whole: bool = True

    def piece(self, at: int) -> Piece | None:
        """The piece that holds a character; None where the script has something that no command says."""
        index = bisect_right(self.pieces, at, key=lambda piece: piece.start) - 1
        piece = self.pieces[index] if index >= 0 else None
        return piece if piece and at <= piece.end else None

    def place(self, span: Span) -> Span | None:
        """Where a range of the script stands in the file's text; it ends with the piece that it starts in."""
        piece = self.piece(span.start)
        if piece is None:
            return None
        by = piece.offset - piece.start
        found = piece.command.place(Span(span.start + by, min(span.end, piece.end) + by))
        return self.outward(found) if self.outward else found

    def holds(self, offset: int) -> bool:
        """Whether a place of the file lies within the commands of the script, or between them."""
        places = [self.place(Span(piece.start, piece.end)) for piece in self.pieces]
        spans = [place for place in places if place is not None]
        return bool(spans) and min(each.start for each in spans) <= offset <= max(each.end for each in spans)

    def simple(self, at: int) -> SimpleCommand | None:
        """The innermost simple command that starts at or before a character and holds it."""
        piece = self.piece(at)
        if piece is None:
            return None
        at += piece.offset - piece.start
        holding = [each for each in piece.command.parsed.commands if each.start <= at < max(each.end, each.start + 1)]
        return max(holding, key=lambda each: each.start, default=None)


def scripts(document: Document, path: str) -> Iterator[Script]:
    """The scripts of all builds in a file that run in sh or bash."""
    recognised = recognise(document, path)
    if recognised is None or recognised.kind not in MODULES:
        return
    for unit in units(document, recognised.kind, path, recognised.fragment):
        if isinstance(unit.view, Buildspec):
            yield from _of_build(unit.view, unit)


def _of_build(buildspec: Buildspec, unit: Unit) -> Iterator[Script]:
    shell = buildspec.env.shell.value if buildspec.env and buildspec.env.shell else None
    if not is_posix(buildspec.dialect) or (shell and not names_a_shell(shell)):
        return
    for each in buildspec.shells:
        yield from _of_shell(each.commands, buildspec.dialect, unit)


def _of_shell(commands: Iterable[Command], dialect: str, unit: Unit) -> Iterator[Script]:
    build = _Build()
    alone: list[Script] = []
    for command in commands:
        if is_intrinsic(command.scalar):
            build.say(_NOTHING)
        elif command.parsed.has_error:
            build.say(_NOTHING)
            alone.append(_alone(command, dialect, unit.outward, not unit.fragment))
        else:
            build.add(command)
            alone += (_part(command, span, shell, unit) for shell, span in _handed_on(command))
    yield build.script(dialect, unit.outward, not unit.fragment)
    yield from alone


def apart(command: Command, script: Script) -> Script:
    """The script of one command of a script."""
    return _alone(command, script.dialect, script.outward, script.surely)


def _alone(command: Command, dialect: str, outward: Callable[[Span], Span] | None, surely: bool) -> Script:
    build = _Build()
    build.add(command)
    return build.script(dialect, outward, surely)._replace(unreadable=command.parsed.has_error)


def _part(command: Command, span: Span, dialect: str, unit: Unit) -> Script:
    """The script of a part of a command."""
    piece = Piece(0, span.end - span.start, command, span.start)
    text = command.script[span.start : span.end] + "\n"
    return Script(dialect, text, (piece,), unit.outward, not unit.fragment, whole=False)


def _handed_on(command: Command) -> Iterator[tuple[str, Span]]:
    """The texts that a command hands to another shell as they stand: `bash -c '…'`, `sh <<'END'`."""
    for simple in command.parsed.commands:
        if simple.name not in ("sh", "bash"):
            continue
        for flag, word in zip(simple.args, simple.args[1:], strict=False):
            if flag.raw[:1] == "-" and flag.raw[-1:] == "c" and [part.kind for part in word.parts] == [SINGLE]:
                if word.raw[:1] == "'":
                    yield simple.name, Span(word.start + 1, word.end - 1)
                break
        for redirect in simple.redirects:
            if redirect.heredoc is not None and redirect.heredoc.quoted and redirect.operator == "<<":
                yield simple.name, Span(redirect.heredoc.start, redirect.heredoc.end)


class _Build:
    """A script in the making."""

    def __init__(self) -> None:
        self.parts: list[str] = []
        self.pieces: list[Piece] = []
        self.length = 0

    def say(self, text: str) -> None:
        self.parts.append(text)
        self.length += len(text)

    def copy(self, command: Command, start: int, end: int) -> None:
        self.pieces.append(Piece(self.length, self.length + end - start, command, start))
        self.say(command.script[start:end])
        self.say("\n")

    def add(self, command: Command) -> None:
        """A command. Directives for shellcheck at the top of it speak of the whole of it, and of nothing else."""
        directives = _DIRECTIVES.match(command.script)
        if directives is None or command.parsed.has_error or not command.parsed.commands:
            self.copy(command, 0, len(command.script))
            return
        self.copy(command, 0, directives.end())
        self.say("{\n")
        self.copy(command, directives.end(), len(command.script))
        self.say("}\n")

    def script(self, dialect: str, outward: Callable[[Span], Span] | None, surely: bool) -> Script:
        return Script(dialect, "".join(self.parts), tuple(self.pieces), outward, surely)
