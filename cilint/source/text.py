"""The text of a file: decoded once, addressed in code points, measured in lines, UTF-16 units and bytes at the edge.

What a parser reads is `content`; nothing here knows YAML, JSON or AWS.
"""

from __future__ import annotations

import codecs
from bisect import bisect_right

from cilint.source.pattern import lazy
from cilint.source.record import NamedTuple

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_LINE_BREAK = lazy(r"\r\n|\n|\r")
_UNDECODABLE = lazy("[\ud800-\udfff]")
_UNDECODABLE_RUN = lazy("([\udc00-\udcff]+)")
_AS_SURROGATES = "cilint.surrogates"
_REPLACEMENT = "\ufffd"


class Span(NamedTuple):
    """A half-open range of code points in one text."""

    start: int
    end: int


class Position(NamedTuple):
    """A place for people: line and column, both 1-based, the column in the unit that was asked for."""

    line: int
    column: int


class Text:
    """A file's text.

    `content` is the text without its byte order mark, each undecodable byte standing as one U+FFFD.
    Offsets are code points of `content`; `position`, `utf16_position` and `byte_offset` translate them.
    """

    __slots__ = ("_exact", "_line_starts", "bom", "content", "encoding")

    def __init__(self, exact: str, encoding: str = "utf-8", bom: bytes = b"") -> None:
        self._exact = exact
        self._line_starts: list[int] | None = None
        self.encoding = encoding
        self.bom = bom
        self.content = exact if exact.isascii() else _UNDECODABLE.sub(_REPLACEMENT, exact)

    @property
    def undecodable(self) -> tuple[int, ...]:
        """Offsets of the bytes that are not valid in the file's encoding."""
        if self.content is self._exact or self.content == self._exact:
            return ()
        return tuple(match.start() for match in _UNDECODABLE.finditer(self._exact))

    @property
    def line_starts(self) -> list[int]:
        """Offset of the first code point of each line; a line ends in LF, CRLF or CR."""
        if self._line_starts is None:
            self._line_starts = [0, *(match.end() for match in _LINE_BREAK.finditer(self.content))]
        return self._line_starts

    def position(self, offset: int) -> Position:
        """Line and column of `offset`, the column in code points."""
        starts = self.line_starts
        line = bisect_right(starts, offset)
        return Position(line, offset - starts[line - 1] + 1)

    def utf16_position(self, offset: int) -> Position:
        """Line and column of `offset`, the column in UTF-16 code units (SARIF, LSP)."""
        starts = self.line_starts
        line = bisect_right(starts, offset)
        before = self.content[starts[line - 1] : offset]
        units = len(before) if before.isascii() else len(before.encode("utf-16-le", "surrogatepass")) // 2
        return Position(line, units + 1)

    def byte_offset(self, offset: int) -> int:
        """Offset of the byte in the file at which the code point `offset` starts, its byte order mark counted."""
        if self.encoding == "utf-8" and self._exact.isascii():
            return len(self.bom) + min(offset, len(self._exact))
        return len(self.bom) + len(self.encode(0, offset))

    def encode(self, start: int, end: int) -> bytes:
        """The bytes of the file between two offsets, the undecodable ones as they were."""
        # With the pattern's group, every second piece is a run of bytes that could not be decoded.
        pieces = _UNDECODABLE_RUN.split(self._exact[start:end])
        return b"".join(
            bytes(ord(char) & 0xFF for char in piece) if index % 2 else piece.encode(self.encoding, "replace")
            for index, piece in enumerate(pieces)
        )

    @property
    def line_end(self) -> str:
        """The line break that most lines of the file end in; LF where there is none."""
        crlf = self.content.count("\r\n")
        lf = self.content.count("\n") - crlf
        cr = self.content.count("\r") - crlf
        most = max(crlf, lf, cr)
        if most == lf:
            return "\n"
        return "\r\n" if most == crlf else "\r"

    def line(self, number: int) -> str:
        """The text of a line (1-based) without its line break; empty past the end."""
        starts = self.line_starts
        if not 1 <= number <= len(starts):
            return ""
        end = starts[number] if number < len(starts) else len(self.content)
        return self.content[starts[number - 1] : end].rstrip("\r\n")


def decode(data: bytes) -> Text:
    """Decode a file: by its byte order mark, else as UTF-8. Never raises; what is undecodable stays addressable."""
    for bom, encoding in _BOMS:
        if data.startswith(bom):
            return Text(_decode(data[len(bom) :], encoding), encoding, bom)
    return Text(_decode(data, "utf-8"))


def _decode(data: bytes, encoding: str) -> str:
    return data.decode(encoding, _AS_SURROGATES)


def _as_surrogates(error: UnicodeError) -> tuple[str, int]:
    """Each undecodable byte as U+DC00 plus the byte, which no decoded text holds; `Text.encode` turns them back."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return "".join(chr(0xDC00 + byte) for byte in error.object[error.start : error.end]), error.end


codecs.register_error(_AS_SURROGATES, _as_surrogates)
