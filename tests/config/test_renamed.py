"""A rule that got another name answers to the old one, and the run says in one line what to write."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from cilint.cli.main import cli

PAGE = """\
id: TEAM007
name: no-make
was: [make-called, make-in-build]
summary: make is called
category: style
severity: warning
confidence: high
kinds: [buildspec]
why: The team builds with just.
select: $.phases.*.commands[]
forbid: {pattern: "^make"}
message: "`{value}`; call `just`"
bad:
  - file: |
      version: 0.2
      phases:
        build:
          commands: [make]
    expect: [{at: make, says: "call `just`"}]
good: []
"""
BUILDSPEC = "version: 0.2\nphases:\n  build:\n    commands:\n      - make all{}\n"
NOW = "`make-called` is called `no-make` now"


@pytest.fixture
def renamed(project: Path) -> Path:
    """A project with a rule that was called `make-called` and `make-in-build` before."""
    (project / ".cilint/rules").mkdir(parents=True)
    (project / ".cilint/rules/no-make.yaml").write_text(PAGE)
    (project / "buildspec.yml").write_text(BUILDSPEC.format(""))
    return project


def check(*arguments: str) -> Result:
    result = CliRunner().invoke(cli, ["check", "--format", "concise", *arguments])
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def lines(*arguments: str) -> list[str]:
    return check(*arguments).stdout.splitlines()[:-1]


FOUND = "buildspec.yml:5:9: warning: `make all`; call `just` [TEAM007 no-make]"


def test_the_name_of_today_needs_no_remark(renamed: Path) -> None:
    assert lines("--select", "no-make") == [FOUND]


@pytest.mark.parametrize("old", ["make-called", "make-in-build"])
def test_the_command_line_takes_every_name_that_the_rule_had(renamed: Path, old: str) -> None:
    assert lines("--select", old) == [FOUND, f"Note: the command line: `{old}` is called `no-make` now."]
    assert FOUND not in lines("--ignore", old)


@pytest.mark.parametrize(
    ("configuration", "where", "found"),
    [
        ('select = ["make-called"]', "1:11", [FOUND]),
        ('extend-select = ["make-called"]', "1:18", [FOUND]),
        ('ignore = ["BS501", "make-called"]', "1:20", []),
        ('[severity]\nmake-called = "note"', "2:1", [FOUND.replace("warning", "note")]),
        ('[per-file-ignores]\n"buildspec.yml" = ["make-called"]', "2:20", []),
        ('[per-file-severity]\n"*.yml" = {make-called = "error"}', "2:12", [FOUND.replace("warning", "error")]),
        ('[[suppress]]\npath = "buildspec.yml"\nrules = ["make-called"]', "3:10", []),
        ("[options.make-called]", "1:1", [FOUND]),
    ],
)
def test_a_configuration_may_say_the_old_name(renamed: Path, configuration: str, where: str, found: list[str]) -> None:
    (renamed / "cilint.toml").write_text(configuration + "\n")
    said = [line for line in lines() if "TEAM007" in line or line.startswith("Note")]
    assert said == [*found, f"Note: cilint.toml:{where}: {NOW}."]


def test_a_suppression_by_the_old_name_holds(renamed: Path) -> None:
    (renamed / "buildspec.yml").write_text(BUILDSPEC.format("  # cilint: ignore[make-called] for now"))
    assert lines() == [f"Note: buildspec.yml:5: {NOW}."]


def test_of_an_unused_one_the_same_is_said_as_by_its_name_of_today(renamed: Path) -> None:
    (renamed / "buildspec.yml").write_text("version: 0.2\nphases: {}\n# cilint: ignore-file[make-called] x\n")
    assert "there is nothing here for `make-called` to find" in "\n".join(lines())


def test_its_page_is_found_and_says_what_it_was(renamed: Path) -> None:
    result = CliRunner().invoke(cli, ["rule", "make-called"])
    assert result.stderr == "cilint: 'make-called' is called 'no-make' now\n"
    assert "was called make-called, make-in-build before" in result.stdout


def test_an_old_name_is_never_used_again(renamed: Path) -> None:
    again = PAGE.replace("no-make", "make-called", 1).replace("was: [make-called, make-in-build]\n", "")
    (renamed / ".cilint/rules/make-called.yaml").write_text(again.replace("TEAM007", "TEAM008"))
    result = check()
    assert result.exit_code == 2
    assert "`make-called` is taken by .cilint/rules/" in result.stderr
