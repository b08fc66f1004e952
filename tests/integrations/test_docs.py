"""Every example in docs/ci.md, checked by whoever reads such a file."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from cilint.cli.check import command
from cilint.core.context import EmptyTree
from cilint.engine import index as rule_index
from cilint.engine.analyze import analyze
from tests.integrations.tools import ROOT, run, tool

PAGE = (ROOT / "docs/ci.md").read_text()


def example(name: str) -> str:
    """The fenced block after the first mention of a file's name."""
    found = re.search(rf"`{re.escape(name)}`[^`]*(?:`[^`\n]+`[^`]*)*?```\w+\n(.*?)```", PAGE, re.DOTALL)
    assert found, name
    return found[1]


@pytest.fixture
def workflow(tmp_path: Path) -> Path:
    """The workflow in a repository, our own action pinned: its commit is not known before the release."""
    folder = tmp_path / ".github/workflows"
    folder.mkdir(parents=True)
    (tmp_path / ".git").mkdir()
    content = re.sub(r"(uses: cilint/cilint@)\S+", r"\g<1>" + "0" * 40, example(".github/workflows/cilint.yml"))
    (folder / "cilint.yml").write_text(content)
    return folder / "cilint.yml"


def test_actionlint_and_the_schema_accept_the_workflow(workflow: Path) -> None:
    done = run(tool("actionlint"), workflow, cwd=workflow.parent)
    assert done.returncode == 0, done.stdout + done.stderr
    done = run(tool("check-jsonschema"), "--builtin-schema", "vendor.github-workflows", workflow, cwd=workflow.parent)
    assert done.returncode == 0, done.stdout


def test_zizmor_accepts_the_workflow(workflow: Path) -> None:
    done = run(tool("zizmor"), "--offline", "--strict-collection", workflow, cwd=workflow.parent)
    assert done.returncode == 0, done.stdout + done.stderr


def test_gitlab_accepts_its_job(tmp_path: Path) -> None:
    (tmp_path / ".gitlab-ci.yml").write_text(example(".gitlab-ci.yml"))
    done = run(tool("check-jsonschema"), "--builtin-schema", "vendor.gitlab-ci", ".gitlab-ci.yml", cwd=tmp_path)
    assert done.returncode == 0, done.stdout


def test_cilint_has_nothing_to_say_about_the_buildspec() -> None:
    result = analyze("buildspec.yml", example("buildspec.yml").encode(), rule_index.load().rules, EmptyTree())
    assert result.kind == "buildspec"
    assert [each.message for each in result.diagnostics if each.severity != "note"] == []


def groovy(text: str) -> bool:
    """Whether a text is Groovy, as its grammar has it. What Jenkins makes of it only a Jenkins can tell."""
    language = pytest.importorskip("tree_sitter_groovy", reason="the grammar of Groovy is not installed (dev extra)")
    from tree_sitter import Language, Parser

    return not Parser(Language(language.language())).parse(text.encode()).root_node.has_error


def test_the_jenkinsfile_is_groovy() -> None:
    assert groovy(example("Jenkinsfile"))
    assert not groovy(example("Jenkinsfile").replace("post {", "post {{", 1))


def test_the_jenkinsfile_is_a_declarative_pipeline_that_keeps_the_report() -> None:
    """Each block where Jenkins looks for it, and the report read also after findings."""
    blocks: list[str] = []
    found = {}
    for line in map(str.strip, example("Jenkinsfile").splitlines()):
        if line.endswith("{"):
            blocks.append(line.split("(")[0].rstrip("{ "))
        elif line == "}":
            blocks.pop()
        else:
            found[line.split()[0]] = "/".join(blocks)
    assert found == {
        "agent": "pipeline",
        "sh": "pipeline/stages/stage/steps",
        "junit": "pipeline/stages/stage/post/always",
    }


def test_the_pre_commit_configuration_is_valid(tmp_path: Path) -> None:
    (tmp_path / ".pre-commit-config.yaml").write_text(example(".pre-commit-config.yaml"))
    done = run(tool("prek"), "validate-config", ".pre-commit-config.yaml", cwd=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("line", re.findall(r"cilint check [^'\n|]+", PAGE))
def test_every_command_line_is_one_that_cilint_takes(line: str) -> None:
    words = shlex.split(line)[2:]
    assert command.make_context("check", words).params["paths"] == ()
