"""What the checked change itself could silence is said: where its base is known, in one line for each thing."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from cilint.cli.main import cli
from cilint.cli.settings import base_of

SPEC = "version: 0.2\nenv:\n  variables:\n    DB_PASSWORD: hunter2hunter2\nphases: {build: {commands: [make]}}\n"
SILENCED = SPEC.replace("hunter2hunter2", "hunter2hunter2  # cilint: ignore[BS101] x")


def git(*arguments: str) -> None:
    who = ("-c", "user.name=a", "-c", "user.email=a@example.com", "-c", "commit.gpgsign=false")
    subprocess.run(["git", *who, *arguments], check=True, capture_output=True)


def commit(message: str) -> None:
    git("add", "-A")
    git("commit", "-m", message)


@pytest.fixture
def change(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository with a main branch, and a branch of which nothing is committed yet."""
    folder = tmp_path / "repository"
    folder.mkdir()
    monkeypatch.chdir(folder)
    git("init", "-b", "main")
    (folder / "cilint.toml").write_text('fail-on = "error"\n')
    (folder / "buildspec.yml").write_text(SPEC)
    (folder / "old.yml").write_text(SILENCED.replace("# cilint", "# old\n    # cilint"))
    commit("before")
    git("checkout", "-b", "work")
    return folder


def run(*arguments: str) -> Result:
    result = CliRunner().invoke(cli, ["check", "--format", "concise", *arguments])
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def notes(*arguments: str) -> list[str]:
    lines = run(*arguments).stdout.splitlines()
    return [line.removeprefix("Note: ") for line in lines if line.startswith("Note: ")]


def test_nothing_is_said_where_nothing_is_silenced(change: Path) -> None:
    (change / "buildspec.yml").write_text(SPEC + "# more\n")
    assert notes("--base", "main") == []


def test_a_configuration_in_the_change(change: Path) -> None:
    (change / "cilint.toml").write_text('ignore = ["BS101"]\n')
    assert notes() == []
    assert notes("--base", "main") == ["this change alters cilint.toml, which this run obeys."]
    commit("it may be committed too")
    assert notes("--base", "main") == ["this change alters cilint.toml, which this run obeys."]
    assert notes("--base", "main", "--isolated") == []


def test_what_main_changed_meanwhile_is_not_the_change(change: Path) -> None:
    git("checkout", "main")
    (change / "cilint.toml").write_text("")
    commit("meanwhile")
    git("checkout", "work")
    assert notes("--base", "main") == []


def test_suppressions_in_the_change(change: Path) -> None:
    (change / "buildspec.yml").write_text(SILENCED)
    said = "this change adds 1 suppression (buildspec.yml:4); --no-suppressions shows what it hides."
    assert notes("--base", "main") == [said]


def test_a_baseline_and_what_git_ignores(change: Path) -> None:
    (change / "cilint-baseline.json").write_text('{"version": 1, "findings": []}')
    (change / ".gitignore").write_text("legacy/\n")
    commit("more")
    assert notes("--base", "main") == [
        "this change alters cilint-baseline.json, which this run obeys.",
        "this change alters .gitignore, which says what is not checked.",
    ]


def test_other_formats_say_it_too(change: Path) -> None:
    (change / "buildspec.yml").write_text(SILENCED)
    json_report = json.loads(run("--base", "main", "--format", "json").stdout)
    assert len(json_report["notices"]) == 1
    sarif = json.loads(run("--base", "main", "--format", "sarif").stdout)
    (invocation,) = sarif["runs"][0]["invocations"]
    assert [each["level"] for each in invocation["toolConfigurationNotifications"]] == ["note"]


def test_a_base_that_git_does_not_know(change: Path) -> None:
    done = run("--base", "release")
    assert done.exit_code == 2
    assert done.stderr == "cilint: git knows no 'release'; fetch it, or name another --base\n"
    assert run("--base", "--output=/tmp/x").exit_code == 2


def test_the_build_of_a_pull_request_needs_no_option(change: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (change / "buildspec.yml").write_text(SILENCED)
    monkeypatch.setenv("CODEBUILD_WEBHOOK_BASE_REF", "refs/heads/main")
    assert len(notes()) == 1
    monkeypatch.setenv("CODEBUILD_WEBHOOK_BASE_REF", "refs/heads/gone")
    (said,) = notes()
    assert said.startswith("whether this change alters what this run obeys cannot be told: git knows no ")


def test_the_merge_that_github_checks_out_knows_what_it_merges_into(
    change: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """As actions/checkout does with `fetch-depth: 2`: two commits, and no branch called as the base."""
    (change / "cilint.toml").write_text('fail-on = "note"\n')
    commit("the change")
    git("checkout", "main")
    (change / "other.yml").write_text("a: b\n")
    commit("meanwhile")
    git("merge", "--no-ff", "-m", "the merge", "work")
    git("update-ref", "refs/pull/7/merge", "HEAD")
    altered = "this change alters cilint.toml, which this run obeys."
    unknown = "whether this change alters what this run obeys cannot be told: git knows no 'main'; fetch it, or name "
    for depth, said in (("2", altered), ("1", unknown + "another --base.")):
        clone = tmp_path / f"depth-{depth}"
        clone.mkdir()
        monkeypatch.chdir(clone)
        git("init")
        git("fetch", "--depth", depth, f"file://{change}", "refs/pull/7/merge")
        git("checkout", "FETCH_HEAD")
        monkeypatch.setenv("GITHUB_BASE_REF", "main")
        monkeypatch.setenv("GITHUB_REF", "refs/pull/7/merge")
        assert notes() == [said]


def test_the_base_of_a_build() -> None:
    assert base_of({}) == base_of({"GITHUB_BASE_REF": ""}) == ""
    assert base_of({"GITHUB_BASE_REF": "main"}) == "main"
    assert base_of({"CHANGE_TARGET": "main", "CI_MERGE_REQUEST_DIFF_BASE_SHA": "c0ffee"}) == "c0ffee"
