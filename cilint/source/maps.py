"""Text inside text: which characters of the file a character of an unquoted, folded, joined text came from.

Here are the maps and how a scalar of each style gets one. What the inner text means is for others.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from typing import Final

from cilint.source.nodes import FOLDED, JSON_STRING, LITERAL, PLAIN, Scalar
from cilint.source.pattern import lazy
from cilint.source.record import NamedTuple
from cilint.source.text import Span, Text
from cilint.source.yaml import UNPRINTABLE

LINEAR: Final = 0
ATOMIC: Final = 1
FOREIGN: Final = 2

_BREAK = r"(?:\r\n|[\n\r\x85\u2028\u2029])"
_BLANKS = " \t\r\n\x85\u2028\u2029"
_FOLD = rf"{_BREAK}(?:[ \t]*{_BREAK})*[ \t]*"
_PLAIN_TOKEN = lazy(_FOLD)
_SINGLE_TOKEN = lazy(rf"''|{_FOLD}")
_DOUBLE_TOKEN = lazy(
    rf"\\(?:x[0-9a-fA-F]{{2}}|u[0-9a-fA-F]{{4}}|U[0-9a-fA-F]{{8}}|{_FOLD}|.)|{_FOLD}",
    re.DOTALL,
)
_JSON_TOKEN = lazy(r"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|\\u[0-9a-fA-F]{4}|\\.", re.DOTALL)
_ONE_BREAK = lazy(_BREAK)
_LINE = lazy(rf"([^\r\n\x85\u2028\u2029]*)({_BREAK}|\Z)")
# libyaml passes over a byte order mark at the start of any line between tokens.
_PROPERTIES = lazy(
    rf"(?:(?:![^{_BLANKS}]*|&[A-Za-z0-9_-]*)(?:(?:{_BREAK}\ufeff|[{_BLANKS}])+(?:#[^\r\n\x85\u2028\u2029]*)?)*)*"
)
_BLOCK_HEADER = lazy(rf"[|>]([-+0-9]*)[^\r\n\x85\u2028\u2029]*{_BREAK}?")
_AFTER_BLOCK = lazy(f"[{_BLANKS}]*")
_FIRST_INDENTATION = lazy(rf"(?:\A|{_BREAK})( *)[^ \r\n\x85\u2028\u2029]")
# A block scalar of blanks alone is tried with this many indentations before it is mapped as a whole.
_MAX_INDENTATION = 64

_YAML_ESCAPES = {
    "0": "\0",
    "a": "\a",
    "b": "\b",
    "t": "\t",
    "\t": "\t",
    "n": "\n",
    "v": "\v",
    "f": "\f",
    "r": "\r",
    "e": "\x1b",
    "N": "\x85",
    "_": "\xa0",
    "L": "\u2028",
    "P": "\u2029",
}
_JSON_ESCAPES = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}


class Segment(NamedTuple):
    """The inner range `start:end` and the outer range `low:high` that it comes from.

    LINEAR: character for character. ATOMIC: as a whole (an escape, a fold). FOREIGN: text that stands nowhere in the
    file, such as the separator of a join; `low:high` is the place to show when a range holds nothing else.
    """

    start: int
    end: int
    low: int
    high: int
    kind: int


class SourceMap:
    """Where each range of an inner text of `length` code points stands in an outer text. Built when first asked."""

    __slots__ = ("_place", "_scalar", "_segments", "_starts", "length")

    def __init__(self, length: int, segments: Sequence[Segment], place: Span) -> None:
        """`segments` cover `0:length` in order without gaps; `place` is where the text stands when it is empty."""
        self.length = length
        self._segments: Sequence[Segment] = segments
        self._starts: list[int] | None = None
        self._place = place
        self._scalar: tuple[str, Scalar] | None = None

    def __repr__(self) -> str:
        return f"SourceMap({self.length}, {self.segments})"

    @staticmethod
    def identity(length: int) -> SourceMap:
        """The map of a text onto itself."""
        return SourceMap(length, (Segment(0, length, 0, length, LINEAR),) if length else (), Span(0, length))

    @staticmethod
    def atomic(length: int, place: Span) -> SourceMap:
        """The map of a text that comes from `place` as a whole, nobody knows how."""
        return SourceMap(length, (Segment(0, length, *place, ATOMIC),) if length else (), place)

    @staticmethod
    def concat(pieces: Iterable[SourceMap | str], anchor: Span | None = None) -> SourceMap:
        """The map of the concatenation of texts: those with a map, and literal ones that stand nowhere in the file.

        A literal text alone is shown at `anchor`, else at the end of the text before it or the start of that after.
        """
        pieces = list(pieces)
        maps = [piece for piece in pieces if isinstance(piece, SourceMap)]
        place = anchor or (maps[0].outer(0, 0) if maps else Span(0, 0))
        build = _Builder("")
        for piece in pieces:
            if isinstance(piece, SourceMap):
                build.extend(piece.slice(0, piece.length))
                place = anchor or piece.outer(piece.length, piece.length)
            else:
                build.add(len(piece), *place, FOREIGN)
        return build.map(anchor or _hull([map.outer(0, map.length) for map in maps]) or place)

    @property
    def segments(self) -> Sequence[Segment]:
        if self._scalar is not None:
            content, scalar = self._scalar
            self._segments = _scalar_segments(content, scalar) or (Segment(0, self.length, *scalar.span, ATOMIC),)
            self._scalar = None
        return self._segments

    def outer(self, start: int, end: int) -> Span:
        """The smallest contiguous outer range that holds everything the inner range `start:end` comes from.

        An empty range gives the place between two characters. Offsets beyond the text are taken as its ends.
        """
        start = min(max(start, 0), self.length)
        end = min(max(end, start), self.length)
        if start == end:
            return self._between(start)
        touched = list(self.slice(start, end))
        own = [Span(segment.low, segment.high) for segment in touched if segment.kind != FOREIGN]
        return _hull(own or [Span(segment.low, segment.high) for segment in touched]) or self._place

    def verbatim(self, start: int, end: int) -> Span | None:
        """The outer range whose characters are those of the inner range, one by one; None when there is no such range.

        Only such a range can be edited as the inner text would be.
        """
        if not 0 <= start <= end <= self.length:
            return None
        if start == end:
            around = self.verbatim(max(start - 1, 0), min(end + 1, self.length)) if self.length else None
            return around and self._between(start)
        touched = list(self.slice(start, end))
        if any(segment.kind != LINEAR for segment in touched):
            return None
        low, high = touched[0].low, touched[-1].high
        adjoining = all(before.high == after.low for before, after in pairwise(touched))
        return Span(low, high) if adjoining else None

    def compose(self, inner: SourceMap) -> SourceMap:
        """The map of a text inside this map's inner text: `inner` leads into it, this map leads on to the file.

        `template_map.compose(command_map)` maps the command to the template's file.
        """
        build = _Builder("")
        for segment in inner.segments:
            if segment.kind == LINEAR:
                build.extend(self.slice(segment.low, segment.high))
            else:
                build.add(segment.end - segment.start, *self.outer(segment.low, segment.high), segment.kind)
        return build.map(self.outer(*inner._place))

    def substituted(self, replacements: Iterable[tuple[Span, str]]) -> SourceMap:
        """The map of the inner text after `replacements` (inner range, new text) in it, for `Fn::Sub`.

        A new text comes from the whole of what it replaces. Raises ValueError when two ranges overlap.
        """
        build = _Builder("")
        at = 0
        for (start, end), text in sorted(replacements):
            if not at <= start <= end <= self.length:
                raise ValueError(f"the range {start}:{end} overlaps another one or leaves the text")
            build.extend(self.slice(at, start))
            build.add(len(text), *self.outer(start, end), ATOMIC)
            at = end
        build.extend(self.slice(at, self.length))
        return build.map(self.outer(0, self.length))

    def slice(self, start: int, end: int) -> Iterator[Segment]:
        """The segments of the inner range, the linear ones cut to it; inner offsets as in the whole."""
        segments = self.segments
        index = self._index(start)
        while start < end:
            segment = segments[index]
            stop = min(segment.end, end)
            low, high = segment.low, segment.high
            if segment.kind == LINEAR:
                low, high = low + start - segment.start, low + stop - segment.start
            yield Segment(start, stop, low, high, segment.kind)
            start = stop
            index += 1

    def _index(self, at: int) -> int:
        """Which segment holds the inner offset."""
        if self._starts is None:
            self._starts = [segment.start for segment in self.segments]
        return bisect_right(self._starts, at) - 1

    def _between(self, at: int) -> Span:
        if not self.length:
            return self._place
        segment = self.segments[self._index(min(at, self.length - 1))]
        if at == self.length:
            return Span(segment.high, segment.high)
        if segment.kind == LINEAR:
            return Span(segment.low + at - segment.start, segment.low + at - segment.start)
        return Span(segment.low, segment.low if at == segment.start else segment.high)


def scalar_map(text: Text, scalar: Scalar) -> SourceMap:
    """The map of `scalar.value` to `text`. What cannot be followed (an alias) maps to the scalar as a whole."""
    if scalar.is_alias:
        return SourceMap.atomic(len(scalar.value), scalar.span)
    result = SourceMap(len(scalar.value), (), Span(value_start(text.content, scalar), scalar.end))
    if scalar.value:
        result._scalar = (text.content, scalar)
    return result


def value_start(content: str, scalar: Scalar) -> int:
    """Where the value starts: past the tag and anchor, comments after them, and a block scalar's header line."""
    start = scalar.start
    if content[start : start + 1] in ("!", "&"):
        properties = _PROPERTIES.match(content, start, scalar.end)
        start = properties.end() if properties else start
    if scalar.style in (LITERAL, FOLDED):
        header = _BLOCK_HEADER.match(content, start)
        start = min(header.end(), scalar.end) if header else start
    return start


