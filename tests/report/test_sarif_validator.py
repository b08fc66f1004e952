"""Microsoft's own validator, with the rules of GitHub's ingestion, has nothing to say about our SARIF.

`.ci/tools.sh` installs it; CILINT_SARIF_MULTITOOL names its binary where it lies elsewhere.
"""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from cilint.cli.main import cli
from cilint.engine.result import Edit, Note, PlacedFix
from cilint.engine.run import Report, Unread
from cilint.report.sarif import render
from tests.report.sample_reports import BUILDSPEC, INDEX, check, diagnostic, place, report

ROOT = Path(__file__).parent.parent.parent
BINARY = "node_modules/@microsoft/sarif-multitool-linux/Sarif.Multitool"


@pytest.fixture(scope="session")
def multitool() -> Path:
    """The validator's binary; what needs it is skipped where it is absent."""
    places: list[str | Path] = [
        os.environ.get("CILINT_SARIF_MULTITOOL", ""),
        ROOT / ".ci/tools" / BINARY,
        ROOT / BINARY,
    ]
    found = next((Path(each) for each in places if os.path.isfile(each) and os.access(each, os.X_OK)), None)
    if found is None:
        pytest.skip("the SARIF Multitool is not installed (.ci/tools.sh does it; CILINT_SARIF_MULTITOOL names it)")
    return found


def complaints(multitool: Path, log: str, folder: Path) -> list[str]:
    """The errors and warnings of the validator; it exits with 0 whatever it finds, so its output is read."""
    (folder / "log.sarif").write_text(log)
    command = [str(multitool), "validate", "log.sarif", "--rule-kind", "Sarif;Ghas", "--level", "Error;Warning;Note"]
    subprocess.run(
        [*command, "-o", "out.sarif", "--log", "ForceOverwrite"], cwd=folder, check=True, capture_output=True
    )
    (run,) = json.loads((folder / "out.sarif").read_text(encoding="utf-8-sig"))["runs"]
    return [
        f"{each['ruleId']}: {each['message']}"
        for each in run["results"]
        if each.get("level", "warning") in ("error", "warning")
    ]


@pytest.fixture
def everything(project: Path) -> Report:
    """A report that uses every property that we write."""
    (project / ".git/HEAD").write_text("ref: refs/heads/main\n")
    (project / ".git/config").write_text('[remote "origin"]\n\turl = git@github.com:owner/name.git\n')
    (project / "a b#é").mkdir()
    (project / "a b#é/buildspec.yml").write_text(BUILDSPEC)
    checked = check()
    fix = PlacedFix("Rename it", "safe", (Edit(place(1, 1, 1, 8), "version"),))
    related = (Note(place(2), "first [here]"), Note(place(3, path="role.json"), "and there"))
    crash = diagnostic("a rule crashed", severity="error")._replace(rule="internal-error", id="CI005")
    more = (diagnostic(related=related, fix=fix, lines=("version: 0.2",))._replace(rule="duplicate-key", id="CI002"),)
    return checked._replace(
        diagnostics=(*checked.diagnostics, *more, crash),
        unread=(Unread("no.yml", "Permission denied"),),
        ignored=("notes.txt",),
    )


def test_a_report_with_everything_is_clean(multitool: Path, everything: Report, tmp_path: Path) -> None:
    assert complaints(multitool, render(everything), tmp_path) == []


def test_a_report_beside_a_baseline_is_clean(multitool: Path, everything: Report, tmp_path: Path) -> None:
    """All that is left is new; what the baseline knows is left out, since code scanning would open alerts for it."""
    log = render(everything._replace(baseline="cilint-baseline.json"))
    states = [each["baselineState"] for each in json.loads(log)["runs"][0]["results"]]
    assert states == ["new"] * len(everything.diagnostics)
    assert complaints(multitool, log, tmp_path) == []


def test_a_finding_in_a_configuration_is_clean(multitool: Path, project: Path, tmp_path: Path) -> None:
    (project / "buildspec.yml").write_text(BUILDSPEC)
    (project / "cilint.toml").write_text('[[suppress]]\npath = "/gone.json"\nrules = ["CI001"]\nreason = "x"\n')
    log = CliRunner().invoke(cli, ["check", "--format", "sarif"]).stdout
    assert '"uri": "cilint.toml"' in log
    assert complaints(multitool, log, tmp_path) == []


def test_an_empty_report_is_clean(multitool: Path, project: Path, tmp_path: Path) -> None:
    assert complaints(multitool, render(report(rules=INDEX.rules)), tmp_path) == []


@pytest.mark.parametrize(
    ("broken", "rule"),
    [
        (lambda run: run.pop("results"), "GH1014"),
        (lambda run: run["tool"]["driver"]["rules"][0].pop("help"), "GH2012"),
    ],
)
def test_the_validator_does_complain(
    multitool: Path, everything: Report, tmp_path: Path, broken: Callable[[Any], object], rule: str
) -> None:
    log = json.loads(render(everything))
    broken(log["runs"][0])
    assert any(each.startswith(rule) for each in complaints(multitool, json.dumps(log), tmp_path))
