"""shellcheck beside cilint: its findings at their places in the YAML or JSON. The real program where it is installed,
else a stand-in that answers as it does."""

from __future__ import annotations

import json
import re
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from cilint.cli.main import cli
from cilint.engine import index as rule_index
from cilint.engine import shellcheck, shellcheck_comments
from tests.integrations.tools import ROOT

BUILDS = ROOT / "fixtures/commands-of-builds"
GOLDEN = ROOT / "fixtures/commands-of-builds.expected"
WORDS_OF = "0.11"
"""The version of shellcheck whose words the golden file has; of another one only rules and places are compared."""

BUILDSPEC = """\
version: 0.2
phases:
  build:
    commands:
      - ls $WHERE
"""


@pytest.fixture
def real() -> str:
    found = shellcheck.program()
    if found is None:
        pytest.skip(f"shellcheck is not installed ({shellcheck.PROGRAM} names it, or the PATH)")
    return found


@pytest.fixture
def stand_in(project: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Makes a program that notes its arguments and the scripts that it gets, prints the given text and exits."""

    def make(prints: str, code: int = 0, before: str = "") -> None:
        program = project.parent / "shellcheck-stand-in"
        body = f"""#!{sys.executable}
import json, os, sys, time
scripts = [name for name in sys.argv[1:] if name.endswith(".sh")]
said = {{"arguments": sys.argv[1:], "scripts": [open(name).read() for name in scripts],
        "options": open(os.path.join(os.path.dirname(scripts[0]), ".shellcheckrc")).read()}}
with open({str(project.parent / "runs.jsonl")!r}, "a") as file:
    file.write(json.dumps(said) + "\\n")
{before}
sys.stdout.write({prints!r})
sys.exit({code})
"""
        program.write_text(body)
        program.chmod(program.stat().st_mode | stat.S_IXUSR)
        monkeypatch.setenv(shellcheck.PROGRAM, str(program))

    return make


def runs(project: Path) -> list[dict[str, Any]]:
    """What the stand-in was started with, a run an item."""
    noted = project.parent / "runs.jsonl"
    return [json.loads(line) for line in noted.read_text().splitlines()] if noted.exists() else []


def comment(code: int, line: int, column: int, end: int, level: str = "info", file: str = "0/0.sh") -> dict[str, Any]:
    """A comment of shellcheck's; the first line of a script is line 3, below cilint's header."""
    return {
        "file": file,
        "line": line,
        "endLine": line,
        "column": column,
        "endColumn": end,
        "level": level,
        "code": code,
        "message": f"what {code} says",
        "fix": None,
    }


def said(*comments: Any) -> str:
    return json.dumps({"comments": comments})


def check(*arguments: str, stdin: str | None = None) -> Result:
    return CliRunner().invoke(cli, ["check", *arguments], input=stdin)


def findings(*arguments: str, stdin: str | None = None) -> list[tuple[str, str, int, int, int]]:
    """Id, level, line, column and end of shellcheck's findings."""
    outcome = check(*arguments, "--shellcheck", "--format", "json", stdin=stdin)
    return [
        (each["id"], each["severity"], each["place"]["line"], each["place"]["column"], each["place"]["end_column"])
        for each in json.loads(outcome.stdout)["findings"]
        if each["id"].startswith("shellcheck/")
    ]


def build(*commands: str, version: str = "0.2", head: str = "") -> str:
    """A buildspec with these lines below `commands:`; without `head` they begin at line 5."""
    lines = "".join(f"      {line}\n" for line in commands)
    return f"version: {version}\n{head}phases:\n  build:\n    commands:\n{lines}"


# --- the whole program


def test_the_whole_program_says_what_the_golden_file_has(real: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(BUILDS)
    outcome = check("--isolated", "--shellcheck", "--select", "shellcheck,CI", "--format", "concise", ".")
    got, expected = outcome.stdout.splitlines()[:-1], GOLDEN.read_text().splitlines()
    version = subprocess.run([real, "--version"], capture_output=True, text=True).stdout
    if f"version: {WORDS_OF}" not in version:
        got, expected = ([re.sub(r": (\w+): .* \[", r": \1: [", line) for line in lines] for lines in (got, expected))
    assert got == expected


def test_what_is_underlined_is_what_is_meant(real: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever style a command is written in, SC2086 underlines the variable and nothing else."""
    monkeypatch.chdir(BUILDS)
    outcome = check("--isolated", "--shellcheck", "--select", "shellcheck/SC2086", "--format", "json", ".")
    underlined = set()
    for each in json.loads(outcome.stdout)["findings"]:
        place = each["place"]
        line = (BUILDS / place["path"]).read_text(encoding="utf-8").splitlines()[place["line"] - 1]
        underlined.add(line[place["column"] - 1 : place["end_column"] - 1])
    names = "REGISTRY SINGLE DOUBLE FOLDED PLAIN LITERAL BEHIND_THE_ERROR FLOW REST FROM WHERE JSON_IN_YAML IN_JSON"
    assert {f"${name}" for name in names.split()} | {"$file", "$1", "${files}", "${!NAME}"} == underlined


def test_a_text_on_standard_input_is_checked_too(project: Path, real: str) -> None:
    assert findings("-", "--stdin-filename", "buildspec.yml", stdin=BUILDSPEC) == [
        ("shellcheck/SC2086", "note", 5, 12, 18)
    ]


def test_sarif_names_its_rules(project: Path, real: str) -> None:
    (project / "buildspec.yml").write_text(BUILDSPEC)
    (run,) = json.loads(check("buildspec.yml", "--shellcheck", "--format", "sarif").stdout)["runs"]
    (result,) = (each for each in run["results"] if each["ruleId"] == "shellcheck/SC2086")
    assert run["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] == "shellcheck/SC2086"
    assert result["locations"][0]["physicalLocation"]["region"]["startColumn"] == 12
    assert result["partialFingerprints"]


# --- what it gets


def test_without_being_asked_it_does_not_run(project: Path, stand_in: Any) -> None:
    stand_in(said())
    (project / "buildspec.yml").write_text(BUILDSPEC)
    check("buildspec.yml")
    assert not runs(project)
    (project / "cilint.toml").write_text("shellcheck = true\n")
    check("buildspec.yml", "--no-shellcheck")
    assert not runs(project)
    check("buildspec.yml")
    assert len(runs(project)) == 1


def test_one_process_gets_the_scripts_of_all_files(project: Path, stand_in: Any) -> None:
    stand_in(said())
    (project / "a").mkdir()
    (project / "buildspec.yml").write_text(build("- cd app", "- make"))
    (project / "a/buildspec.yml").write_text(build("- cd app", "- make", version="0.1"))
    check("--shellcheck")
    (run,) = runs(project)
    assert [text.removeprefix("# shellcheck shell=sh\n:\n") for text in run["scripts"]] == [
        "cd app\nmake\n",
        "cd app\n",
        "make\n",
    ]


@pytest.mark.parametrize(
    ("head", "shell"),
    [
        ("", "sh"),
        ("env: {shell: bash}\n", "bash"),
        ("env: {shell: /bin/bash}\n", "bash"),
        ("env: {shell: powershell.exe}\n", None),
        ("env: {shell: cmd.exe}\n", None),
        ("env: {shell: zsh}\n", None),
    ],
)
def test_the_shell_is_the_builds(project: Path, stand_in: Any, head: str, shell: str | None) -> None:
    stand_in(said())
    (project / "buildspec.yml").write_text(build("- make", head=head))
    check("buildspec.yml", "--shellcheck")
    assert [text.split("\n")[0] for run in runs(project) for text in run["scripts"]] == (
        [f"# shellcheck shell={shell}"] if shell else []
    )


def test_a_command_that_cannot_be_read_is_a_script_of_its_own(project: Path, real: str) -> None:
    (project / "buildspec.yml").write_text(build("- if true; then make", "- ls $WHERE"))
    found = findings("buildspec.yml")
    assert [(level, line) for _, level, line, _, _ in found] == [("error", 5), ("note", 6)]


def test_where_only_shellcheck_stops_the_other_commands_are_heard_apart(project: Path, stand_in: Any) -> None:
    stand_in(said(comment(1072, 3, 1, 3, "error")))
    (project / "buildspec.yml").write_text(build("- echo one", "- echo two"))
    assert [line for _, _, line, _, _ in findings("buildspec.yml")] == [5]
    whole, apart = runs(project)
    assert [len(run["scripts"]) for run in (whole, apart)] == [1, 2]


def test_the_scripts_lie_where_nobody_else_reads_them_and_are_gone_afterwards(project: Path, stand_in: Any) -> None:
    stand_in(said(), 3, "print(oct(os.stat('.').st_mode)[-3:], os.getcwd(), file=sys.stderr)")
    (project / "buildspec.yml").write_text(BUILDSPEC)
    told = re.search(r"exit code 3\): (\d+) (\S+);", check("buildspec.yml", "--shellcheck").stderr)
    assert told and told[1] == "700"
    assert not Path(told[2]).exists()


# --- what holds for its findings


def test_levels_are_ours(project: Path, stand_in: Any) -> None:
    (project / "buildspec.yml").write_text(BUILDSPEC)
    codes = {9001: "error", 9002: "warning", 9003: "info", 9004: "style", 3037: "warning", 2046: "warning"}
    stand_in(said(*(comment(code, 3, 4, 10, level) for code, level in codes.items())), 1)
    assert {id: level for id, level, *_ in findings("buildspec.yml")} == {
        "shellcheck/SC9001": "warning",
        "shellcheck/SC9002": "warning",
        "shellcheck/SC9003": "note",
        "shellcheck/SC9004": "note",
        "shellcheck/SC3037": "note",
        "shellcheck/SC2046": "note",
    }
    assert check("buildspec.yml", "--shellcheck").exit_code == 1, "a warning fails the run, as any other"
    (project / "cilint.toml").write_text("[severity]\nshellcheck = 'note'\n'shellcheck/SC9001' = 'error'\n")
    levels = {id: level for id, level, *_ in findings("buildspec.yml")}
    assert (levels["shellcheck/SC9001"], levels["shellcheck/SC9002"]) == ("error", "note")


@pytest.mark.parametrize(
    ("arguments", "heard"),
    [
        (("--ignore", "shellcheck/SC2086"), False),
        (("--ignore", "shellcheck"), False),
        (("--ignore", "shellcheck/SC2"), False),
        (("--select", "shellcheck"), True),
        (("--select", "shellcheck/SC2086"), True),
        (("--select", "BS"), False),
        (("--ignore", "correctness"), False),
        (("--config", 'per-file-ignores."*.yml" = ["shellcheck"]'), False),
        (("--min-confidence", "high"), False),
        (("--severity", "warning"), False),
    ],
)
def test_its_rules_are_selected_as_ours(project: Path, real: str, arguments: tuple[str, ...], heard: bool) -> None:
    (project / "buildspec.yml").write_text(BUILDSPEC)
    assert bool(findings("buildspec.yml", *arguments)) is heard


def test_a_word_that_is_no_rule_of_its_is_refused(project: Path) -> None:
    outcome = check("--shellcheck", "--select", "shellcheck/2086x")
    assert outcome.exit_code == 2
    assert "no rule, family or category is called `shellcheck/2086x`" in outcome.stderr


def test_that_nothing_of_it_is_selected_is_said(project: Path, real: str) -> None:
    (project / "buildspec.yml").write_text(BUILDSPEC)
    outcome = check("buildspec.yml", "--shellcheck", "--select", "BS")
    assert outcome.stderr == (
        "cilint: shellcheck did not run, since none of its rules is selected; select `shellcheck`, too\n"
    )


def test_suppressions_silence_it_and_are_missed_when_they_do_not(project: Path, real: str) -> None:
    (project / "buildspec.yml").write_text(
        build(
            "- ls $WHERE # cilint: ignore[shellcheck/SC2086] words are wanted",
            "- ls # cilint: ignore[shellcheck/SC2046] nothing here",
            "- ls # cilint: ignore[shellcheck/2046] no such rule",
        )
    )
    told = json.loads(check("buildspec.yml", "--shellcheck", "--format", "json").stdout)
    assert [(each["rule"], each["place"]["line"]) for each in told["findings"]] == [
        ("unused-suppression", 6),
        ("invalid-suppression", 7),
    ]
    assert told["summary"]["suppressed"] == 1
    told = json.loads(check("buildspec.yml", "--format", "json").stdout)
    assert [each["rule"] for each in told["findings"]] == ["invalid-suppression"], "it did not run, so nobody knows"


def test_its_own_directives_hold_for_a_statement_or_at_the_top_for_the_block(project: Path, real: str) -> None:
    (project / "buildspec.yml").write_text(
        build(
            "- |",
            "  # shellcheck disable=SC2086",
            "  ls $ONE",
            "  ls $TWO",
            "- |",
            "  ls $THREE",
            "  # shellcheck disable=SC2086",
            "  ls $FOUR",
            "  ls $FIVE",
        )
    )
    assert [line for _, _, line, _, _ in findings("buildspec.yml")] == [10, 13]


def test_shellcheckrc_says_which_rules_hold_and_names_no_other_files(project: Path, stand_in: Any) -> None:
    stand_in(said())
    (project / ".shellcheckrc").write_text("disable=SC2086\nexternal-sources=true\nsource-path=/\n# why\nenable=all\n")
    (project / "ci").mkdir()
    (project / "ci/buildspec.yml").write_text(BUILDSPEC)
    check("--shellcheck")
    (run,) = runs(project)
    assert run["options"] == "disable=SC2086\nenable=all\n"


def test_the_baseline_knows_its_findings(project: Path, real: str) -> None:
    (project / "cilint.toml").write_text("shellcheck = true\n")
    (project / "buildspec.yml").write_text(BUILDSPEC)
    made = CliRunner().invoke(cli, ["baseline", "create", "."])
    assert "shellcheck/SC2086" in (project / "cilint-baseline.json").read_text(), made.output
    assert findings(".") == []
    (project / "buildspec.yml").write_text(BUILDSPEC + "      - ls $ELSEWHERE\n")
    assert [line for _, _, line, _, _ in findings(".")] == [6]


# --- what it does not say


@pytest.mark.parametrize("code", shellcheck_comments.OFF)
def test_what_it_cannot_judge_in_a_build_is_switched_off(project: Path, stand_in: Any, code: str) -> None:
    stand_in(said(comment(int(code[2:]), 3, 1, 3)))
    (project / "buildspec.yml").write_text(BUILDSPEC)
    assert findings("buildspec.yml") == []
    (run,) = runs(project)
    (exclude,) = (each for each in run["arguments"] if each.startswith("--exclude="))
    assert code in exclude.removeprefix("--exclude=").split(",")


def test_rules_that_say_it_better_are_rules_of_ours() -> None:
    index = rule_index.load()
    assert all(index.by_name(name) for names in shellcheck_comments.SUPERSEDED.values() for name in names)


def test_what_we_say_better_is_said_once(project: Path, real: str) -> None:
    (project / "buildspec.yml").write_text(build('- eval "x $CODEBUILD_WEBHOOK_HEAD_REF"', "- $(aws ecr get-login)"))
    assert findings("buildspec.yml") == []
    with_it = {id for id, *_ in findings("buildspec.yml", "--ignore", "SH")}
    assert "shellcheck/SC2091" in with_it


def test_bashisms_are_told_once_a_build(project: Path, real: str) -> None:
    (project / "buildspec.yml").write_text(build("- '[[ a == b ]]'", "- echo -e 'x'", "- 'x=(a b)'"))
    assert not [id for id, *_ in findings("buildspec.yml") if id.startswith("shellcheck/SC3")]
    assert [id for id, *_ in findings("buildspec.yml", "--ignore", "SH301") if id.startswith("shellcheck/SC3")]


def test_codebuild_itself_ends_the_phase_where_a_command_fails(project: Path, real: str) -> None:
    commands = ("- cd app", "- |", "  cd app", "  make", "- |", "  set -e", "  cd app", "  make")
    (project / "buildspec.yml").write_text(build(*commands[:5]))
    assert [(id, line) for id, _, line, _, _ in findings("buildspec.yml")] == [("shellcheck/SC2164", 7)]
    (project / "buildspec.yml").write_text(build(commands[0], *commands[4:]))
    assert findings("buildspec.yml") == []


def test_an_alias_is_not_reported_again(project: Path, real: str) -> None:
    (project / "buildspec.yml").write_text(build("- &list ls $WHERE", "- *list"))
    assert [line for _, _, line, _, _ in findings("buildspec.yml")] == [5]


def test_a_value_that_the_stack_puts_in_is_no_constant(project: Path, real: str) -> None:
    template = (BUILDS / "template.yaml").read_text()
    (project / "template.yaml").write_text(template)
    assert 26 in [line for _, _, line, _, _ in findings("template.yaml")]
    assert "shellcheck/SC2050" not in [id for id, *_ in findings("template.yaml")]
    (project / "template.yaml").write_text(template.replace('"${Stage}" = prod', "x = prod"))
    assert "shellcheck/SC2050" in [id for id, *_ in findings("template.yaml")], "a real constant is one"


def test_a_line_is_shown_without_the_secret_in_it(project: Path, real: str) -> None:
    (project / "buildspec.yml").write_text(build("- docker login -u me --password hunter2hunter2 $REGISTRY"))
    shown = check("buildspec.yml", "--shellcheck").stdout
    assert "shellcheck/SC2086" in shown and "SH104" in shown
    assert "hunter2" not in shown


# --- when it does not work


@pytest.mark.parametrize(
    ("prints", "code", "before", "words"),
    [
        ("", 2, "print('Boom', file=sys.stderr); print('no memory', file=sys.stderr)", "(exit code 2): no memory"),
        ("not JSON", 0, "", "it printed no JSON"),
        ("[]", 0, "", "it printed no JSON"),
        ('{"comments": []}', 4, "print('unknown option', file=sys.stderr)", "unknown option"),
    ],
)
def test_its_failure_is_one_line(project: Path, stand_in: Any, prints: str, code: int, before: str, words: str) -> None:
    stand_in(prints, code, before)
    (project / "buildspec.yml").write_text(BUILDSPEC.replace("commands", "comands"))
    (project / "other.yml").write_text(BUILDSPEC)
    outcome = check("--shellcheck", "--format", "json")
    assert outcome.stderr.count("\n") == 1
    assert words in outcome.stderr
    assert json.loads(outcome.stdout)["findings"], "ours are all there"


def test_it_does_not_run_for_ever(project: Path, stand_in: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shellcheck, "_START", 0.1)
    monkeypatch.setattr(shellcheck, "_EACH", 0.1)
    stand_in(said(), 0, "time.sleep(60)")
    (project / "buildspec.yml").write_text(BUILDSPEC)
    assert "shellcheck took more than 0.2 s and was stopped" in check("buildspec.yml", "--shellcheck").stderr


def test_its_absence_is_said_in_one_line(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(shellcheck.PROGRAM, str(project / "nowhere"))
    (project / "buildspec.yml").write_text(BUILDSPEC)
    assert check("buildspec.yml", "--shellcheck").stderr == (
        "cilint: shellcheck is not installed, so its rules did not run: pip install 'cilint[shellcheck]'\n"
    )


def test_comments_of_another_form_are_passed_over(project: Path, stand_in: Any) -> None:
    stand_in(said({"file": "0/0.sh", "code": 1}, 7, comment(9001, 99, 1, 400), comment(9002, 1, 1, 4)), 1)
    (project / "buildspec.yml").write_text(BUILDSPEC)
    assert [(id, line) for id, _, line, _, _ in findings("buildspec.yml")] == [("shellcheck/SC9001", 5)], (
        "a place behind the end is the end, and one in the header is none"
    )
