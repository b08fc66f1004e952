"""Edits of a file: ranges replaced in the text, every other byte kept. Which edits are safe is for others to say."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise

from cilint.source.pattern import lazy
from cilint.source.record import NamedTuple
from cilint.source.text import Span, Text

_LINE_BREAK = lazy(r"\r?\n")


class Edit(NamedTuple):
    """`replacement` for the text in `span`; an empty span inserts. A line break in `replacement` is written "\\n"."""

    span: Span
    replacement: str


class EditConflict(ValueError):
    """Two edits touch the same text, or one leaves the text."""

    def __init__(self, message: str, *edits: Edit) -> None:
        super().__init__(message)
        self.edits = edits


def apply(text: Text, edits: Iterable[Edit]) -> bytes:
    """The bytes of the file after the edits, its byte order mark, encoding and undecodable bytes kept.

    Line breaks in replacements become the file's own. Insertions at one place come in the order given. Raises
    EditConflict when edits overlap or leave the text, and UnicodeEncodeError for a replacement that is no text.
    """
    ordered = sorted(edits, key=lambda edit: edit.span)
    _refuse_conflicts(text, ordered)
    pieces = [text.bom]
    at = 0
    for (start, end), replacement in ordered:
        pieces.append(text.encode(at, start))
        pieces.append(_LINE_BREAK.sub(text.line_end, replacement).encode(text.encoding))
        at = end
    pieces.append(text.encode(at, len(text.content)))
    return b"".join(pieces)


def _refuse_conflicts(text: Text, ordered: list[Edit]) -> None:
    for edit in ordered:
        if not 0 <= edit.span.start <= edit.span.end <= len(text.content):
            raise EditConflict(f"the range {edit.span.start}:{edit.span.end} is not in the text", edit)
    for first, second in pairwise(ordered):
        if second.span.start < first.span.end:
            raise EditConflict(
                f"the edits of {first.span.start}:{first.span.end} and {second.span.start}:{second.span.end} overlap",
                first,
                second,
            )
