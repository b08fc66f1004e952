"""The JSON report is what its published schema says."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from cilint.engine.result import Edit, FileResult, Note, PlacedFix
from cilint.engine.run import Report, Unread
from cilint.report import models
from cilint.report.json import render
from tests.report.sample_reports import BUILDSPEC, check, diagnostic, place, report

ROOT = Path(__file__).parent.parent.parent
FULL = report(
    diagnostic(
        related=(Note(place(3), "first here"),),
        fix=PlacedFix("Rename", "unsafe", (Edit(place(), "x"),)),
        keys="phases.build",
    ),
    unread=(Unread("no.yml", "Permission denied"),),
    ignored=("notes.yml",),
)


def test_the_published_schema_is_that_of_the_models() -> None:
    assert (ROOT / "schemas/report.schema.json").read_text() == models.schema(), (
        "run `python -m cilint.report.models > schemas/report.schema.json`"
    )


@pytest.mark.parametrize("each", [report(), report(files=()), FULL], ids=["empty", "nothing checked", "full"])
def test_a_report_is_valid(each: Report) -> None:
    models.Report.model_validate_json(render(each), strict=True)


def test_a_report_of_real_findings_is_valid(project: Path) -> None:
    (project / "buildspec.yml").write_text(BUILDSPEC)
    parsed = models.Report.model_validate_json(render(check()), strict=True)
    assert parsed.summary.warnings == len(parsed.findings) >= 3
    assert {each.place.path for each in parsed.findings} == {"buildspec.yml"}


def test_what_it_says() -> None:
    value = json.loads(render(FULL))
    assert list(value) == ["version", "tool", "summary", "findings", "files", "unread", "ignored", "notices"]
    assert value["version"] == 1
    assert value["summary"] == {
        "errors": 0,
        "warnings": 1,
        "notes": 0,
        "suppressed": 0,
        "known": 0,
        "checked": 1,
        "skipped": 2,
        "seconds": 0.25,
        "exit_code": 1,
    }
    (finding,) = value["findings"]
    assert (finding["id"], finding["rule"], finding["category"]) == ("XX001", "some-rule", "correctness")
    assert finding["keys"] == "phases.build"
    assert finding["related"][0]["place"]["line"] == 3
    assert finding["fix"]["edits"][0]["text"] == "x"


def test_it_is_ascii_whatever_a_path_holds() -> None:
    files = (FileResult("日本\udcff.yml", "buildspec", True),)
    rendered = render(report(files=files))
    assert rendered.isascii()
    assert json.loads(rendered)["files"][0]["path"] == "日本\udcff.yml"
