"""Edits change their ranges and keep every other byte."""

from __future__ import annotations

import codecs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cilint.source.edits import Edit, EditConflict, apply
from cilint.source.text import Span, decode

BOMS = [b"", codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE, codecs.BOM_UTF32_LE]


def test_replace_insert_and_delete() -> None:
    text = decode(b"mode: 0644 # why")
    edits = [Edit(Span(6, 6), '"'), Edit(Span(10, 16), ""), Edit(Span(10, 10), '"')]
    assert apply(text, edits) == b'mode: "0644"'


def test_line_breaks_become_those_of_the_file() -> None:
    text = decode(b"a: 1\r\nb: 2\r\n")
    assert apply(text, [Edit(Span(6, 6), "x: 3\ny: 4\r\n")]) == b"a: 1\r\nx: 3\r\ny: 4\r\nb: 2\r\n"


def test_byte_order_mark_encoding_and_bad_bytes_stay() -> None:
    assert (
        apply(decode(b"\xef\xbb\xbfa\xff\xe9\nb"), [Edit(Span(4, 5), "\u20ac")])
        == b"\xef\xbb\xbfa\xff\xe9\n\xe2\x82\xac"
    )
    utf16 = codecs.BOM_UTF16_BE + "a: \U0001f600".encode("utf-16-be") + b"\xd8"
    assert (
        apply(decode(utf16), [Edit(Span(0, 1), "\xe9")])
        == codecs.BOM_UTF16_BE + "\xe9: \U0001f600".encode("utf-16-be") + b"\xd8"
    )


def test_insertions_at_one_place_keep_their_order() -> None:
    assert apply(decode(b"ad"), [Edit(Span(1, 1), "b"), Edit(Span(1, 1), "c")]) == b"abcd"


def test_edits_side_by_side_do_not_overlap() -> None:
    assert apply(decode(b"abc"), [Edit(Span(1, 2), "y"), Edit(Span(0, 1), "x"), Edit(Span(2, 2), "-")]) == b"xy-c"


@pytest.mark.parametrize("spans", [[(0, 2), (1, 3)], [(0, 3), (1, 1)], [(0, 2), (0, 2)], [(2, 5)], [(-1, 0)], [(2, 1)]])
def test_refuses_what_overlaps_or_leaves_the_text(spans: list[tuple[int, int]]) -> None:
    edits = [Edit(Span(*span), "x") for span in spans]
    with pytest.raises(EditConflict) as error:
        apply(decode(b"abcd"), edits)
    assert set(error.value.edits) <= set(edits)


@given(st.sampled_from(BOMS), st.binary(max_size=40) | st.text(max_size=20).map(str.encode), st.data())
def test_all_other_bytes_stay(bom: bytes, data: bytes, draw: st.DataObject) -> None:
    text = decode(bom + data)
    length = len(text.content)
    cuts = sorted(draw.draw(st.lists(st.integers(0, length), max_size=6)))
    edits = [
        Edit(Span(a, b), draw.draw(st.text("ab\xe9\U0001f600", max_size=3)))
        for a, b in zip(cuts[::2], cuts[1::2], strict=False)
    ]
    expected, at = bytearray(bom), 0
    for (start, end), replacement in edits:
        expected += (bom + data)[text.byte_offset(at) : text.byte_offset(start)] + replacement.encode(text.encoding)
        at = end
    expected += (bom + data)[text.byte_offset(at) :]
    assert apply(text, edits) == bytes(expected)


@given(st.sampled_from(BOMS), st.binary(max_size=60))
def test_no_edit_changes_nothing(bom: bytes, data: bytes) -> None:
    assert apply(decode(bom + data), []) == bom + data
