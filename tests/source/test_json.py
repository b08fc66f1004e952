"""The JSON reader: the same values as the standard library, exact spans, and a word on each mistake people make."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cilint.source.json import parse_json
from cilint.source.nodes import JSON_STRING, PLAIN, Document, Mapping, Node, Scalar, Sequence, walk
from cilint.source.text import Text, decode
from cilint.source.yaml import MAX_DEPTH

JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


def read(source: str) -> Document:
    return parse_json(Text(source))


def plain(node: Node | None) -> Any:
    """The node as Python data, by the standard library for the scalars."""
    match node:
        case Mapping():
            return {entry.name: plain(entry.value) for entry in node.entries}
        case Sequence():
            return [plain(item) for item in node.items]
        case Scalar(style="j"):
            return node.value
        case Scalar():
            return json.loads(node.value)
    raise AssertionError(node)


def said(source: str) -> list[tuple[str, str]]:
    """What is reported: the text each problem points at, and its message."""
    return [(source[problem.span.start : problem.span.end], problem.message) for problem in read(source).problems]


@given(JSON_VALUES, st.sampled_from([None, 2, "\t"]), st.booleans())
def test_values_equal_those_of_the_standard_library(value: Any, indent: int | str | None, ascii_only: bool) -> None:
    source = json.dumps(value, indent=indent, ensure_ascii=ascii_only)
    document = read(source)
    assert document.problems == ()
    assert plain(document.root) == json.loads(source)


@given(JSON_VALUES, st.booleans())
def test_the_span_of_each_node_reads_as_that_node(value: Any, ascii_only: bool) -> None:
    source = json.dumps(value, indent=1, ensure_ascii=ascii_only)
    root = read(source).root
    assert root is not None
    for node in walk(root):
        assert json.loads(source[node.start : node.end]) == plain(node)


def test_a_string_carries_its_quotes_in_its_span_and_a_number_is_plain() -> None:
    root = read('{"a": [1.5e3, "x"]}').root
    assert isinstance(root, Mapping)
    key, items = root.entries[0].key, root.get("a")
    assert isinstance(key, Scalar) and isinstance(items, Sequence)
    assert (key.span, key.style, key.value) == ((1, 4), JSON_STRING, "a")
    assert [(item.span, item.style) for item in items.items if isinstance(item, Scalar)] == [
        ((7, 12), PLAIN),
        ((14, 17), JSON_STRING),
    ]
    assert root.flow and items.flow


@pytest.mark.parametrize(
    ("source", "at", "says"),
    [
        ('{"a": 1,}', ",", "a comma before } is not allowed"),
        ('["a", "b",\n]', ",", "a comma before ] is not allowed"),
        ('// why\n{"a": 1}', "// why", "comments are not allowed"),
        ('{"a": /* why */ 1}', "/* why */", "comments are not allowed"),
        ('{"a": 1} # why', "# why", "comments are not allowed"),
        ('{"a": 1\n"b": 2}', "1", "a comma is missing after this value"),
        ('["a" "b"]', '"', "a comma is missing after this value"),
        ('{"a": "x\ty"}', "\t", "write \\t"),
        ('{"a": "x\x01y"}', "\x01", "write \\u0001"),
        ('{\xa0"a": 1}', "\xa0", "U+00A0 is no blank"),
    ],
)
def test_reports_and_reads_on_after(source: str, at: str, says: str) -> None:
    [(place, message)] = said(source)
    assert place == at
    assert says in message
    assert read(source).root is not None


def test_a_duplicate_key_points_back_at_the_first() -> None:
    document = read('{"a": 1, "b": 2, "a": 3}')
    [problem] = document.problems
    assert (problem.code, problem.span, problem.related) == ("duplicate-key", (17, 20), (((1, 4), "first here"),))
    assert plain(document.root) == {"a": 3, "b": 2}


@pytest.mark.parametrize(
    ("source", "at", "says"),
    [
        ("", "", "the file is empty"),
        (" \n", "", "the file is empty"),
        ("{'a': 1}", "'a'", "only double quotes"),
        ("{a: 1}", "a", "found a where a key in double quotes is expected"),
        ('{"a": ${Value}}', "${Value}", "the placeholder ${Value} is not JSON"),
        ('{"a": <VALUE>}', "<VALUE>", "the placeholder <VALUE> is not JSON"),
        ('{"a": {{ value }}}', "{{ value }}", "the placeholder {{ value }} is not JSON"),
        ('{"a": NaN}', "NaN", "JSON has no such number"),
        ('{"a": True}', "True", "write true"),
        ('{"a": yes}', "yes", "put it in double quotes"),
        ('{"a": 01}', "01", "no leading zero"),
        ('{"a": .5}', ".5", "digits on both sides"),
        ('{"a": "x}', '"x}', 'a " is missing'),
        ('{"a": "x\n", "b": 1}', '"x', "not closed on its line"),
        ('{"a": "\\d"}', "\\d", "\\d is no escape in JSON"),
        ('{"a": "\\u12"}', "\\u", "no escape in JSON"),
        ('{"a"}', '"a"', "has no value"),
        ('{"a": }', "}", "found } where a value is expected"),
        ('{"a":', ":", "the file ends where a value is expected"),
        ('{"a": [1, 2}', "}", "found } where ] closes"),
        ('{"a": 1', "{", "this object is not closed"),
        ("[1", "[", "this array is not closed"),
        ('{"a": 1} end', "e", "text after the end of the document"),
        ('{"a": 1}\n{"b": 2}', "{", "a second value starts here"),
        ("/* a", "/*", "this comment is not closed"),
        ('{\n<<<<<<< HEAD\n"a": 1}', "<<<<<<< HEAD", "a merge conflict was left here"),
        ('{"a": 1 + 2}', "+", "found + where a comma or } is expected"),
    ],
)
def test_stops_with_one_problem_at(source: str, at: str, says: str) -> None:
    [(place, message)] = said(source)
    assert place == at
    assert says in message
    assert read(source).roots == ()


def test_depth_has_a_limit() -> None:
    assert read("[" * MAX_DEPTH + "]" * MAX_DEPTH).problems == ()
    [problem] = read("[" * (MAX_DEPTH + 1) + "]" * (MAX_DEPTH + 1)).problems
    assert (problem.code, problem.span) == ("too-complex", (MAX_DEPTH, MAX_DEPTH + 1))


def test_half_a_surrogate_pair_becomes_a_replacement_character() -> None:
    """Unlike `json.loads`: half a pair cannot be printed or encoded later."""
    assert plain(read('["\\ud83d\\ude00", "\\ud83d", "\\ude00x"]').root) == ["\U0001f600", "\ufffd", "\ufffdx"]


@given(st.text() | st.text(alphabet="{}[]:,\"\\/*#'0123456789.eE+-truefalsn \n\t$<"))
def test_never_raises_on_any_text(source: str) -> None:
    document = read(source)
    assert document.roots or document.problems


@given(st.binary())
def test_never_raises_on_any_bytes(data: bytes) -> None:
    document = parse_json(decode(data))
    assert document.roots or document.problems


@given(st.text(alphabet='{}[]:,"\\/1a \n', max_size=12))
def test_accepts_without_a_word_exactly_what_the_standard_library_accepts(source: str) -> None:
    try:
        json.loads(source)
    except ValueError:
        assert read(source).problems
    else:
        assert all(problem.code == "duplicate-key" for problem in read(source).problems)
