"""`cilint init` in repositories of several shapes."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from cilint.cli.init import WORKFLOW, with_hook
from cilint.cli.main import cli
from cilint.version import __version__
from tests.integrations.test_docs import example
from tests.integrations.tools import run, tool


def init(*arguments: str) -> list[str]:
    """What `cilint init` says, a line each."""
    result = CliRunner().invoke(cli, ["init", *arguments])
    assert result.exit_code == 0, result.output
    return [line for line in result.output.splitlines() if not line.startswith("Next: ")]


def test_an_empty_repository_gets_a_configuration_and_a_hook(project: Path) -> None:
    assert init() == ["cilint.toml: written", ".pre-commit-config.yaml: written"]
    assert CliRunner().invoke(cli, ["check", "--show-settings"]).exit_code == 0
    assert f"rev: v{__version__}" in (project / ".pre-commit-config.yaml").read_text()


def test_a_repository_on_github_gets_a_workflow(project: Path) -> None:
    (project / ".git/config").write_text('[remote "origin"]\n\turl = git@github.com:owner/name.git\n')
    assert ".github/workflows/cilint.yml: written" in init()
    assert (project / ".github/workflows/cilint.yml").read_text() == WORKFLOW == example(".github/workflows/cilint.yml")


ORIGIN = "refs/remotes/origin/HEAD"


@pytest.mark.parametrize(
    ("told", "branch"),
    [
        (
            {"refs/remotes/origin/HEAD": "ref: refs/remotes/origin/develop\n", "HEAD": "ref: refs/heads/fix\n"},
            "develop",
        ),
        ({"HEAD": "ref: refs/heads/master\n"}, "master"),
        ({"HEAD": "ref: refs/heads/some-work\n"}, "main"),
        ({ORIGIN: "ref: refs/remotes/origin/]x: ${{ y\n"}, "main"),
    ],
)
def test_the_workflow_watches_the_branch_of_the_clone(project: Path, told: dict[str, str], branch: str) -> None:
    (project / ".github").mkdir()
    for name, content in told.items():
        (project / ".git" / name).parent.mkdir(parents=True, exist_ok=True)
        (project / ".git" / name).write_text(content)
    init()
    workflow = (project / ".github/workflows/cilint.yml").read_text()
    assert workflow == WORKFLOW.replace("branches: [main]", f"branches: [{branch}]")


def test_it_says_how_to_go_on(project: Path) -> None:
    said = CliRunner().invoke(cli, ["init"]).output.splitlines()
    assert said[-1] == "Next: `cilint check`, and `cilint baseline create` if what is found today has to wait."
    assert CliRunner().invoke(cli, ["init", "--dry-run"]).output.splitlines()[-1].startswith(".pre-commit-config.yaml:")


def test_a_second_time_nothing_changes(project: Path) -> None:
    (project / ".github").mkdir()
    init()
    before = {path: path.read_bytes() for path in project.rglob("*") if path.is_file()}
    assert all("left as it is" in line for line in init())
    assert {path: path.read_bytes() for path in project.rglob("*") if path.is_file()} == before


def test_it_works_from_below_the_root_and_dry(project: Path) -> None:
    (project / "app").mkdir()
    assert init("app", "--dry-run")[0] == "cilint.toml: would be written"
    assert not (project / "cilint.toml").exists()
    init("app")
    assert (project / "cilint.toml").exists()


def test_a_configuration_elsewhere_is_seen(project: Path) -> None:
    (project / "pyproject.toml").write_text('[tool.cilint]\nfail-on = "error"\n')
    assert init()[0] == "pyproject.toml: left as it is; it holds the configuration"


def test_gitlab_users_are_told_where_their_job_is(project: Path) -> None:
    (project / ".gitlab-ci.yml").write_text("test: {script: [make]}\n")
    assert init()[-1].startswith(".gitlab-ci.yml: left as it is; https://")


HOOK = f"- repo: https://github.com/cilint/cilint\n  rev: v{__version__}\n  hooks:\n    - id: cilint\n"


@pytest.mark.parametrize(
    ("before", "indent", "line_end"),
    [
        ("repos:\n  - repo: https://a.b/c\n    rev: v1\n    hooks: [{id: x}]\n", "  ", "\n"),
        ("repos:\n- repo: https://a.b/c\n  rev: v1\n  hooks:\n  - id: x # the last\n", "", "\n"),
        (
            "# ours\r\nrepos:\r\n    -   repo: local\r\n        hooks:\r\n        -   id: x\r\nci: {}\r\n",
            "    ",
            "\r\n",
        ),
    ],
)
def test_the_hook_joins_the_others_and_nothing_else_changes(before: str, indent: str, line_end: str) -> None:
    after = with_hook(before.encode())
    assert after is not None
    hook = "".join(f"{indent}{line}{line_end}" for line in HOOK.splitlines())
    assert hook in after.decode()
    assert after.decode().replace(hook, "") == before


def test_the_hook_joins_a_file_without_a_final_line_break(tmp_path: Path) -> None:
    after = with_hook(b"repos:\n  - repo: https://a.b/c\n    rev: v1\n    hooks:\n      - id: x")
    assert after is not None
    (tmp_path / ".pre-commit-config.yaml").write_bytes(after)
    done = run(tool("prek"), "validate-config", ".pre-commit-config.yaml", cwd=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("odd", ["repos: []\n", "repos: [{repo: a}]\n", "a: b\n", "repos:\n  - a\n", "repos: {\n"])
def test_a_file_of_another_shape_is_left_and_the_hook_shown(project: Path, odd: str) -> None:
    (project / ".pre-commit-config.yaml").write_text(odd)
    said = "\n".join(init())
    assert (project / ".pre-commit-config.yaml").read_text() == odd
    assert "- repo: https://github.com/cilint/cilint" in said
