"""Applying fixes: together, in steps, only where they hold, and without a trace in any other byte."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from cilint.core.context import EmptyTree
from cilint.engine import index as rule_index
from cilint.engine.analyze import analyze
from cilint.engine.fixing import Fixed, fix, unintended
from cilint.engine.result import Diagnostic, Edit, FileResult, PlacedFix, place
from cilint.source.edits import Edit as Change
from cilint.source.edits import apply
from cilint.source.read import read
from cilint.source.text import Span, decode

INDEX = rule_index.load()


def fixed(data: bytes | str, path: str = "buildspec.yml", unsafe: bool = False) -> Fixed:
    """A file after all fixes that cilint's rules have for it."""
    data = data.encode() if isinstance(data, str) else data
    return fix(path, data, lambda content: analyze(path, content, INDEX.rules, EmptyTree()), unsafe)


def with_fixes(*fixes: tuple[str, str]) -> Callable[[bytes], FileResult]:
    """A check that finds each word of `fixes` and wants another one in its place."""

    def check(data: bytes) -> FileResult:
        text = decode(data)
        found = []
        for word, instead in fixes:
            at = text.content.find(word)
            if at >= 0:
                where = place("f.yml", text, Span(at, at + len(word)))
                wanted = PlacedFix("Write it", "safe", (Edit(where, instead),))
                found.append(Diagnostic(word, "XX001", "warning", "high", f"not {word}", where, (), fix=wanted))
        return FileResult("f.yml", "buildspec", True, tuple(sorted(found, key=lambda each: each.place.start)))

    return check


MISSPELT = """\
version: 0.2
phases:
  build:
    comands:   # all of them
      - make
    "onfailure": 'ABRT'
artifact:
  files: '**/*'
"""


def test_all_fixes_of_a_file_go_in_and_nothing_else_changes() -> None:
    assert fixed(MISSPELT).data.decode() == (
        MISSPELT.replace("comands", "commands")
        .replace("onfailure", "on-failure")
        .replace("ABRT", "ABORT")
        .replace("artifact:", "artifacts:")
    )


def test_what_only_shows_after_a_fix_is_fixed_in_the_next_step() -> None:
    inside = "version: 0.2\nphases:\n  build:\n    commands: [make]\nartifact:\n  file: a\n  discard-path: yes\n"
    assert fixed(inside).data.decode().endswith("artifacts:\n  files: a\n  discard-paths: yes\n")


def test_line_ends_byte_order_mark_and_undecodable_bytes_stay() -> None:
    data = b"\xef\xbb\xbf" + MISSPELT.replace("\n", "\r\n").encode().replace(b"all of", b"\xff\xfe of") + b"# end"
    wanted = data
    for slip, right in ((b"comands", b"commands"), (b"onfailure", b"on-failure"), (b"ABRT", b"ABORT")):
        wanted = wanted.replace(slip, right)
    assert fixed(data).data == wanted.replace(b"artifact:", b"artifacts:")


def test_a_key_is_not_renamed_to_one_that_is_there() -> None:
    both = "version: 0.2\nphases:\n  build:\n    comands: [a]\n    commands: [b]\n"
    assert fixed(both).data.decode() == both


def test_two_keys_that_mean_the_same_one_do_not_both_become_it() -> None:
    both = "version: 0.2\nphases:\n  build:\n    comands: [a]\n    commads: [b]\n"
    result = fixed(both)
    assert result.data.decode() == both.replace("comands", "commands")
    assert len(result.applied) == 1


def test_a_key_is_not_renamed_when_its_value_would_be_refused_there() -> None:
    wrong = "version: 0.2\nphases:\n  build:\n    commands: [a]\n    finaly: {a: b}\n"
    assert fixed(wrong).data.decode() == wrong


def test_text_that_a_reader_takes_for_a_number_gets_quotes() -> None:
    numbers = "version: 0.2\nphases:\n  build:\n    commands: [make]\n    on-failure: abort\n    run-as: 1000 # uid\n"
    assert "run-as: 1000 # uid" in numbers
    assert fixed(numbers).data.decode() == numbers.replace("abort", "ABORT").replace("1000", '"1000"')


JSON = """\
{
  // who may
  "Version": "2012-10-17", /* always */
  "Statement": [
    {
      "Effect": "Allow" // yes
      "Action": ["s3:GetObject",],
      # here
      "Resource": "arn:aws:s3:::shop/*",
    },
  ],
}
"""


def test_json_loses_what_json_does_not_know() -> None:
    assert fixed(JSON, "policy.json").data.decode() == (
        '{\n  "Version": "2012-10-17",\n  "Statement": [\n    {\n      "Effect": "Allow",\n'
        '      "Action": ["s3:GetObject"],\n      "Resource": "arn:aws:s3:::shop/*"\n    }\n  ]\n}\n'
    )


TEMPLATE = """\
Resources:
  Build:
    Type: AWS::CodeBuild::Project
    Properties:
      ServiceRole: arn:aws:iam::111122223333:role/build
      Artifacts: {{Type: NO_ARTIFACTS}}
      Environment: {{Type: LINUX_CONTAINER, ComputeType: BUILD_GENERAL1_SMALL, Image: "aws/codebuild/standard:7.0"}}
      Source:
        Type: NO_SOURCE
        BuildSpec: {}
"""
INSIDE = "version: 0.2\nphases:\n  build:\n    commands: [make]\n    finaly: [make clean]\n"


def _literal(inside: str) -> str:
    return "|\n" + "".join(f"          {line}\n" for line in inside.splitlines()).rstrip("\n")


