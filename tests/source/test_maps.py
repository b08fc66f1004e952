"""Source maps: every range of an unquoted, folded, joined text leads back to the characters it came from."""

from __future__ import annotations

import json

import pytest
import yaml
from hypothesis import assume, given
from hypothesis import strategies as st

from cilint.source.json import parse_json
from cilint.source.maps import ATOMIC, FOREIGN, LINEAR, SourceMap, scalar_map
from cilint.source.nodes import Document, Mapping, Scalar, Sequence, walk
from cilint.source.text import Span, Text
from cilint.source.yaml import UNPRINTABLE, parse_yaml

# Letters, blanks, every line break of YAML, quotes, escapes, indicators, non-ASCII and astral characters.
WORDS = (
    "a",
    "b c",
    "\xe9",
    "\u20ac",
    "\U0001f600",
    "end",
    "#",
    " #",
    ":",
    ": ",
    "- ",
    "-",
    "{",
    "]",
    ",",
    "&x",
    "!t",
    "%",
)
BLANKS = (" ", "  ", "\t", "\n", "\n\n", "\n  ", "\n    x", "\r", "\x85", "\u2028", "\xa0")
PIECES = st.sampled_from((*WORDS, *BLANKS, "'", "''", '"', "\\"))
TEXTS = st.lists(PIECES, max_size=12).map("".join)
LINE_ENDS = st.sampled_from(["\n", "\r\n", "\r"])


def value_of(source: str, name: str = "run") -> Scalar:
    """The value of the key `name`, wherever it stands."""
    for root in parse_yaml(Text(source)).roots:
        for node in walk(root):
            found = node.get(name) if isinstance(node, Mapping) else None
            if isinstance(found, Scalar):
                return found
    raise AssertionError(f"no scalar {name!r} in {source!r}")


def outer(source: str, part: str) -> str:
    """What stands in the source for `part` of the value of `run`."""
    scalar = value_of(source)
    at = scalar.value.index(part)
    span = scalar_map(Text(source), scalar).outer(at, at + len(part))
    return source[span.start : span.end]


def scalars(document: Document) -> list[Scalar]:
    found = {(node.start, node.end): node for root in document.roots for node in walk(root) if isinstance(node, Scalar)}
    return [node for node in found.values() if not node.is_alias]


def assert_followed(document: Document) -> None:
    """Every scalar's map covers its value, is not the coarse fallback, and copies character for character."""
    # Control characters are reported by the reader and read as blanks.
    content = UNPRINTABLE.sub(" ", document.text.content) if document.format == "yaml" else document.text.content
    for scalar in scalars(document):
        map = scalar_map(document.text, scalar)
        at = 0
        for segment in map.segments:
            assert segment.start == at < segment.end
            at = segment.end
            if segment.kind == LINEAR:
                assert content[segment.low : segment.high] == scalar.value[segment.start : segment.end]
            else:
                assert segment.kind == ATOMIC
                assert segment.end - segment.start == 1, f"{scalar!r} in {content!r} is mapped as a whole"
                assert segment.low < segment.high
        assert at == map.length == len(scalar.value)
        assert list(map.segments) == sorted(map.segments, key=lambda segment: segment.low)


@pytest.mark.parametrize(
    ("source", "part", "expected"),
    [
        ("run: make all", "all", "all"),
        ("run: make\n  all", "e a", "e\n  a"),
        ("run: make\n\n  all", "\n", "\n"),
        ("run: !t &a make", "make", "make"),
        ("run: !!str # why\n  make", "make", "make"),
        ("run: 'it''s all'", "'", "''"),
        ("run: 'it''s all'", "s all", "s all"),
        ('run: "a\\tb"', "\t", "\\t"),
        ('run: "a\\u00e9b"', "\xe9b", "\\u00e9b"),
        ('run: "a \\\n  b"', "a b", "a \\\n  b"),
        ('run: "a\n  b"', " ", "\n  "),
        ("run: |\n  one\n  two\n", "two", "two"),
        ("run: |\n  one\n  two\n", "one\ntwo", "one\n  two"),
        ("run: |\r\n  one\r\n  two\r\n", "\n", "\r\n"),
        ("run: |2-  # why\n    one\n  two\n", "  one", "  one"),
        ("run: >\n  one\n  two\n\n  three\n", "two", "two"),
        ("run: >\n  one\n  two\n\n  three\n", "e t", "e\n  t"),
        ("run: >\n  one\n    more\n  two\n", "  more", "  more"),
        ("run: |+\n  one\n\n\n", "\n\n\n", "\n\n\n"),
        ("{run: [], x: {run: make all}}", "all", "all"),
    ],
)
def test_what_a_part_of_a_yaml_value_comes_from(source: str, part: str, expected: str) -> None:
    assert outer(source, part) == expected


def test_json_escapes_and_surrogate_pairs() -> None:
    source = '{"run": "a\\n\\ud83d\\ude00\\"b"}'
    root = parse_json(Text(source)).root
    assert isinstance(root, Mapping)
    scalar = root.get("run")
    assert isinstance(scalar, Scalar) and scalar.value == 'a\n\U0001f600"b'
    map = scalar_map(Text(source), scalar)
    assert [source[slice(*map.outer(at, at + 1))] for at in range(5)] == ["a", "\\n", "\\ud83d\\ude00", '\\"', "b"]


