"""Words of a command and the parts they are made of. How they are read from a tree is in `reader`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from cilint.source.record import NamedTuple

LITERAL: Final = "literal"
SINGLE: Final = "single"
DOUBLE: Final = "double"
GLOB: Final = "glob"
EXPANSION: Final = "expansion"
COMMAND: Final = "command-substitution"
PROCESS: Final = "process-substitution"
ARITHMETIC: Final = "arithmetic"
ARRAY: Final = "array"

_FIXED: Final = frozenset((LITERAL, SINGLE, DOUBLE, GLOB))


class Part(NamedTuple):
    """A piece of a word.

    `text` is the value of a literal, single, double (literal text within double quotes) or glob part, quotes and
    escapes removed, and what is written for the other kinds. `name` is the variable that an expansion gives,
    `names` all that are read for it (`${A:-$B}` reads A and B; so does `$((A + B))`). `quoted`: within double quotes.
    """

    kind: str
    start: int
    end: int
    text: str
    name: str = ""
    names: tuple[str, ...] = ()
    quoted: bool = False


class Word(NamedTuple):
    """A word as written (`raw`, at `start` to `end` in code points of the script) and its parts."""

    raw: str
    start: int
    end: int
    parts: tuple[Part, ...]

    @property
    def text(self) -> str | None:
        """The value, when the shell expands no variable, command or arithmetic in it; a glob stands as its pattern."""
        if all(part.kind in _FIXED for part in self.parts):
            return "".join(part.text for part in self.parts)
        return None

    @property
    def names(self) -> tuple[str, ...]:
        """The variables read in the word itself; those that a command substitution reads belong to its commands."""
        return tuple(name for part in self.parts for name in part.names)

    def has(self, kind: str) -> bool:
        return any(part.kind == kind for part in self.parts)

    def drop(self, count: int) -> Word:
        """The word without its first `count` characters, which must be unquoted literal text (`--flag=`)."""
        first, *rest = self.parts
        start = self.start + count
        kept = () if first.end == start else (first._replace(start=start, text=first.text[count:]),)
        return Word(self.raw[count:], start, self.end, (*kept, *rest))

    def value(self, variables: Mapping[str, str]) -> str | None:
        """The value when the variables have these values; None when something else is expanded in it too."""
        values = []
        for part in self.parts:
            value = part.text if part.kind in _FIXED else _expanded(part, variables)
            if value is None:
                return None
            values.append(value)
        return "".join(values)


def _expanded(part: Part, variables: Mapping[str, str]) -> str | None:
    value = variables.get(part.name) if part.kind == EXPANSION else None
    if value is None or part.text in _plain(part.name) or (value and _defaulted(part)):
        return value
    return None


def _plain(name: str) -> tuple[str, str]:
    return f"${name}", f"${{{name}}}"


def _defaulted(part: Part) -> bool:
    """`${X:-…}`, `${X:=…}`, `${X:?…}` and the forms without the colon: X itself wherever X has a value."""
    return part.text[len(part.name) + 2 :].lstrip(":")[:1] in ("-", "=", "?")
