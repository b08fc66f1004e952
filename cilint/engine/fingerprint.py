"""What names a finding over time: the hash of its line as GitHub code scanning computes it, the keys that lead to its
place, and its anchor. Matching findings with those of another run is the baseline's work."""

from __future__ import annotations

import sys
from array import array
from operator import mul
from typing import Final

from cilint.catalog.secrets import conceal_credentials
from cilint.source.nodes import Document, Mapping, Node, Scalar, Sequence
from cilint.source.pattern import lazy
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


_NAMING: Final = ("Sid", "Name", "name", "Id", "id", "identifier", "location", "source", "object")
_ACTION: Final = lazy(r"\*|[a-z0-9-]{2,40}:[A-Z*?][A-Za-z*?]{0,60}")
_COMMAND: Final = lazy(r"[a-z][\w.-]{0,30}(?=\s)")
_OPTION: Final = lazy(r"(?<=\s)--[a-z][a-z-]*")
_SENSITIVE: Final = lazy(r"secret|credential|password|passwd|token|private-key|plaintext")
MAX_NAME: Final = 60


def keys(document: Document, span: Span) -> str:
    """The mapping keys that lead to the innermost value around a span, joined by dots; items have no number.

    What it gives holds no value of the file, so no secret, and survives edits elsewhere.
    """
    return ".".join(step for step, is_key in _way(document, span) if is_key)


def anchor(document: Document, span: Span, rule: str) -> str:
    """Where a finding is by structure, and what it names there: `Statement[Deploy].Action iam:PassRole`.

    Items of lists count by their names where they have one; of a command there is its first word and its long options.
    No number, no line and no value that could be a secret: of rules about secrets not even a word.
    """
    way = _way(document, span)
    steps = ""
    for step, is_key in way:
        steps += (f".{step}" if steps else step) if is_key else f"[{step}]" if step else ""
    token = _token(document.text.content, span, bool(_SENSITIVE.search(rule)))
    return steps if way and token == way[-1][0] else f"{steps} {token}".strip()


def _way(document: Document, span: Span) -> list[tuple[str, bool]]:
    """The keys on the way to a span, each with True, and the names of the list's items between, with False."""
    root = next((each for each in reversed(document.roots) if each.start <= span.start), document.root)
    found: list[tuple[str, bool]] = []
    while root is not None:
        inner: Node | None = None
        if isinstance(root, Mapping):
            around = [entry for entry in root.entries if not entry.merged and entry.key.start <= span.start]
            if around and max(around[-1].key.end, around[-1].value.end) >= span.end:
                found.append((around[-1].name, True))
                inner = around[-1].value if around[-1].value.start <= span.start else None
        elif isinstance(root, Sequence):
            items = [item for item in root.items if item.start <= span.start]
            inner = items[-1] if items and items[-1].end >= span.end else None
            if inner is not None:
                found.append((_name(inner), False))
        root = inner
    return found


def _name(item: Node) -> str:
    """What an item of a list is called; empty when it has no name."""
    if isinstance(item, Mapping):
        for key in _NAMING:
            value = item.get(key)
            if isinstance(value, Scalar) and value.value:
                return conceal_credentials(" ".join(value.value.split()))[:MAX_NAME]
    return ""


def _token(content: str, span: Span, sensitive: bool) -> str:
    """The word that a finding points at, when it is surely no secret."""
    text = content[span.start : span.end].strip("\"' ")
    if content[span.end : span.end + 2].lstrip("\"'").startswith(":") and len(text) <= MAX_NAME and text.isprintable():
        return text
    if sensitive:
        return ""
    if _ACTION.fullmatch(text):
        return text
    command = _COMMAND.match(text)
    return " ".join([command[0], *_OPTION.findall(text)][:5]) if command else ""
