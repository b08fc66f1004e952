"""`--statistics`: how often each rule spoke."""

from __future__ import annotations

from pathlib import Path

from click.testing import CliRunner

from cilint.cli.main import cli
from cilint.report.statistics import render
from tests.report.sample_reports import BUILDSPEC, diagnostic, report


def test_the_most_frequent_rule_comes_first() -> None:
    rare = diagnostic()._replace(rule="rare", id="XX002")
    lines = render(report(rare, diagnostic(), diagnostic(severity="note"))).splitlines()
    assert lines[0].split() == ["2", "note/warning", "XX001", "some-rule"]
    assert lines[1].split() == ["1", "warning", "XX002", "rare"]


def test_it_takes_the_place_of_the_findings(project: Path) -> None:
    (project / "buildspec.yml").write_text(BUILDSPEC)
    result = CliRunner().invoke(cli, ["check", "--statistics"])
    assert "BS001   buildspec-unknown-key (1 with a fix)" in result.stdout
    assert "finaly" not in result.stdout
    assert "in 1 file (1 checked" in result.stdout


def test_it_is_no_report_for_machines(project: Path) -> None:
    result = CliRunner().invoke(cli, ["check", "--statistics", "--format", "json"])
    assert result.exit_code == 2
