"""Suppressions: where they are written, what they silence, and what is said about those that silence nothing."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from cilint.cli.main import cli
from cilint.core.context import EmptyTree
from cilint.engine import index as rule_index
from cilint.engine.analyze import analyze
from cilint.engine.settings import Waiver, Where
from cilint.engine.suppress import find, parse
from cilint.source import edits
from cilint.source.read import read
from cilint.source.text import Span, decode
from tests.suppress.words import checked


def left(text: str, name: str = "buildspec.yml", today: str = "2026-06-15") -> list[str]:
    """`line rule` of what is reported, notes on missing reasons left out."""
    found = checked(text, name, today).diagnostics
    return [f"{each.place.line} {each.rule}" for each in found if each.rule != "suppression-without-reason"]


def variables(*lines: str) -> str:
    """A buildspec with some lines as its variables, from line 4 on."""
    body = "".join(f"    {line}\n" for line in lines)
    return f"version: 0.2\nenv:\n  variables:\n{body}phases:\n  build:\n    commands:\n      - make\n"


ONE = "A: TODO"
TWO = "B: TODO"
SECRET = "DB_PASSWORD: hunter2hunter2"
UNUSED = "unused-suppression"


# --- in comments


def test_without_one_everything_is_reported() -> None:
    assert left(variables(ONE, TWO)) == ["4 todo", "5 todo"]


@pytest.mark.parametrize("word", ["todo", "XX001", "fixme, XX001"])
def test_at_the_end_of_a_line(word: str) -> None:
    result = checked(variables(f"{ONE}  # cilint: ignore[{word}] only in tests", TWO))
    assert [each.place.line for each in result.suppressed] == [4]
    assert "5 todo" in [f"{each.place.line} {each.rule}" for each in result.diagnostics]


def test_above_an_entry() -> None:
    assert left(variables("# cilint: ignore[XX001] x", ONE, TWO)) == ["6 todo"]
    assert left(variables("# cilint: ignore[XX001] x", "", "# why", ONE)) == []


def test_above_a_block_it_holds_for_all_of_it() -> None:
    text = variables(ONE, TWO).replace("  variables:", "  # cilint: ignore[XX001] x\n  variables:")
    assert left(text) == []


def test_above_the_first_item_it_does_not_hold_for_the_list() -> None:
    text = """\
version: 0.2
phases:
  build:
    commands:
      - make
  post_build:
    commands:
      # cilint: ignore[todo] the bucket is a scratch area
      - TODO a s3://a
      - TODO b s3://b
"""
    assert left(text) == ["10 todo"]


def test_for_a_file() -> None:
    text = variables(ONE, TWO)
    assert left("# cilint: ignore-file[XX001] made by a generator\n" + text) == []
    assert left(text + "# cilint: ignore-file[XX001] made by a generator\n") == []


def test_beside_other_tools() -> None:
    assert left(variables(f"{ONE}  # nosec # cilint: ignore[XX001] x")) == []
    text = variables("A: b  # nosec # cilint: ignore[XX001] x")
    assert fixed(text) == variables("A: b  # nosec")
    assert fixed(variables("A: b  # cilint: ignore[XX001] x # nosec")) == variables("A: b # nosec")
    assert fixed(variables("# cilint: ignore[XX001] x # nosec", "A: b")) == variables("# nosec", "A: b")


def test_it_names_rules_and_silences_no_other() -> None:
    assert left(variables(f"{ONE}  # cilint: ignore[fixme] x")) == ["4 todo", f"4 {UNUSED}"]


def test_at_the_head_of_a_text_it_holds_for_the_text() -> None:
    text = """\
version: 0.2
phases:
  build:
    commands:
      - make
  post_build:
    commands:
      - |  # cilint: ignore[todo] a scratch area
        echo
        TODO a s3://a
"""
    assert left(text) == []


# --- in scripts

SCRIPT = """\
version: 0.2
phases:
  build:
    commands:
      - make
  post_build:
    commands:
      - |
        {0}
        TODO a s3://a{1}
        TODO b s3://b
        if true; then
          {2}
          TODO c s3://c
        fi