def _hull(spans: Sequence[Span]) -> Span | None:
    return Span(min(span.start for span in spans), max(span.end for span in spans)) if spans else None


def _scalar_segments(content: str, scalar: Scalar) -> Sequence[Segment] | None:
    """The segments of a scalar; None when decoding it again does not give its value."""
    start, end, value = scalar.start, scalar.end, scalar.value
    opening = 0 if scalar.style == PLAIN else 1
    if scalar.style not in (LITERAL, FOLDED) and content[start + opening : end - opening] == value:
        return (Segment(0, len(value), start + opening, end - opening, LINEAR),)
    if scalar.style in (LITERAL, FOLDED):
        blanks = _AFTER_BLOCK.match(content, end)
        end = blanks.end() if blanks else end
    raw = content[start:end]
    for decode in (_decode, _decode_readable):
        for build in decode(raw, scalar):
            if "".join(build.parts) == value:
                return build.shifted(start)
    return None


def _decode_readable(raw: str, scalar: Scalar) -> Iterator[_Builder]:
    """What YAML cannot hold, the reader has replaced by a blank."""
    return _decode(UNPRINTABLE.sub(" ", raw), scalar)


def _decode(raw: str, scalar: Scalar) -> Iterator[_Builder]:
    """The readings of a scalar's text; several only where the indentation of a block scalar is not known."""
    properties = _PROPERTIES.match(raw) if scalar.style != JSON_STRING else None
    start = properties.end() if properties else 0
    match scalar.style:
        case "":
            yield _flow(raw, start, len(raw), _PLAIN_TOKEN)
        case "'":
            yield _flow(raw, start + 1, len(raw) - 1, _SINGLE_TOKEN)
        case '"':
            yield _flow(raw, start + 1, len(raw) - 1, _DOUBLE_TOKEN)
        case "j":
            yield _json(raw)
        case _:
            header = _BLOCK_HEADER.match(raw, start)
            if header:
                for indentation in _indentations(raw[header.end() :], scalar.value):
                    yield _block(raw, header, indentation)