def test_a_plain_line_is_one_segment() -> None:
    map = scalar_map(Text("run: make all"), value_of("run: make all"))
    assert [tuple(segment) for segment in map.segments] == [(0, 8, 5, 13, LINEAR)]


def test_an_alias_maps_as_a_whole_to_itself() -> None:
    source = "x: &a make all\nrun: *a"
    assert outer(source, "all") == "*a"


def test_an_empty_value_has_its_place() -> None:
    source = 'run: ""'
    assert scalar_map(Text(source), value_of(source)).outer(0, 0) == (5, 7)


def test_the_place_between_two_characters() -> None:
    source = "run: 'it''s'"
    map = scalar_map(Text(source), value_of(source))
    assert [map.outer(at, at) for at in range(5)] == [(6, 6), (7, 7), (8, 8), (10, 10), (11, 11)]


def test_only_verbatim_ranges_can_be_edited() -> None:
    source = "run: 'it''s all'"
    map = scalar_map(Text(source), value_of(source))
    assert map.verbatim(0, 2) == (6, 8)
    assert map.verbatim(1, 1) == (7, 7)
    assert map.verbatim(1, 4) is None  # the doubled quote
    assert map.verbatim(2, 2) is None  # beside it
    assert map.verbatim(0, 99) is None


# --- differential: the same text as PyYAML, in every style


@given(TEXTS, st.sampled_from([None, "'", '"', "|", ">"]), st.booleans(), st.sampled_from([10, 20, 80]), LINE_ENDS)
def test_follows_whatever_pyyaml_writes(value: str, style: str, unicode: bool, width: int, line_end: str) -> None:
    source = yaml.dump(
        [value, {"run": value}, {value: "x"}],
        default_style=style,
        allow_unicode=unicode,
        width=width,
        line_break=line_end,
    )
    document = parse_yaml(Text(source))
    assert document.problems == ()
    events = yaml.parse(source, Loader=yaml.Loader)  # the scanner in Python, not the one in C that the reader takes
    assert [scalar.value for scalar in scalars(document)] == [
        event.value for event in events if isinstance(event, yaml.ScalarEvent)
    ]
    assert_followed(document)


@given(TEXTS, st.sampled_from(["{}", "'{}'", '"{}"', "!t {}", "&a '{}'", '!t &a\n  "{}"', "[{}, '{}', \"{}\"]"]))
def test_follows_flow_scalars_as_people_write_them(text: str, form: str) -> None:
    document = parse_yaml(Text("run: " + form.replace("{}", text) + "\nend: x\n"))
    assume(document.problems == ())
    assert_followed(document)


ESCAPES = st.sampled_from(
    [f"\\{char}" for char in '0abt\tnvfre "/\\N_LP']
    + ["\\x41", "\\u20ac", "\\U0001F600", "\\\n", "\\\r\n   ", "\\\n\n "]
)


@given(st.lists(ESCAPES | st.sampled_from(["a", " ", "  ", "\n", "\r\n  ", "\u2028", "\t"]), max_size=12).map("".join))
def test_follows_every_escape_and_continued_line(text: str) -> None:
    document = parse_yaml(Text(f'run: "{text}"\n'))
    assert document.problems == ()
    assert_followed(document)


@given(
    st.sampled_from("|>"),
    st.sampled_from(["", "-", "+"]),
    st.sampled_from(["", "1", "2", "3"]),
    st.sampled_from(["", " ", "  # why"]),
    st.lists(
        st.tuples(st.integers(0, 5), st.sampled_from(["", "a", "\xe9 b", "# no", "\ta", "- x", "\U0001f600"])),
        max_size=8,
    ),
    st.sampled_from(["\n", "\r\n", "\r", "\x85", "\u2028"]),
    st.sampled_from(["{}", "run:\n - {}", "a:\n  b:\n  - run: {}", "!t &a {}"]),
    st.sampled_from(["", "\n", "\nend: x", "\n# after\n"]),
)
def test_follows_block_scalars_as_people_write_them(
    style: str,
    chomping: str,
    indicator: str,
    after_header: str,
    lines: list[tuple[int, str]],
    line_end: str,
    around: str,
    rest: str,
) -> None:
    block = style + indicator + chomping + after_header + "".join(f"\n{' ' * (n + 2)}{line}" for n, line in lines)
    source = ("run: " if around[0] in "{!" else "") + around.replace("{}", block) + rest
    document = parse_yaml(Text(source.replace("\n", line_end)))
    assume(document.problems == ())
    assert_followed(document)


@given(st.text() | TEXTS, st.booleans())
def test_follows_json_strings(value: str, ascii_only: bool) -> None:
    document = parse_json(Text(json.dumps({value: [value]}, ensure_ascii=ascii_only)))
    assert document.problems == ()
    assert_followed(document)