"""
COMMENT = "# cilint: ignore[todo] x"


@pytest.mark.parametrize(
    ("before", "behind", "within", "lines"),
    [
        ("echo", "", "echo", {10, 11, 14}),
        ("echo", f" {COMMENT}", "echo", {11, 14}),
        (COMMENT, "", "echo", {11, 14}),
        ("echo", "", COMMENT, {10, 11}),
        (COMMENT.replace("ignore", "ignore-file"), "", "echo", set()),
    ],
)
def test_inside_a_script(before: str, behind: str, within: str, lines: set[int]) -> None:
    found = checked(SCRIPT.format(before, behind, within)).diagnostics
    assert {each.place.line for each in found if each.rule == "todo"} == lines
    assert UNUSED not in [each.rule for each in found]


def test_above_a_block_of_a_script() -> None:
    text = SCRIPT.format("echo", "", "echo").replace("        if true", f"        {COMMENT}\n        if true")
    assert left(text) == ["10 todo", "11 todo"]


def test_inside_a_script_in_json() -> None:
    commands = ["TODO a s3://a\nTODO b s3://b # cilint: ignore[todo] x\nls"]
    text = json.dumps(
        {"version": 0.2, "phases": {"build": {"commands": ["make"]}, "post_build": {"commands": commands}}}
    )
    found = [each for each in checked(text, "buildspec.json").diagnostics if each.rule == "todo"]
    assert [each.place.start for each in found] == [text.index("TODO a")]


def test_the_words_in_a_value_are_no_suppression() -> None:
    assert left(variables('A: "cilint: ignore[XX001]"', ONE)) == ["5 todo"]


# --- outside comments


def test_by_path_and_pointer_in_the_configuration() -> None:
    policy = {"Version": "2012-10-17", "Statement": [{"Resource": "TODO"}, {"Resource": "TODO"}]}
    text = json.dumps(policy, indent=1)
    every = checked(text, "policy.json")
    assert [each.rule for each in every.diagnostics] == ["todo"] * 2
    where = Where("/", ("policy.json",))

    def lines(pointer: str) -> list[int]:
        result = checked(text, "policy.json", waivers=(Waiver(where, ("XX001",), pointer),))
        return [every.diagnostics.index(each) for each in result.diagnostics]

    assert lines("") == []
    assert lines("/Statement") == []
    assert lines("/Statement/0") == [1]
    assert lines("/Statement/1/Resource") == [0]
    assert lines("/Statement/2") == lines("/Nothing/~1") == [0, 1]


def test_in_the_metadata_of_a_template() -> None:
    """Told by what is around it, whatever kind the file is taken for."""
    template = {
        "Metadata": {"cilint": {"ignore": ["a-rule"]}},
        "Resources": {
            "One": {
                "Type": "x",
                "Metadata": {"cilint": {"ignore": [{"rule": "b", "reason": "why", "until": "2026-01-01"}]}},
            },
            "Two": {"Type": "x", "Metadata": {"cilint": {"ignore": [{"until": "soon"}]}}},
            "Three": {"Type": "x", "Metadata": {"cilint": "b"}},
        },
    }
    text = decode(json.dumps(template).encode())
    whole, one, two, three = find("t.json", read(text, "t.json"))
    assert (whole.rules, whole.start, whole.end) == (("a-rule",), 0, len(text.content))
    assert (one.rules, one.reason, one.until) == (("b",), "why", "2026-01-01")
    assert text.content[one.start : one.end].startswith('"One": {"Type"')
    assert text.content[one.start : one.end].endswith("}]}}}")
    assert "names no rule" in two.problem and "says nothing" in three.problem


# --- what is wrong with them


def messages(text: str, today: str = "2026-06-15") -> list[str]:
    return [each.message for each in checked(text, today=today).diagnostics if each.id.startswith("CI")]


def test_an_unused_one_says_where_the_finding_is() -> None:
    (message,) = messages(variables("A: b  # cilint: ignore[XX001] x", ONE))
    assert message == "there is nothing here for `XX001` to find; remove this suppression, or move it to line 5"


def test_one_of_a_rule_that_is_off_is_not_called_unused() -> None:
    assert left(variables("A: b  # cilint: ignore[rule-that-is-off] x")) == []


def test_one_silences_nothing_of_the_rules_about_suppressions() -> None:
    text = "# cilint: ignore-file[unused-suppression] x\n" + variables("A: b  # cilint: ignore[XX001] x")
    assert f"5 {UNUSED}" in left(text)


@pytest.mark.parametrize(("today", "expected"), [("2026-06-30", []), ("2026-07-01", ["todo", "expired-suppression"])])
def test_the_last_day_counts(today: str, expected: list[str]) -> None:
    text = variables(f"{ONE} # cilint: ignore[XX001] until=2026-06-30 moves to Secrets Manager")
    assert [each.split()[1] for each in left(text, today=today)] == expected


def test_a_reason_can_be_required() -> None:
    def rules_of(comment: str) -> list[str]:
        return [each.rule for each in checked(variables(f"{ONE} # cilint: ignore[XX001]{comment}")).diagnostics]

    assert rules_of("") == rules_of(" until=2999-01-01") == ["suppression-without-reason"]
    assert rules_of(" of a test") == rules_of(": of a test") == []


@pytest.mark.parametrize(
    ("comment", "problem"),
    [
        ("# cilint: ignore", "it names no rule; write `# cilint: ignore[rule] reason`"),
        ("# cilint: ignore[] x", "it names no rule"),
        ("# cilint: ignroe[a]", "cilint knows no `ignroe`; did you mean `ignore[...]`?"),
        ("# cilint: file-ignore[a]", "write `# cilint: ignore[rule] reason`"),
        ("# cilint: ignore[a] until=soon", "`until=soon` is no date; write until=YYYY-MM-DD"),
        ("# cilint: ignore[a] until=2026-13-01", "`until=2026-13-01` is no date"),
        ("# cilint:ignore[a]", ""),
        ("#cilint: ignore [a , b]", ""),
        ("// cilint: ignore[a]", ""),
        ("/* cilint: ignore[a] why */", ""),
    ],
)
def test_what_a_comment_says(comment: str, problem: str) -> None:
    said = parse(comment)
    assert said is not None
    assert said.problem.startswith(problem) if not problem else problem in said.problem
    assert said.reason in ("", "x", "why")


@pytest.mark.parametrize("comment", ["# see cilint: ignore[a]", "# https://x/cilint: y", "# cilint", "# xcilint: z"])
def test_prose_is_no_suppression(comment: str) -> None:
    assert parse(comment) is None


def fixed(text: str) -> str:
    """The text after the safe fixes about suppressions."""
    found = [each.fix for each in checked(text).diagnostics if each.fix and each.id.startswith("CI1")]
    changes = [edits.Edit(Span(e.place.start, e.place.end), e.text) for fix in found for e in fix.edits]
    return edits.apply(decode(text.encode()), changes).decode()


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("A: b  # cilint: ignore[XX001] x", "A: b"),
        ("A: b  # cilint: ignore[XX001, fixme] x", "A: b"),
        ("# cilint: ignore[XX001] x\n    A: b", "A: b"),
        (f"{ONE} # cilint: ignore[fixme, XX001] x", f"{ONE} # cilint: ignore[XX001] x"),
        (f"{ONE} # cilint: ignore[XX001, no-rule] x", f"{ONE} # cilint: ignore[XX001] x"),
    ],
)
def test_fixes(line: str, expected: str) -> None:
    assert fixed(variables(line)) == variables(expected)
    assert fixed(variables(expected)) == variables(expected)


def test_fixes_in_scripts() -> None:
    assert fixed(SCRIPT.format("# cilint: ignore[XX002] x", "", "ls # cilint: ignore[XX001] x")) == SCRIPT.format(
        "", "", "ls"
    ).replace("      - |\n        \n", "      - |\n")


# --- in a run


def check(*arguments: str) -> Result:
    return CliRunner().invoke(cli, ["check", "--format", "concise", "--isolated", *arguments])


def test_the_closing_line_counts_them(project: Path) -> None:
    (project / "buildspec.yml").write_text(variables(f"{SECRET}  # cilint: ignore[BS101] x"))
    result = check()
    assert result.exit_code == 0
    assert result.stdout.endswith(", 1 suppressed\n")


def test_no_suppressions_reports_everything(project: Path) -> None:
    (project / "buildspec.yml").write_text(
        variables(f"{SECRET}  # cilint: ignore[BS101] x", "A: b # cilint: ignore[BS301] y")
    )
    result = check("--no-suppressions")
    assert result.exit_code == 1
    assert "[BS101 plaintext-secret]" in result.stdout and "unused-suppression" not in result.stdout


def test_the_configuration_suppresses_by_path(project: Path) -> None:
    (project / "cilint.toml").write_text(
        '[[suppress]]\npath = "/a/"\nrules = ["BS101"]\nat = "/env/variables/DB_PASSWORD"\nuntil = 2999-01-01\n'
        '[[suppress]]\npath = "/b/"\nrules = ["BS101"]\nuntil = 2020-01-01\n'
    )
    for name in ("a", "b"):
        (project / name).mkdir()
        (project / name / "buildspec.yml").write_text(variables(SECRET))
    result = CliRunner().invoke(cli, ["check", "--format", "concise"])
    found = [line.split(":")[0] for line in result.stdout.splitlines()[:-1]]
    assert found == ["b/buildspec.yml", "cilint.toml"], "what is found again, and the suppression that is over"


def test_files_without_the_word_cost_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cilint.engine.suppress.find", lambda *_: pytest.fail("looked for suppressions"))
    result = analyze("buildspec.yml", variables(SECRET).encode(), rule_index.load().rules, EmptyTree())
    assert [each.rule for each in result.diagnostics] == ["plaintext-secret"]
