"""Where the shell's view of a command stands in the file: every command, word, part of a word, redirection and heredoc
leads back to the characters that it was written with, whatever YAML or JSON put around them."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st

from cilint.model.buildspec import Buildspec, Command
from cilint.model.intrinsics import placeholder
from cilint.model.kinds import recognise
from cilint.model.subjects import units
from cilint.model.unit import Unit
from cilint.source.nodes import Document
from cilint.source.read import read
from cilint.source.text import Span, decode

ROOT = Path(__file__).parents[2]
WORDS = (
    "make",
    "a\\ b",
    "'b c'",
    "'it'\"'\"'s'",
    '"$A"',
    '"x $B y"',
    "$C",
    "${D:-\xe9}",
    "\U0001f680",
    "$(date -u +%s)",
    "`id`",
    "*.txt",
    "key=$E",
    "-x",
    "{}",
    "#tag",
    "[ab]",
    "$((F + 1))",
)
JOINTS = (" ", " ", "  ", "\t", " | ", " && ", "; ", " > ", " 2>&1 ", " < ")
LINES = st.lists(st.tuples(st.sampled_from(WORDS), st.sampled_from(JOINTS)), min_size=1, max_size=6).map(
    lambda pairs: "".join(word + joint for word, joint in pairs)[: -len(pairs[-1][1])]
)
SCRIPTS = st.lists(LINES, min_size=1, max_size=3).map("\n".join)
HEREDOC = "cat <<END > file\nfirst $A\n  second \xe9\nEND\nmake"
LINE_ENDS = st.sampled_from(["\n", "\r\n"])


class Style(NamedTuple):
    """How a script is written below a column, and what a piece of the file so written means."""

    write: Callable[[str, str], str]
    read: Callable[[str], str]


def plain(script: str, indent: str) -> str:
    """A plain scalar of several lines."""
    return script.replace(" ", f"\n{indent}", 1).replace("\n", f"\n\n{indent}")


def single(script: str, indent: str) -> str:
    return "'" + script.replace("'", "''").replace("\n", f"\n\n{indent}") + "'"


def double(script: str, indent: str) -> str:
    """Every character that can be is escaped, and the lines are broken where it changes nothing."""
    text = script.replace("\\", "\\\\").replace('"', '\\"').replace("\t", "\\t").replace("\n", f"\\n\\\n{indent}")
    return '"' + text.replace("\xe9", "\\xe9").replace("\U0001f680", "\\U0001F680") + '"'


def block(header: str) -> Callable[[str, str], str]:
    def write(script: str, indent: str) -> str:
        return f"{header}\n" + "".join(f"{indent}{line}\n" for line in script.split("\n")).rstrip("\n")

    return write


def as_written(text: str) -> str:
    return text


def unescaped(text: str) -> str:
    text = re.sub(r"\\\r?\n\s*", "", text)
    escapes = {"\\t": "\t", "\\n": "\n", '\\"': '"', "\\\\": "\\", "\\xe9": "\xe9", "\\U0001F680": "\U0001f680"}
    return re.sub(r'\\(?:[tn"\\]|xe9|U0001F680)', lambda match: escapes[match[0]], text)


STYLES = {
    "plain": Style(plain, as_written),
    "single-quoted": Style(single, lambda text: text.replace("''", "'")),
    "double-quoted": Style(double, unescaped),
    "literal": Style(block("|"), as_written),
    "literal, stripped": Style(block("|-"), as_written),
    "literal, kept": Style(block("|+"), as_written),
    "literal, indented": Style(lambda script, indent: block("|2")(f"  {script}", indent), as_written),
    "folded": Style(block(">"), as_written),
    "folded, stripped, with a comment": Style(block(">- # why"), as_written),
    "anchored": Style(lambda script, indent: "&name " + block("|")(script, indent), as_written),
    "JSON": Style(lambda script, indent: json.dumps(script), lambda text: str(json.loads(f'"{text}"'))),
}


def buildspec(written: str) -> str:
    return (
        f"version: 0.2\nphases:\n  build:\n    commands:\n      - echo before\n      - {written}\n      - echo behind\n"
    )


def in_flow(written: str) -> str:
    return f"version: 0.2\nphases: {{build: {{commands: [echo before, {written}, echo behind]}}}}\n"


def indented(text: str, by: str) -> str:
    return "".join(f"{by}{line}\n" if line else "\n" for line in text.split("\n")[:-1])


def in_template(spec: str, header: str = "|") -> str:
    start = "Resources:\n  Build:\n    Type: AWS::CodeBuild::Project\n    Properties:\n      Source:\n"
    return f"{start}        Type: CODEPIPELINE\n        BuildSpec: {header}\n{indented(spec, ' ' * 10)}"


def in_json(spec: str) -> str:
    project = json.loads((ROOT / "fixtures/commands-of-builds/project.json").read_text())
    project["source"]["buildspec"] = spec
    return json.dumps(project, indent=1)


def builds(text: str, path: str) -> Iterator[tuple[Document, Unit, Buildspec]]:
    document = read(decode(text.encode()), path)
    recognised = recognise(document, path)
    assert recognised is not None, text
    for unit in units(document, recognised.kind, path, recognised.fragment):
        if isinstance(unit.view, Buildspec):
            yield document, unit, unit.view


def spans(command: Command) -> Iterator[Span]:
    """Every range that the shell's view of a command knows."""
    for simple in command.parsed.commands:
        yield simple.span
        for word in (*simple.prefixes, *simple.words):
            yield Span(word.start, word.end)
            yield from (Span(part.start, part.end) for part in word.parts)
        for assignment in simple.assignments:
            yield Span(assignment.start, assignment.end)
        for redirect in simple.redirects:
            yield Span(redirect.start, redirect.end)
            if redirect.heredoc is not None:
                yield Span(redirect.heredoc.start, redirect.heredoc.end)
                yield from (Span(part.start, part.end) for part in redirect.heredoc.parts)