@given(st.text(alphabet="ab \n\r\t'\"\\|>+-2#:&!*[]{},%\x01\x85\u2028\ufeff\xa0\U0001f600", max_size=40))
def test_follows_anything_that_reads_as_yaml(source: str) -> None:
    assert_followed(parse_yaml(Text(source)))


# --- maps of maps


def test_shell_in_a_buildspec_in_a_template() -> None:
    template = Text("BuildSpec: |\n  phases:\n    build:\n      commands:\n        - 'echo ''hi'' there'\n")
    buildspec = value_of(template.content, "BuildSpec")
    inner = Text(buildspec.value)
    command = next(scalar for scalar in scalars(parse_yaml(inner)) if scalar.value.startswith("echo"))
    map = scalar_map(template, buildspec).compose(scalar_map(inner, command))
    assert map.length == len("echo 'hi' there")
    assert template.content[slice(*map.outer(10, 15))] == "there"
    assert template.content[slice(*map.outer(5, 9))] == "''hi''"
    assert map.verbatim(10, 15) is not None


@given(TEXTS, st.data())
def test_composition_follows_both_maps(value: str, data: st.DataObject) -> None:
    style = data.draw(st.sampled_from("'\"|>"))
    buildspec = yaml.dump({"run": value}, allow_unicode=True)
    template = Text(yaml.dump({"BuildSpec": buildspec}, allow_unicode=True, default_style=style))
    outer_scalar = value_of(template.content, "BuildSpec")
    inner = Text(outer_scalar.value)
    inner_scalar = value_of(inner.content)
    value = inner_scalar.value
    middle, first = scalar_map(template, outer_scalar), scalar_map(inner, inner_scalar)
    composed = middle.compose(first)
    assert composed.length == len(value)
    start = data.draw(st.integers(0, len(value)))
    end = data.draw(st.integers(start, len(value)))
    if start < end:
        assert composed.outer(start, end) == middle.outer(*first.outer(start, end))
    span = composed.verbatim(start, end)
    assert span is None or template.content[span.start : span.end] == value[start:end]


def test_commands_joined_into_one_script() -> None:
    text = Text("- cd app\n- make 'all'\n")
    root = parse_yaml(text).root
    assert isinstance(root, Sequence)
    commands = [item for item in root.items if isinstance(item, Scalar)]
    pieces: list[SourceMap | str] = [scalar_map(text, commands[0]), "\n", scalar_map(text, commands[1])]
    map = SourceMap.concat(pieces)
    script = "cd app\nmake 'all'"
    assert map.length == len(script)
    assert text.content[slice(*map.outer(7, 11))] == "make"
    assert text.content[slice(*map.outer(3, 11))] == "app\n- make"
    assert text.content[slice(*map.outer(6, 11))] == "make"  # the separator does not widen it
    assert map.outer(6, 7) == (8, 8)
    assert [segment.kind for segment in map.segments] == [LINEAR, FOREIGN, LINEAR]


def test_a_literal_text_of_a_join_is_shown_at_the_anchor() -> None:
    map = SourceMap.concat(["a/", SourceMap.atomic(3, Span(20, 30)), "/b"], Span(5, 6))
    assert (map.outer(0, 1), map.outer(0, 3), map.outer(6, 7)) == ((5, 6), (20, 30), (5, 6))
    assert SourceMap.concat(["a", SourceMap.identity(4)]).outer(0, 1) == (0, 0)
    assert SourceMap.concat([], Span(5, 6)).outer(0, 0) == (5, 6)


def test_substituted_names_map_to_their_placeholders() -> None:
    source = "run: s3://${Bucket}/x-${!No}"
    scalar = value_of(source)
    map = scalar_map(Text(source), scalar).substituted(
        [(Span(5, 14), "my-bucket-name"), (Span(19, 20), "")],
    )
    result = "s3://my-bucket-name/x-${No}"
    assert map.length == len(result)
    assert source[slice(*map.outer(8, 10))] == "${Bucket}"
    assert source[slice(*map.outer(20, 21))] == "x"
    assert source[slice(*map.outer(22, 27))] == "${!No}"
    assert map.verbatim(22, 27) is None


def test_substitutions_must_not_overlap() -> None:
    with pytest.raises(ValueError, match="overlaps"):
        SourceMap.identity(9).substituted([(Span(0, 5), "a"), (Span(4, 6), "b")])


@given(st.integers(0, 20), st.data())
def test_identity_maps_every_range_to_itself(length: int, data: st.DataObject) -> None:
    map = SourceMap.identity(length)
    start = data.draw(st.integers(0, length))
    end = data.draw(st.integers(start, length))
    assert map.outer(start, end) == (start, end)
    assert map.substituted([]).outer(start, end) == (start, end)
    assert map.compose(SourceMap.identity(length)).outer(start, end) == (start, end)


def test_nothing_is_built_before_it_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    source = 'run: "a\\tb"'
    map = scalar_map(Text(source), value_of(source))
    monkeypatch.setattr("cilint.source.maps._scalar_segments", lambda *_: None)
    assert source[slice(*map.outer(1, 2))] == '"a\\tb"'  # the fallback: the scalar as a whole
