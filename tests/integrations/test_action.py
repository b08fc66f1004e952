"""The GitHub Action: judged by the linters of actions, and its script run as a runner would."""

from __future__ import annotations

import json
import os
import shutil
import stat
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest
import yaml

from tests.integrations.tools import ROOT, run, tool

ACTION = yaml.safe_load((ROOT / "action.yml").read_text())
SCRIPT = next(step["run"] for step in ACTION["runs"]["steps"] if step.get("id") == "check")
BUILDSPEC = "version: 0.2\nphases:\n  build:\n    finaly: [make clean]\n    commands: [make]\n"


class Step(NamedTuple):
    """What a step left behind."""

    code: int
    log: str
    outputs: dict[str, str]
    summary: str


def step(project: Path, **inputs: str) -> Step:
    """Run the script of the action's check with a `uvx` that runs this working tree."""
    temp = project / "runner"
    (temp / "bin").mkdir(parents=True, exist_ok=True)
    uvx = temp / "bin/uvx"
    uvx.write_text(f'#!/bin/sh\necho "uvx $2" >&2\nshift 3\nexec "{sys.executable}" -m cilint "$@"\n')
    uvx.chmod(uvx.stat().st_mode | stat.S_IXUSR)
    environment = {
        **os.environ,
        "PATH": f"{temp / 'bin'}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": str(ROOT),
        "RUNNER_TEMP": str(temp),
        "GITHUB_OUTPUT": str(temp / "output"),
        "GITHUB_STEP_SUMMARY": str(temp / "summary"),
        "CILINT_SOURCE": "action/of/ours",
        **{
            f"CILINT_{name}": inputs.get(name, default)
            for name, default in (("PATHS", "."), ("ARGS", ""), ("VERSION", ""))
        },
    }
    bash = shutil.which("bash")
    if bash is None:
        pytest.skip("there is no bash")
    done = subprocess.run([bash, "-e", "-c", SCRIPT], cwd=project, env=environment, capture_output=True, text=True)
    told = (temp / "output").read_text() if (temp / "output").exists() else ""
    summary = (temp / "summary").read_text() if (temp / "summary").exists() else ""
    outputs = dict(line.split("=", 1) for line in told.splitlines())
    return Step(done.returncode, done.stdout + done.stderr, outputs, summary)


@pytest.fixture
def buildspec(project: Path) -> Path:
    (project / "buildspec.yml").write_text(BUILDSPEC)
    return project


def test_findings_are_annotated_summed_up_and_kept_for_the_upload(buildspec: Path) -> None:
    done = step(buildspec)
    assert done.code == 0, "the last step fails the job, after the upload"
    assert done.outputs["exit-code"] == "1"
    assert "::warning title=cilint BS001" in done.log
    assert "| ⚠️ warning | `buildspec.yml:4` |" in done.summary
    assert json.loads(Path(done.outputs["sarif"]).read_text())["runs"][0]["results"]
    assert "uvx action/of/ours" in done.log


def test_paths_and_args_are_one_a_line_and_never_options_by_accident(buildspec: Path) -> None:
    (buildspec / "--a b").mkdir()
    (buildspec / "--a b/buildspec.yml").write_text(BUILDSPEC)
    done = step(buildspec, PATHS="--a b\n", ARGS="--fail-on=error\n")
    assert done.outputs["exit-code"] == "0"
    assert "--a b/buildspec.yml:4:5" in done.log


def test_a_version_is_taken_from_the_index(buildspec: Path) -> None:
    assert "uvx cilint==1.2.3" in step(buildspec, VERSION="1.2.3").log
    wrong = step(buildspec, VERSION="1.2.3; touch hacked")
    assert wrong.code == 2
    assert not (buildspec / "hacked").exists()


def test_wrong_usage_fails_without_a_report_to_upload(buildspec: Path) -> None:
    done = step(buildspec, ARGS="--no-such-option")
    assert (done.outputs["exit-code"], "sarif" in done.outputs) == ("2", False)


def test_inputs_reach_scripts_only_by_their_environment() -> None:
    for each in ACTION["runs"]["steps"]:
        assert "${{" not in each.get("run", "")


def test_actions_are_pinned_by_commit() -> None:
    for each in ACTION["runs"]["steps"]:
        assert "uses" not in each or len(each["uses"].partition("@")[2]) == 40


def test_the_schema_of_actions_accepts_it() -> None:
    done = run(tool("check-jsonschema"), "--builtin-schema", "vendor.github-actions", "action.yml", cwd=ROOT)
    assert done.returncode == 0, done.stdout


def test_zizmor_has_nothing_to_say(tmp_path: Path) -> None:
    shutil.copy(ROOT / "action.yml", tmp_path)
    done = run(tool("zizmor"), "--offline", "--strict-collection", "action.yml", cwd=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr


def test_shellcheck_has_nothing_to_say_about_the_script() -> None:
    done = subprocess.run([tool("shellcheck"), "--shell=bash", "-"], input=SCRIPT, capture_output=True, text=True)
    assert done.stdout == ""
