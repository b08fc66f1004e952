"""The facts of a project, joined: which project runs which buildspec, from files on disk around a named one."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from cilint.core.context import Context
from cilint.delivery.world import World, forget, path_in, world
from cilint.engine.neighbourhood import DiskTree

BUILDSPEC = """\
version: 0.2
phases:
  install:
    commands:
      - npm ci
"""
TEMPLATE = """\
Resources:
  Build:
    Type: AWS::CodeBuild::Project
    Properties:
      Name: shop-build
      Source:
        Type: CODEPIPELINE
        BuildSpec: {buildspec}
      Cache:
        Type: {cache}
"""


def write(root: Path, files: dict[str, str]) -> None:
    for name, content in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(content)


def around(file: Path) -> tuple[World, str]:
    forget()
    context = Context(str(file), DiskTree(str(file.parent)), {})
    return world(context), path_in(context)


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    subprocess.run(["git", "init", "-q", tmp_path], check=True)
    return tmp_path


def test_a_project_elsewhere_in_the_repository_runs_the_buildspec(repository: Path) -> None:
    template = TEMPLATE.format(buildspec="ci/build.yml", cache="S3")
    write(repository, {"ci/build.yml": BUILDSPEC, "infra/build.yaml": template})
    facts, path = around(repository / "ci/build.yml")
    assert path == "ci/build.yml"
    (project,) = facts.projects_running(path)
    assert (project.path, project.names, project.caches) == ("infra/build.yaml", ("Build", "shop-build"), True)
    assert facts.complete


def test_a_path_that_could_mean_two_files_means_none(repository: Path) -> None:
    template = TEMPLATE.format(buildspec="buildspec.yml", cache="S3")
    write(repository, {"a/buildspec.yml": BUILDSPEC, "b/buildspec.yml": BUILDSPEC, "build.yaml": template})
    facts, path = around(repository / "a/buildspec.yml")
    assert facts.projects_running(path) == ()


@pytest.mark.parametrize("value", ["|\n          version: 0.2", "!Ref Spec", "arn:aws:s3:::specs/buildspec.yml"])
def test_an_inline_or_unknown_buildspec_is_no_file(repository: Path, value: str) -> None:
    write(repository, {"buildspec.yml": BUILDSPEC, "build.yaml": TEMPLATE.format(buildspec=value, cache="S3")})
    facts, path = around(repository / "buildspec.yml")
    assert facts.projects_running(path) == ()


@pytest.mark.parametrize(
    ("cache", "said"), [("S3", False), ("LOCAL", False), ("!Ref CacheType", False), ("NO_CACHE", True)]
)
def test_facts_come_from_the_project_around_a_named_file(repository: Path, cache: str, said: bool) -> None:
    """Only the buildspec is named, as pre-commit does; what the template says is known all the same."""
    write(
        repository, {"buildspec.yml": BUILDSPEC, "build.yaml": TEMPLATE.format(buildspec="buildspec.yml", cache=cache)}
    )
    done = subprocess.run(
        [sys.executable, "-m", "cilint", "check", "buildspec.yml", "--format", "concise"],
        cwd=repository,
        capture_output=True,
        text=True,
        env={"PYTHONPATH": str(Path(__file__).parents[2]), "PATH": "/usr/bin:/bin", "HOME": str(repository)},
    )
    assert ("missing-cache" in done.stdout) is said, done.stdout + done.stderr
    assert "build.yaml" not in done.stdout
