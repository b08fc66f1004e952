"""The YAML reader: PyYAML's values, exact spans, and a word on each thing that a reader drops in silence."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from ruamel.yaml import YAML

from cilint.source.nodes import FOLDED, LITERAL, Document, Mapping, Node, Scalar, Sequence, walk
from cilint.source.scalars import value
from cilint.source.text import Text, decode
from cilint.source.yaml import MAX_DEPTH, MAX_EXPANDED_NODES, parse_yaml

WORDS = st.text(alphabet="ab0 :#-'\"\n\t,[{&*!|>%@\xe9\u20ac\U0001f600", max_size=8)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | WORDS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(WORDS, inner, max_size=4),
    max_leaves=15,
)
SOUP = st.text(alphabet="ab \n\r\t'\"\\|>+-2#:&!*[]{},%?\x00\x01\x85\u2028\ufeff\U0001f600", max_size=60)


def read(source: str) -> Document:
    return parse_yaml(Text(source))


def plain(node: Node | None) -> Any:
    match node:
        case Mapping():
            return {plain(entry.key): plain(entry.value) for entry in node.entries if not entry.merged}
        case Sequence():
            return [plain(item) for item in node.items]
        case Scalar():
            return value(node)
    return None


def said(source: str) -> list[tuple[str, str]]:
    return [(source[problem.span.start : problem.span.end], problem.message) for problem in read(source).problems]


def the_mapping(source: str) -> Mapping:
    root = read(source).root
    assert isinstance(root, Mapping)
    return root


@given(
    VALUES,
    st.sampled_from([None, "'", '"', "|", ">"]),
    st.sampled_from([True, False, None]),
    st.booleans(),
    st.sampled_from(["\n", "\r\n"]),
)
def test_values_equal_those_of_pyyaml_and_ruamel(
    data: Any, style: str | None, flow: bool | None, unicode: bool, line_end: str
) -> None:
    source = yaml.dump(
        data, default_style=style, default_flow_style=flow, allow_unicode=unicode, line_break=line_end, Dumper=NoAliases
    )
    if style:  # the dumper then tags what is no string
        source = source.replace("!!int ", "").replace("!!bool ", "").replace("!!null ", "")
    document = read(source)
    assert document.problems == ()
    ruamel = YAML(typ="safe", pure=True)
    ruamel.version = (1, 1)
    assert plain(document.root) == yaml.safe_load(source) == ruamel.load(source)


class NoAliases(yaml.SafeDumper):
    def ignore_aliases(self, data: Any) -> bool:
        return True


@given(VALUES, st.sampled_from([None, "'", '"', "|"]), st.booleans(), st.sampled_from(["\n", "\r\n"]))
def test_the_span_of_a_scalar_reads_as_that_scalar(data: Any, style: str | None, flow: bool, line_end: str) -> None:
    source = yaml.dump(data, default_style=style, default_flow_style=flow, allow_unicode=True, line_break=line_end)
    root = read(source).root
    assert root is not None
    for node in walk(root):
        if isinstance(node, Scalar) and node.style not in (LITERAL, FOLDED) and not node.is_alias:
            again = read(source[node.start : node.end]).root
            assert isinstance(again, Scalar)
            assert (again.value, again.style, again.tag) == (node.value, node.style, node.tag)


@given(SOUP)
def test_spans_lie_in_their_parents(source: str) -> None:
    for root in read(source).roots:
        for node in walk(root):
            assert 0 <= node.start <= node.end <= len(source)
            children = node.items if isinstance(node, Sequence) else []
            if isinstance(node, Mapping):
                children = [child for entry in node.entries if not entry.merged for child in (entry.key, entry.value)]
            for child in children:
                aliased = node.start > child.start or child.end > node.end
                assert not aliased or "*" in source[node.start : node.end]


def test_a_block_ends_with_its_last_value() -> None:
    source = "a:\n  b: |\n    text\n\n\n# after\nc: [1,\n 2]  \n"
    root = the_mapping(source)
    spans = [source[slice(*entry.value.span)] for entry in root.entries]
    assert spans == ["b: |\n    text", "[1,\n 2]"]
    assert root.end == len(source) - 3


def test_a_block_scalar_keeps_a_no_break_space_at_its_end() -> None:
    node = the_mapping("a: |\n  text\xa0\n\nb: 1").get("a")
    assert isinstance(node, Scalar) and (node.start, node.end) == (3, 12)


def test_tags_and_anchors_are_part_of_a_node() -> None:
    source = "a: !Sub &x 'text'"
    node = the_mapping(source).get("a")
    assert isinstance(node, Scalar)
    assert (source[slice(*node.span)], node.tag, node.anchor) == ("!Sub &x 'text'", "!Sub", "x")


def test_a_duplicate_key_is_reported_and_the_last_one_counts() -> None:
    document = read("a: 1\nb: 2\na: 3\n")
    [problem] = document.problems
    assert (problem.code, problem.span, problem.related) == ("duplicate-key", (10, 11), (((0, 1), "first here"),))
    assert isinstance(document.root, Mapping)
    assert plain(document.root.get("a")) == 3
    assert [entry.name for entry in document.root.entries] == ["a", "b", "a"]


def test_merged_entries_come_last_and_give_way() -> None:
    root = the_mapping("x: &x {a: 1, b: 2}\ny:\n  <<: *x\n  a: 3\n")
    merged = root.get("y")
    assert isinstance(merged, Mapping)
    assert (plain(merged.get("a")), plain(merged.get("b"))) == (3, 2)
    assert [entry.merged for entry in merged.entries] == [False, False, True, True]


def test_an_alias_has_its_own_place_and_the_content_of_its_target() -> None:
    source = "a: &x [1]\nb: *x\n"
    alias = the_mapping(source).get("b")
    assert isinstance(alias, Sequence)
    assert (source[slice(*alias.span)], plain(alias)) == ("*x", [1])


@pytest.mark.parametrize(
    ("source", "at", "says"),
    [
        ("a: &x [*x]", "*x", "refers to the collection that it stands in"),
        ("a: *x", "*x", "has no anchor before it"),
        ("a: 1\n\tb: 2", "\t", "indent with blanks"),
        ("a: @x", "@", "put it in quotes"),
        ("a: b: c", ":", "put the whole of it in single quotes"),
        ("a: [1", "1", "close the list"),
        ("a: {b: 1", "1", "close the mapping"),
        ('a: "x', '"', "close the quote"),
        ('a: "\\d"', "\\", "use single quotes"),
        ("a:\n  - b\n c: 1", "c", "put it in the same column"),
        ("a:\n  b: 'c'  d: 'e'", "d", "put it on a line of its own"),
        ("a: x\x01y", "\x01", "the control character U+0001 is not allowed"),
    ],
)
def test_problems_point_at_what_is_wrong(source: str, at: str, says: str) -> None:
    [(place, message)] = said(source)
    assert place == at
    assert says in message


def test_depth_has_a_limit() -> None:
    assert read("[" * MAX_DEPTH + "]" * MAX_DEPTH).problems == ()
    [problem] = read("[" * (MAX_DEPTH + 1) + "]" * (MAX_DEPTH + 1)).problems
    assert problem.code == "too-complex"


def test_a_billion_laughs_are_refused_before_they_are_told() -> None:
    lines = ["a0: &a0 [ha, ha, ha, ha, ha, ha, ha, ha, ha]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 10)]
    [problem] = read("\n".join(lines)).problems
    assert problem.code == "too-complex"
    assert str(MAX_EXPANDED_NODES) in problem.message


def test_each_document_of_a_stream_is_a_root() -> None:
    assert [plain(root) for root in read("a: 1\n---\n- 2\n...\n---\nx\n").roots] == [{"a": 1}, [2], "x"]


def test_documents_before_an_error_are_kept() -> None:
    document = read("a: 1\n---\nb: [\n")
    assert [plain(root) for root in document.roots] == [{"a": 1}]
    assert [problem.code for problem in document.problems] == ["syntax-error"]


@pytest.mark.parametrize("boms", [0, 1, 2])
def test_byte_order_marks_do_not_shift_positions(boms: int) -> None:
    """One in the file is not in the text; a second one, as some tools leave it, is a character of the text."""
    text = decode(b"\xef\xbb\xbf" * boms + b"a: 1\nb: 2\nb: 3\n")
    document = parse_yaml(text)
    assert isinstance(document.root, Mapping)
    assert [text.content[slice(*entry.key.span)] for entry in document.root.entries] == ["a", "b", "b"]
    [problem] = document.problems
    assert text.position(problem.span.start).line == 3
    assert text.content[slice(*problem.span)] == text.content[slice(*problem.related[0][0])] == "b"


@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r", "\x85", "\u2028"])
def test_every_line_break_of_yaml_ends_a_line(line_end: str) -> None:
    source = "a: 1\nb: |\n  x\n  y\nc: 3\n".replace("\n", line_end)
    root = the_mapping(source)
    assert [source[slice(*entry.key.span)] for entry in root.entries] == ["a", "b", "c"]
    block = root.get("b")
    assert isinstance(block, Scalar)
    assert block.value == ("x\u2028y\u2028" if line_end == "\u2028" else "x\ny\n")


def test_nothing_is_an_empty_document() -> None:
    assert (read("").roots, read("").problems, read("# only a comment\n").roots) == ((), (), ())


@given(st.text() | SOUP)
def test_never_raises_on_any_text(source: str) -> None:
    for problem in read(source).problems:
        assert 0 <= problem.span.start <= problem.span.end <= len(source)
        assert problem.message


@given(st.binary() | SOUP.map(lambda source: source.encode("utf-16")))
def test_never_raises_on_any_bytes(data: bytes) -> None:
    document = parse_yaml(decode(data))
    assert document.format == "yaml"


@given(SOUP)
def test_refuses_what_pyyaml_refuses_and_nothing_else(source: str) -> None:
    try:
        list(yaml.parse(source, Loader=yaml.CLoader))
    except yaml.YAMLError:
        assert read(source).problems
    else:
        problems = [problem for problem in read(source).problems if "the alias *" not in problem.message]
        assert all(problem.code == "duplicate-key" for problem in problems)
