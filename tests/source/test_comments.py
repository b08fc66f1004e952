"""Comments: what the reader passes over, and nothing that is part of a value."""

from __future__ import annotations

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from cilint.source.comments import comments
from cilint.source.read import read
from cilint.source.text import Text
from cilint.source.yaml import parse_yaml


def found(source: str, name: str = "x.yml", containing: str = "") -> list[tuple[str, bool]]:
    text = Text(source)
    document = read(text, name)
    result = comments(text, document, containing)
    assert all(source[comment.span.start] in "#/" for comment in result)
    return [(comment.text, comment.own_line) for comment in result]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("# one\na: 1 # two\n  # three", [("one", True), ("two", False), ("three", True)]),
        ("a: b#c\nd: 'x # y'\ne: \"# z\"", []),
        ("a: |  # head\n  # text\n  more # text\n# after\n", [("head", False), ("after", True)]),
        ("a: >-\n  x\n\n# after", [("after", True)]),
        ("a: !!str # why\n  b # end", [("why", False), ("end", False)]),
        ("a: &x # why\n  b: c", [("why", False)]),
        ("a: [1, # one\n  2] # two", [("one", False), ("two", False)]),
        ("{'a': 'b'}#tight", [("tight", False)]),
        ("a: *b # alias\n".replace("*b", "&b 1\nc: *b"), [("alias", False)]),
        ("--- # start\na: 1\n... # end\n--- # again\nb: 2", [("start", False), ("end", False), ("again", False)]),
        ("a: 1 # windows\r\nb: 2", [("windows", False)]),
        ("#\n##  title ##", [("", True), ("title ##", True)]),
        ("a:\n# empty\n", [("empty", True)]),
        ("# alone", [("alone", True)]),
        ("", []),
    ],
)
def test_yaml(source: str, expected: list[tuple[str, bool]]) -> None:
    assert found(source) == expected


def test_json() -> None:
    source = '// one\n{"a": "// no", /* two\n */ "b#": 1} # three'
    assert found(source, "x.json") == [("one", True), ("two", False), ("three", False)]


def test_marks_in_values_do_not_hide_comments() -> None:
    source = '{"a": "arn:aws:s3:::bucket/*", "b": "https://x/#y" /* said */}'
    assert found(source, "x.json") == [("said", False)]


def test_only_those_that_are_asked_for() -> None:
    source = "a: 1 # cilint: ignore\nb: 'cilint: x' # other"
    assert found(source, containing="cilint:") == [("cilint: ignore", False)]
    assert found("a: 1 # other", containing="cilint:") == []


def test_where_nothing_is_asked_for_the_tree_is_not_walked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cilint.source.comments.walk", lambda _: pytest.fail("walked"))
    assert found("a: 1 # other", containing="cilint:") == []


def test_a_file_that_cannot_be_read_has_the_comments_before_its_first_value() -> None:
    """Behind it, a `#` may as well stand in a text that was meant to be quoted."""
    assert found("# cilint: skip\n---\n# x\na: [1 # no\nb: ]") == [("cilint: skip", True), ("x", True)]
    assert found("// x\n{'a': 1 // no\n}", "x.json") == [("x", True)]
    assert found("a: 1 # one\n---\n# two\n[1 # no") == [("one", False), ("two", True)]


@given(st.text(alphabet="ab \n\r'\"\\|>+-2#:&!*[]{},", max_size=40))
def test_without_its_comments_a_document_reads_the_same(source: str) -> None:
    text = Text(source)
    document = parse_yaml(text)
    if document.problems:
        return
    without = list(source)
    for comment in comments(text, document):
        without[comment.span.start : comment.span.end] = " " * (comment.span.end - comment.span.start)
    blanked = "".join(without)
    assert values(blanked) == values(source)
    assert not comments(Text(blanked), parse_yaml(Text(blanked)))


def values(source: str) -> list[tuple[str, object]]:
    events = yaml.parse(source, Loader=yaml.CLoader)
    return [(type(event).__name__, getattr(event, "value", None)) for event in events]