def folded(text: str) -> str:
    """A text with its white space as one blank each: what folding and indentation may change."""
    return re.sub(r"\s+", " ", text)


def assert_places(text: str, path: str, meaning: Callable[[str], str]) -> int:
    """All spans of all commands lead to what was written; gives how many there are."""
    count = 0
    for document, unit, spec in builds(text, path):
        for command in spec.commands:
            for span in spans(command):
                place = command.place(span)
                if unit.outward is not None:
                    place = unit.outward(place)
                written = document.text.content[place.start : place.end]
                inner = command.script[span.start : span.end]
                read_again = inner if written == inner else meaning(written)
                assert folded(read_again) == folded(inner), f"{written!r} stands for {inner!r}"
                count += 1
    return count


def script_of(text: str, path: str = "buildspec.yml") -> str:
    """The script between the two that are always there; none where the style cannot hold it."""
    found = [[command.script for command in spec.commands] for _, _, spec in builds(text, path)]
    return found[0][1] if len(found) == 1 and len(found[0]) == 3 else ""


@pytest.mark.parametrize("name", STYLES)
@given(script=SCRIPTS, line_end=LINE_ENDS, bom=st.booleans())
@example(script=HEREDOC, line_end="\r\n", bom=True)
@settings(max_examples=40, deadline=None)
def test_in_a_buildspec(name: str, script: str, line_end: str, bom: bool) -> None:
    style = STYLES[name]
    text = buildspec(style.write(script, " " * 8)).replace("\n", line_end)
    assume(folded(script_of(text)).strip() == folded(script).strip())
    assert assert_places("\ufeff" * bom + text, "buildspec.yml", style.read) > 3


@pytest.mark.parametrize("name", ["plain", "single-quoted", "double-quoted", "JSON"])
@given(script=SCRIPTS, line_end=LINE_ENDS)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.filter_too_much])
def test_in_a_flow_sequence(name: str, script: str, line_end: str) -> None:
    style = STYLES[name]
    text = in_flow(style.write(script, " " * 8)).replace("\n", line_end)
    assume(folded(script_of(text)).strip() == folded(script).strip())
    assert assert_places(text, "buildspec.yml", style.read) > 3


@pytest.mark.parametrize("name", STYLES)
@given(script=SCRIPTS, line_end=LINE_ENDS)
@example(script=HEREDOC, line_end="\r\n")
@settings(max_examples=25, deadline=None)
def test_in_a_template(name: str, script: str, line_end: str) -> None:
    style = STYLES[name]
    text = in_template(buildspec(style.write(script, " " * 8))).replace("\n", line_end)
    assume(folded(script_of(text, "template.yaml")).strip() == folded(script).strip())
    assert assert_places(text, "template.yaml", style.read) > 3


@given(script=SCRIPTS, line_end=LINE_ENDS)
@settings(max_examples=25, deadline=None)
def test_in_a_template_that_the_stack_puts_values_in(script: str, line_end: str) -> None:
    """`${!NAME}` is the shell's, `${AWS::Region}` stands for a word."""
    script = script.replace("${D", "${!D") + " ${AWS::Region}"
    text = in_template(buildspec(block("|")(script, " " * 8)), "!Sub |").replace("\n", line_end)

    def meaning(written: str) -> str:
        put_in = re.sub(r"\$\{([^!}:]+::[^}]+)\}", lambda match: placeholder(match[1]), written)
        return put_in.replace("${!", "${")

    assert assert_places(text, "template.yaml", meaning) > 3


@pytest.mark.parametrize("name", STYLES)
@given(script=SCRIPTS)
@example(script=HEREDOC)
@settings(max_examples=25, deadline=None)
def test_in_a_json_text(name: str, script: str) -> None:
    style = STYLES[name]
    text = in_json(buildspec(style.write(script, " " * 8)))
    assume(folded(script_of(text, "project.json")).strip() == folded(script).strip())

    def meaning(written: str) -> str:
        inner: str = json.loads(f'"{written}"')
        return style.read(inner)

    assert assert_places(text, "project.json", meaning) > 3


@given(script=SCRIPTS)
@settings(max_examples=25, deadline=None)
def test_what_an_alias_names_is_shown_as_the_alias(script: str) -> None:
    text = buildspec("&name " + block("|")(script, " " * 8)).replace("echo behind", "*name")
    (found,) = builds(text, "buildspec.yml")
    alias = found[2].commands[2]
    assert alias.script == found[2].commands[1].script
    places = {alias.place(span) for span in spans(alias)}
    assert {text[place.start : place.end] for place in places} <= {"*name"}