class _Builder:
    """Segments in the making, and the text they stand for, both in the offsets of `raw`."""

    __slots__ = ("length", "parts", "raw", "segments")

    def __init__(self, raw: str) -> None:
        self.raw = raw
        self.parts: list[str] = []
        self.segments: list[Segment] = []
        self.length = 0

    def add(self, length: int, low: int, high: int, kind: int) -> None:
        if not length:
            return
        start = self.length
        self.length += length
        if kind == LINEAR and self.segments:
            last = self.segments[-1]
            if last.kind == LINEAR and last.high == low:
                self.segments[-1] = Segment(last.start, self.length, last.low, high, LINEAR)
                return
        self.segments.append(Segment(start, self.length, low, high, kind))

    def extend(self, segments: Iterable[Segment]) -> None:
        for segment in segments:
            self.add(segment.end - segment.start, segment.low, segment.high, segment.kind)

    def copy(self, low: int, high: int) -> None:
        """`raw[low:high]` as it stands."""
        self.parts.append(self.raw[low:high])
        self.add(high - low, low, high, LINEAR)

    def put(self, text: str, low: int, high: int) -> None:
        """`text` for what is written as `raw[low:high]`."""
        self.parts.append(text)
        self.add(len(text), low, high, ATOMIC)

    def line_break(self, low: int, high: int) -> None:
        if self.raw[low:high] in ("\n", "\u2028", "\u2029"):
            self.copy(low, high)
        else:
            self.put("\n", low, high)

    def map(self, place: Span) -> SourceMap:
        return SourceMap(self.length, self.segments, place)

    def shifted(self, by: int) -> list[Segment]:
        return [Segment(start, end, low + by, high + by, kind) for start, end, low, high, kind in self.segments]


