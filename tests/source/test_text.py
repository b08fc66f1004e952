"""The text of a file: any bytes decode, and every offset has a line, a column, UTF-16 units and a byte."""

from __future__ import annotations

import codecs
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cilint.source.text import Text, decode

LINES = st.text(alphabet="ab\n\r\t\xe9\u20ac\U0001f600\x85\u2028", max_size=30)
ENCODINGS = [
    ("utf-8", b""),
    ("utf-8", codecs.BOM_UTF8),
    ("utf-16-le", codecs.BOM_UTF16_LE),
    ("utf-16-be", codecs.BOM_UTF16_BE),
    ("utf-32-le", codecs.BOM_UTF32_LE),
    ("utf-32-be", codecs.BOM_UTF32_BE),
]


def test_positions_are_one_based() -> None:
    text = Text("ab\ncd")
    assert [text.position(offset) for offset in (0, 2, 3, 5)] == [(1, 1), (1, 3), (2, 1), (2, 3)]


@given(LINES, st.data())
def test_positions_equal_those_counted_by_hand(content: str, data: st.DataObject) -> None:
    text = Text(content)
    offset = data.draw(st.integers(0, len(content)))
    line, column = 1, 1
    for at in range(offset):
        if content[at] == "\n" or (content[at] == "\r" and content[at + 1 : at + 2] != "\n"):
            line, column = line + 1, 1
        else:
            column += 1
    assert text.position(offset) == (line, column)


@given(LINES, st.data())
def test_utf16_columns_are_code_units(content: str, data: st.DataObject) -> None:
    text = Text(content)
    offset = data.draw(st.integers(0, len(content)))
    position = text.position(offset)
    before = content[offset - position.column + 1 : offset]
    assert text.utf16_position(offset) == (position.line, len(before.encode("utf-16-le")) // 2 + 1)


@given(LINES)
def test_lines_come_without_their_breaks(content: str) -> None:
    text = Text(content)
    lines = re.split("\r\n|\n|\r", content)
    assert [text.line(number) for number in range(1, len(lines) + 1)] == lines
    assert text.line(0) == text.line(len(lines) + 1) == ""


@pytest.mark.parametrize(("encoding", "bom"), ENCODINGS)
@given(content=LINES, data=st.data())
def test_byte_offsets_point_into_the_file(encoding: str, bom: bytes, content: str, data: st.DataObject) -> None:
    file = bom + content.encode(encoding)
    text = decode(file)
    assert (text.content, text.encoding, text.bom) == (content, encoding, bom)
    offset = data.draw(st.integers(0, len(content)))
    assert file[: text.byte_offset(offset)] == bom + content[:offset].encode(encoding)


@given(st.binary() | LINES.map(str.encode), st.sampled_from([bom for _, bom in ENCODINGS]))
def test_any_bytes_decode_and_encode_back(data: bytes, bom: bytes) -> None:
    text = decode(bom + data)
    assert text.bom + text.encode(0, len(text.content)) == bom + data
    text.content.encode("utf-8")  # no surrogates: what is printed can be printed
    assert [text.content[offset] for offset in text.undecodable] == ["\ufffd"] * len(text.undecodable)


def test_each_undecodable_byte_is_one_replacement_character() -> None:
    text = decode(b"a: \xe9\xff\nb: \xf0\x9f\x98")
    assert text.content == "a: \ufffd\ufffd\nb: \ufffd\ufffd\ufffd"
    assert text.undecodable == (3, 4, 9, 10, 11)
    assert text.byte_offset(5) == 5


def test_a_replacement_character_that_was_written_is_not_undecodable() -> None:
    assert decode("\ufffd".encode()).undecodable == ()


def test_half_a_unit_of_utf16_is_undecodable() -> None:
    text = decode(codecs.BOM_UTF16_LE + "a\n".encode("utf-16-le") + b"\x00\xd8b")
    assert (text.content, text.undecodable) == ("a\n\ufffd\ufffd\ufffd", (2, 3, 4))


@pytest.mark.parametrize(
    ("content", "line_end"),
    [("", "\n"), ("a", "\n"), ("a\nb\r\n", "\n"), ("a\r\nb\r\nc\n", "\r\n"), ("a\rb\r", "\r")],
)
def test_the_line_end_is_that_of_most_lines(content: str, line_end: str) -> None:
    assert Text(content).line_end == line_end
