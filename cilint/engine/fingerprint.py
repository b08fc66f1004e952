"""What names a finding over time: the hash of its line as GitHub code scanning computes it, and the keys that lead to
its place. Matching findings with those of another run is the baseline's work."""

from __future__ import annotations

import sys
from array import array
from operator import mul
from typing import Final

from cilint.source.nodes import Document, Mapping, Node, Sequence
from cilint.source.text import Span

_WINDOW: Final = 100
_MASK: Final = (1 << 64) - 1
_POWERS: Final = tuple(pow(37, _WINDOW - 1 - place, 1 << 64) for place in range(_WINDOW))
_END_OF_FILE: Final = 0xFFFF
_LINE_FEED: Final = 10


def line_hashes(data: bytes, last: int) -> tuple[str, ...]:
    """`primaryLocationLineHash` of the lines 1 to `last` of a file, such as `c129715d7a2bc9a3:1`.

    The hash covers the 100 UTF-16 units from the line's start on, blanks and tabs left out, so re-indenting keeps it;
    the number counts equal hashes from the top of the file. Algorithm: github/codeql-action, src/fingerprints.ts.
    """
    units = _units(data)
    seen: dict[str, int] = {}
    hashes: list[str] = []
    start = 0
    while len(hashes) < last:
        value = f"{sum(map(mul, units[start : start + _WINDOW], _POWERS)) & _MASK:x}"
        seen[value] = seen.get(value, 0) + 1
        hashes.append(f"{value}:{seen[value]}")
        try:
            start = units.index(_LINE_FEED, start) + 1
        except ValueError:
            break
    return tuple(hashes)


def _units(data: bytes) -> array[int]:
    """The UTF-16 units that count, line ends as LF, with an end mark and zeros for the last windows."""
    text = data.decode("utf-8", "replace").replace("\r\n", "\n").replace("\r", "\n")
    text = text.replace(" ", "").replace("\t", "")
    units = array("H")
    units.frombytes(text.encode("utf-16-le" if sys.byteorder == "little" else "utf-16-be"))
    units.append(_END_OF_FILE)
    units.extend([0] * _WINDOW)
    return units


def keys(document: Document, span: Span) -> str:
    """The mapping keys that lead to the innermost value around a span, joined by dots; items have no number.

    What it gives holds no value of the file, so no secret, and survives edits elsewhere.
    """
    root = next((each for each in reversed(document.roots) if each.start <= span.start), document.root)
    found: list[str] = []
    while root is not None:
        inner: Node | None = None
        if isinstance(root, Mapping):
            around = [entry for entry in root.entries if not entry.merged and entry.key.start <= span.start]
            if around and max(around[-1].key.end, around[-1].value.end) >= span.end:
                found.append(around[-1].name)
                inner = around[-1].value if around[-1].value.start <= span.start else None
        elif isinstance(root, Sequence):
            items = [item for item in root.items if item.start <= span.start]
            inner = items[-1] if items and items[-1].end >= span.end else None
        root = inner
    return ".".join(found)