@pytest.mark.parametrize("written", [_literal(INSIDE), json.dumps(INSIDE)], ids=["literal", "quoted"])
def test_a_buildspec_inside_a_template_is_fixed_in_place(written: str) -> None:
    template = TEMPLATE.format(written)
    result = fixed(template, "template.yml")
    assert [each.rule for each in result.applied] == ["buildspec-unknown-key"]
    assert result.data.decode() == template.replace("finaly", "finally")


def test_what_would_be_spelled_otherwise_inside_a_text_is_not_fixed() -> None:
    """The same finding in two styles: quotes can be written into a literal text as they are, but not into a quoted one,
    where the fix would have to escape them."""
    inside = "version: 0.2\nphases:\n  build:\n    commands: [make]\n    run-as: 1000\n"
    literal, quoted = (TEMPLATE.format(written) for written in (_literal(inside), json.dumps(inside)))
    assert _fixable("buildspec-wrong-type", literal) == [True]
    assert fixed(literal, "template.yml", unsafe=True).data.decode() == literal.replace("1000", '"1000"')
    assert _fixable("buildspec-wrong-type", quoted) == [False]
    assert fixed(quoted, "template.yml", unsafe=True).data.decode() == quoted


def test_a_literal_block_may_start_with_an_empty_line() -> None:
    template = TEMPLATE.format(_literal("\n" + INSIDE))
    assert fixed(template, "template.yml").data.decode() == template.replace("finaly", "finally")
    guarded = fixed(TEMPLATE.format(_literal("\n" + PUBLISHED)), "template.yml", unsafe=True).data.decode()
    assert guarded.endswith(
        "              commands:\n"
        "                - '[ \"$CODEBUILD_BUILD_SUCCEEDING\" = 1 ] || exit 1'\n"
        "                - aws s3 sync dist s3://shop\n"
    )


PUBLISHED = """\
version: 0.2
phases:
  build:
    commands:
      - make
  post_build:
    commands:
      - aws s3 sync dist s3://shop
"""


def _fixable(rule: str, template: str) -> list[bool]:
    """For each finding of a rule in a template, whether it has a fix."""
    result = analyze("template.yml", template.encode(), INDEX.rules, EmptyTree())
    return [each.fix is not None for each in result.diagnostics if each.rule == rule]


def test_unsafe_fixes_wait_to_be_asked_for() -> None:
    def check(data: bytes) -> FileResult:
        result = with_fixes(("b", "c"))(data)
        unsafe = [each._replace(fix=each.fix and each.fix._replace(safety="unsafe")) for each in result.diagnostics]
        return result._replace(diagnostics=tuple(unsafe))

    assert fix("f.yml", b"a: b\n", check).data == b"a: b\n"
    assert fix("f.yml", b"a: b\n", check, unsafe=True).data == b"a: c\n"


@pytest.mark.parametrize(
    ("what", "instead"),
    [
        ("breaks the syntax", "'"),
        ("adds a key of its own accord", "c\nd: e"),
        ("does not help", "b b"),
        ("changes nothing", "b"),
    ],
)
def test_a_fix_that_does_not_hold_is_refused(what: str, instead: str) -> None:
    result = fix("f.yml", b"a: b\n", with_fixes(("b", instead)))
    if what == "adds a key of its own accord":
        assert result.data == b"a: c\nd: e\n"  # its own text is the fix's own affair
    else:
        assert (result.data, len(result.refused)) == (b"a: b\n", 1), what


def test_one_bad_fix_does_not_keep_the_others_back() -> None:
    result = fix("f.yml", b"a: b\nc: d\ne: f\n", with_fixes(("b", "B"), ("d", "'"), ("f", "F")))
    assert result.data == b"a: B\nc: d\ne: F\n"
    assert [each.rule for each in result.refused] == ["d"]


def test_fixes_of_one_place_go_in_one_after_the_other() -> None:
    result = fix("f.yml", b"a: one two\n", with_fixes(("one two", "three"), ("two", "four"), ("three", "3")))
    assert result.data == b"a: 3\n"


def test_fixes_that_undo_each_other_come_to_an_end() -> None:
    result = fix("f.yml", b"a: b\n", with_fixes(("b", "c"), ("c", "b")))
    assert result.data in (b"a: b\n", b"a: c\n")


@pytest.mark.parametrize(
    ("before", "span", "text", "complaint"),
    [
        ("a: b\nc: d\n", (3, 4), "x", ""),
        ("a: b\nc: d\n", (0, 1), "x", ""),
        ("a: b\nc: d\n", (4, 5), "", "the reader complains"),
        ("a: b\nc: d\n", (4, 4), "\n  ", ""),
        ("a:\n  b: 1\n  c: 2\n", (9, 12), "", "the reader complains"),
        ("a:\n  b: 1\n  c: 2\n", (9, 12), "\n", "is not what it was"),
        ("a: &x 1\nb: *x\n", (6, 7), "2", "is not what it was"),
        ("- a\n- b\n", (0, 0), "- c\n", ""),
        ("a: b # c\nd: e\n", (5, 6), "", "is not what it was"),
    ],
)
def test_what_changes_beyond_the_edit_is_seen(before: str, span: tuple[int, int], text: str, complaint: str) -> None:
    old = decode(before.encode())
    edits = [Change(Span(*span), text)]
    after = read(decode(apply(old, edits)), "f.yml")
    said = unintended(read(old, "f.yml"), after, edits)
    assert complaint in said if complaint else said == ""
