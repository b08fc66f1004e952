"""Workflow commands, read back as GitHub's runner reads them."""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

import pytest

from cilint.engine.run import Unread
from cilint.report.github import render
from tests.report.sample_reports import BUILDSPEC, check, diagnostic, place, report


class Command(NamedTuple):
    """A workflow command with its properties and message decoded."""

    name: str
    properties: dict[str, str]
    message: str


def commands(output: str) -> list[Command]:
    """The commands of a step's output (actions/runner reads a command from one line, then decodes it)."""
    found = []
    for line in output.splitlines():
        if match := re.match(r"::(\w+) ([^:]*)::(.*)", line):
            pairs = (each.split("=", 1) for each in match[2].split(","))
            found.append(Command(match[1], {key: decoded(value) for key, value in pairs}, decoded(match[3])))
    return found


def decoded(text: str) -> str:
    for code, char in (("%3A", ":"), ("%2C", ","), ("%0D", "\r"), ("%0A", "\n"), ("%25", "%")):
        text = text.replace(code, char)
    return text


def test_an_annotation_stands_at_its_place_and_says_it_in_the_log_too(project: Path) -> None:
    (project / "buildspec.yml").write_text(BUILDSPEC)
    found = commands(render(check()))
    (renamed,) = (each for each in found if "buildspec-unknown-key" in each.properties["title"])
    assert renamed.name == "warning"
    assert renamed.properties | {"title": ""} == {
        "title": "",
        "file": "buildspec.yml",
        "line": "11",
        "endLine": "11",
        "col": "5",
        "endColumn": "11",
    }
    assert renamed.message.startswith("buildspec.yml:11:5: BS001 unknown key `finaly`")


def test_paths_start_at_the_root_of_the_repository(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (project / "app").mkdir()
    (project / "app/buildspec.yml").write_text(BUILDSPEC)
    monkeypatch.chdir(project / "app")
    assert {each.properties["file"] for each in commands(render(check()))} == {"app/buildspec.yml"}


def test_nothing_in_a_message_or_a_path_can_be_a_command_of_its_own() -> None:
    nasty = "50%\n::add-mask::secret\r::error::x, y"
    (only,) = commands(render(report(diagnostic(nasty, where=place(path="a,b:c%.yml")))))
    assert only.message.endswith(nasty)
    assert only.properties["file"] == "a,b:c%.yml"


def test_the_gravest_come_first() -> None:
    found = commands(
        render(report(*(diagnostic(level, severity=level) for level in ("note", "error", "warning", "error"))))
    )
    assert [each.name for each in found] == ["error", "error", "warning", "notice"]


def test_what_github_does_not_show_is_counted() -> None:
    many = [diagnostic(str(number)) for number in range(13)]
    assert any("3 findings are not shown here" in each.message for each in commands(render(report(*many))))
    assert not any("not shown" in each.message for each in commands(render(report(*many[:10]))))


def test_a_range_of_several_lines_has_no_columns() -> None:
    (only,) = commands(render(report(diagnostic(where=place(2, 3, 4, 5)))))
    assert (only.properties["line"], only.properties["endLine"]) == ("2", "4")
    assert "col" not in only.properties


def test_a_file_that_cannot_be_read_is_an_error() -> None:
    (only,) = commands(render(report(unread=(Unread("no.yml", "Permission denied"),))))
    assert (only.name, only.message) == ("error", "no.yml: cannot be read: Permission denied")
