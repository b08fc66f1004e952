"""A source line made fit for a terminal: no control characters, tabs as blanks, cut around a span, in columns."""

from __future__ import annotations

from typing import Final

from cilint.source.record import NamedTuple

_TAB: Final = "    "
_UNPRINTABLE: Final = "\ufffd"
_ELLIPSIS: Final = "…"
_LEAST: Final = 20
_BREAKS: Final = str.maketrans("\n\r\t", "   ")


class Cut(NamedTuple):
    """What to show, and in columns: where the span starts and how wide it is."""

    shown: str
    before: int
    marked: int


def inline(text: str) -> str:
    """A text in one line without control characters, escape sequences or marks that reorder it."""
    return _printable(text.translate(_BREAKS))


def cut(line: str, start: int, end: int, room: int) -> Cut:
    """`line` in at most `room` columns, with as much of the characters `start` to `end` as fits.

    A side that is cut ends in an ellipsis. Less than 20 columns are not tried for.
    """
    room = max(room, _LEAST)
    near = max(0, start - room)
    cells = [_cell(char) for char in line[near : start + room + 1]]
    widths = [width(cell) for cell in cells]
    first, last = 0, len(cells)
    if near or start + room + 1 < len(line) or sum(widths) > room:
        first = _back(widths, start - near, room // 3)
        last = _forth(widths, first, room - 2)
    left = _ELLIPSIS if near + first > 0 else ""
    right = _ELLIPSIS if near + last < len(line) else ""
    inside = max(first, min(last, end - near))
    return Cut(
        left + "".join(cells[first:last]) + right,
        len(left) + sum(widths[first : start - near]),
        sum(widths[start - near : inside]),
    )


def _back(widths: list[int], start: int, room: int) -> int:
    """The first cell to show, so that at most `room` columns stand before `start`."""
    while start > 0 and widths[start - 1] <= room:
        start -= 1
        room -= widths[start]
    return start


def _forth(widths: list[int], first: int, room: int) -> int:
    """One past the last cell that fits into `room` columns from `first` on."""
    while first < len(widths) and widths[first] <= room:
        room -= widths[first]
        first += 1
    return first


def _cell(char: str) -> str:
    return _TAB if char == "\t" else _printable(char)


def _printable(text: str) -> str:
    return text if text.isprintable() else "".join(char if char.isprintable() else _UNPRINTABLE for char in text)


def width(text: str) -> int:
    """Columns on a terminal: East Asian wide characters and emoji take two, combining marks none."""
    if text.isascii():
        return len(text)
    from unicodedata import category, east_asian_width

    return sum(0 if category(char) in ("Mn", "Me") else 2 if east_asian_width(char) in "WF" else 1 for char in text)
