"""How far a test reaches, and what shells share: whose text a variable holds across commands, phases and versions."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cilint import check_text

B = "B=${CODEBUILD_WEBHOOK_HEAD_REF#refs/heads/}"
ONLY_MAIN = '[ "$B" = main ]'
SINK = 'eval "deploy $B"'


def spoken(phases: dict[str, dict[str, list[str]]], version: float = 0.2) -> list[str]:
    """The texts that untrusted-code underlines."""
    text = json.dumps({"version": version, "phases": phases}, indent=1)
    found = check_text(text, "buildspec.json", select=["untrusted-code"]).diagnostics
    return [text[each.place.start : each.place.end] for each in found]


@pytest.mark.parametrize(
    ("test_in", "sink_in", "reached"),
    [
        ("install", "build", False),
        ("pre_build", "build", False),
        ("pre_build", "post_build", False),
        ("build", "build", False),
        ("build", "post_build", True),
    ],
)
def test_a_test_that_fails_ends_the_build_but_for_the_build_phase(test_in: str, sink_in: str, reached: bool) -> None:
    phases: dict[str, dict[str, list[str]]] = {test_in: {"commands": [B, ONLY_MAIN]}}
    phases.setdefault(sink_in, {"commands": []})["commands"].append(SINK)
    assert spoken(phases) == (["$B"] if reached else [])


def test_finally_runs_after_a_test_that_failed() -> None:
    assert spoken({"build": {"commands": [B, ONLY_MAIN], "finally": [SINK]}}) == ["$B"]


def test_on_failure_continue_goes_on_after_a_test_that_failed() -> None:
    phases = {"pre_build": {"on-failure": "CONTINUE", "commands": [B, ONLY_MAIN]}, "build": {"commands": [SINK]}}
    assert spoken(phases) == ["$B"]  # type: ignore[arg-type]


def test_a_value_given_after_the_test_is_not_tested() -> None:
    assert spoken({"build": {"commands": [B, ONLY_MAIN, B, SINK]}}) == ["$B"]


def test_with_version_01_variables_end_with_their_command_and_files_do_not() -> None:
    assert spoken({"build": {"commands": [B, SINK]}}, version=0.1) == []
    assert spoken({"build": {"commands": [f'{B}; echo "deploy $B" > run.sh', "sh run.sh"]}}, version=0.1) == ["run.sh"]


def test_a_function_is_followed_where_it_is_called() -> None:
    define = 'run() { eval "deploy $1"; }'
    assert spoken({"build": {"commands": [define, "run main"]}}) == []
    assert spoken({"build": {"commands": [define, B, 'run "$B"', 'run "$B"']}}) == ["$1"]
    assert spoken({"build": {"commands": [f'run() {{ eval "{SINK[6:-1]}"; }}', B, "run"]}}) == ["$B"]


def test_functions_that_call_each_other_come_to_an_end() -> None:
    commands = ['a() { b "$1"; b "$1"; }; b() { a "$1"; a "$1"; eval "$1"; }', B, 'a "$B"']
    assert spoken({"build": {"commands": commands}}) == ["$1"]


def test_variables_of_env_are_the_owners() -> None:
    text = """\
version: 0.2
env:
  variables: {COMMIT_MESSAGE: none}
phases:
  build:
    commands:
      - eval "notify $COMMIT_MESSAGE $BRANCH_NAME"
"""
    (found,) = check_text(text, "buildspec.yml", select=["untrusted-code"]).diagnostics
    assert (found.severity, found.confidence) == ("note", "low")
    assert "`BRANCH_NAME` holds a name that others choose" in found.message


def test_the_finding_tells_where_the_text_comes_from() -> None:
    text = json.dumps({"version": 0.2, "phases": {"build": {"commands": [B, SINK]}}}, indent=1)
    (found,) = check_text(text, "buildspec.json", select=["untrusted-code"]).diagnostics
    assert [note.message for note in found.related] == ["it comes from here"]
    assert "`B`, made of `CODEBUILD_WEBHOOK_HEAD_REF`, holds" in found.message


_PIECES = st.sampled_from(
    [
        *(
            "$B",
            '"$B"',
            "$1",
            '"$@"',
            "`git log`",
            "$(git log -1)",
            "$((B + 1))",
            "${B:-$C}",
            "${!B}",
            "<(cat f)",
            "main",
        ),
        *(
            "eval",
            "sh -c",
            "read A B",
            "for x in",
            "do",
            "done",
            "if",
            "then",
            "fi",
            "case",
            "in",
            "esac",
            "f()",
            "f",
            "{",
        ),
        *(
            "}",
            "(",
            ")",
            ";",
            ";;",
            "|",
            "||",
            "&&",
            "\n",
            "> f",
            "< f",
            "<<< $B",
            "<<EOF\n$B\nEOF\n",
            ". f",
            "export B=$A",
        ),
        *(
            "[ $B = x ]",
            "[[ $B =~ ^a$ ]]",
            "xargs -I{} sh -c {}",
            "ssh h",
            "python -",
            "B=",
            "A=$B",
            "printf -v A %s $B",
        ),
    ]
)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.lists(_PIECES, max_size=14).map(" ".join), max_size=5))
def test_no_script_raises_or_takes_long(commands: list[str]) -> None:
    text = json.dumps({"version": 0.2, "env": {"shell": "bash"}, "phases": {"build": {"commands": [B, *commands]}}})
    report = check_text(text, "buildspec.json", select=["untrusted-code", "untrusted-argument", "loose-ref-check"])
    assert not [each for each in report.diagnostics if each.rule == "internal-error"]
