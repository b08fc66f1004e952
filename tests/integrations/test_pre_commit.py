"""The hooks in the real pre-commit and prek, on files that are ours and files that only look like it."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from cilint.engine.discover import SUFFIXES
from tests.integrations.tools import ROOT, git, run, tool

POLICY = '{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}\n'
BUILDSPEC = "version: 0.2\nphases:\n  build:\n    comands: [make]\n"
NOT_OURS = {
    "appspec.yml": "name: an app of ours\nspec: {a: [1, 2]}\n",
    "buildspec.yml": "# how the house is built\nfloors: 2\n",
    "pipeline.yaml": "stages: [build, test]\nbuild: {script: [make]}\n",
    "template.json": "[1, 2,]\n",
}


@pytest.fixture(scope="module")
def hooks(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository with this working tree, as a user's pre-commit clones it."""
    source = tmp_path_factory.mktemp("hooks")
    listed = run("git", "ls-files", "-co", "--exclude-standard", cwd=ROOT).stdout.split("\n")
    for name in filter(None, listed):
        if (ROOT / name).is_file() and not name.startswith("tests/"):
            (source / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, source / name)
    git("init", "--quiet", cwd=source)
    git("add", "--all", cwd=source)
    git("commit", "--quiet", "-m", "A release", cwd=source)
    return source


@pytest.fixture
def commit(tmp_path: Path) -> Iterator[Path]:
    """A user's repository, with nothing staged."""
    project = tmp_path / "user"
    project.mkdir()
    git("init", "--quiet", cwd=project)
    yield project


def stage(project: Path, files: dict[str, str]) -> None:
    for name, content in files.items():
        (project / name).parent.mkdir(parents=True, exist_ok=True)
        (project / name).write_text(content)
    git("add", "--all", cwd=project)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> str:
    return str(tmp_path_factory.mktemp("home"))


@pytest.mark.parametrize("name", ["pre-commit", "prek"])
def test_the_hook_says_what_is_wrong_and_passes_what_is_none_of_ours(
    name: str, hooks: Path, commit: Path, home: str
) -> None:
    program = tool(name)
    stage(commit, NOT_OURS)
    fine = run(program, "try-repo", hooks, "cilint", "--verbose", cwd=commit, PRE_COMMIT_HOME=home, PREK_HOME=home)
    if "Could not fetch URL" in fine.stdout + fine.stderr or "No matching distribution" in fine.stdout + fine.stderr:
        pytest.skip("the hook's environment cannot be built without a package index")
    assert fine.returncode == 0, fine.stdout + fine.stderr

    stage(commit, {"ci/grants.json": POLICY})
    bad = run(program, "try-repo", hooks, "cilint", cwd=commit, PRE_COMMIT_HOME=home, PREK_HOME=home)
    assert bad.returncode == 1, bad.stdout + bad.stderr
    assert "ci/grants.json:1:" in bad.stdout


def test_the_fixing_hook_stops_the_commit_and_leaves_the_fix(hooks: Path, commit: Path, home: str) -> None:
    program = tool("prek")
    stage(commit, {"buildspec.yml": BUILDSPEC})
    first = run(program, "try-repo", hooks, "cilint-fix", cwd=commit, PREK_HOME=home)
    assert first.returncode == 1, first.stdout + first.stderr
    assert (commit / "buildspec.yml").read_text() == BUILDSPEC.replace("comands", "commands")
    git("add", "--all", cwd=commit)
    assert run(program, "try-repo", hooks, "cilint-fix", cwd=commit, PREK_HOME=home).returncode == 0


def test_the_project_hook_sees_what_is_not_staged(hooks: Path, commit: Path, home: str) -> None:
    program = tool("prek")
    stage(commit, {"buildspec.yml": BUILDSPEC})
    git("commit", "--quiet", "-m", "Before cilint", cwd=commit)
    stage(commit, {"values.yml": "a: b\n"})
    done = run(program, "try-repo", hooks, "cilint-project", cwd=commit, PREK_HOME=home)
    assert "buildspec.yml:4:5" in done.stdout, done.stdout + done.stderr


@pytest.mark.parametrize("name", ["pre-commit", "prek"])
def test_the_manifest_is_valid(name: str) -> None:
    done = run(tool(name), "validate-manifest", ".pre-commit-hooks.yaml", cwd=ROOT)
    assert done.returncode == 0, done.stdout


def test_every_file_that_a_full_check_looks_at_is_handed_to_the_hook() -> None:
    patterns = re.findall(r"^  files: (.+)$", (ROOT / ".pre-commit-hooks.yaml").read_text(), re.MULTILINE)
    assert len(patterns) == 3
    for pattern in patterns:
        for suffix in (*SUFFIXES, *(each.upper() for each in SUFFIXES)):
            assert re.search(pattern, os.path.join("any", "name" + suffix)), suffix