def _flow(raw: str, start: int, end: int, token: re.Pattern[str]) -> _Builder:
    """A plain or quoted scalar: lines folded, escapes read."""
    build = _Builder(raw)
    at = start
    for match in token.finditer(raw, start, end):
        low, high = match.span()
        written = match[0]
        if written[0] in "\\'":
            build.copy(at, low)
            if written[0] == "'":
                build.put("'", low, high)
            elif written[1] in "\r\n\x85\u2028\u2029":
                _breaks(build, list(_ONE_BREAK.finditer(raw, low + 1, high))[1:])
            else:
                build.put(_escaped(written), low, high)
        else:
            text_end = at + len(raw[at:low].rstrip(" \t"))
            build.copy(at, text_end)
            breaks = list(_ONE_BREAK.finditer(raw, low, high))
            if breaks[0][0] in "\u2028\u2029":
                _breaks(build, breaks)
            elif len(breaks) == 1:
                build.put(" ", text_end, high)
            else:
                _breaks(build, breaks[1:])
        at = high
    build.copy(at, end)
    return build


def _breaks(build: _Builder, breaks: list[re.Match[str]]) -> None:
    for match in breaks:
        build.line_break(*match.span())


def _escaped(written: str) -> str:
    if len(written) > 2:
        code = int(written[2:], 16)
        return chr(code) if code <= 0x10FFFF else "\ufffd"
    return _YAML_ESCAPES.get(written[1], written[1])


def _json(raw: str) -> _Builder:
    build = _Builder(raw)
    at = 1
    for match in _JSON_TOKEN.finditer(raw, 1, len(raw) - 1):
        build.copy(at, match.start())
        build.put(_json_escaped(match[0]), *match.span())
        at = match.end()
    build.copy(at, len(raw) - 1)
    return build


def _json_escaped(written: str) -> str:
    if len(written) == 2:
        return _JSON_ESCAPES.get(written[1], written[1])
    code = int(written[2:6], 16)
    if len(written) > 6:
        return chr(0x10000 + ((code - 0xD800) << 10) + int(written[8:], 16) - 0xDC00)
    return "\ufffd" if 0xD800 <= code <= 0xDFFF else chr(code)


def _indentations(body: str, value: str) -> Iterator[int]:
    """The indentations a block scalar may have: what its first line of text has more than the value's, else a guess."""
    written, read = _FIRST_INDENTATION.search(body), _FIRST_INDENTATION.search(value)
    if written and read:
        yield len(written[1]) - len(read[1])
    else:
        yield from range(_MAX_INDENTATION, 0, -1)


def _block(raw: str, header: re.Match[str], indentation: int) -> _Builder:
    """A literal or folded scalar: breaks between lines are held back until it is known what follows them."""
    build = _Builder(raw)
    folded = header[0][0] == FOLDED
    held: re.Match[str] | None = None
    blank_lines: list[re.Match[str]] = []
    after_blank = False
    for line in _LINE.finditer(raw, header.end()):
        low, high = line.span(1)
        spaces = min(high - low - len(line[1].lstrip(" ")), indentation)
        if low + spaces == high:
            if not line[2]:
                break
            blank_lines.append(line)
            continue
        if spaces < indentation:
            break
        low += spaces
        starts_blank = raw[low] in " \t"
        if held and folded and held[2] not in "\u2028\u2029" and not after_blank and not starts_blank:
            if not blank_lines:
                build.put(" ", held.start(2), low)
        elif held:
            build.line_break(*held.span(2))
        for blank in blank_lines:
            build.line_break(*blank.span(2))
        build.copy(low, high)
        blank_lines.clear()
        after_blank = starts_blank
        held = line if line[2] else None
    if "-" not in header[1] and held:
        build.line_break(*held.span(2))
    if "+" in header[1]:
        for blank in blank_lines:
            build.line_break(*blank.span(2))
    return build
