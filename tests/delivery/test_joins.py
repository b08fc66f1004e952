"""A buildspec and the projects that run it, across files: which file is meant, and where a finding points."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from cilint.delivery.world import meant

ROOT = Path(__file__).parents[2]
DOCKER = "version: 0.2\nphases:\n  build:\n    commands:\n      - docker build -t shop .\n"
CACHED = "version: 0.2\nphases:\n  build:\n    commands:\n      - npm ci\ncache:\n  paths:\n    - /root/.npm/**/*\n"
PROJECT = """\
Resources:
  Build:
    Type: AWS::CodeBuild::Project
    Properties:
      Name: shop-build
      ServiceRole: !GetAtt Role.Arn
      Source: {type}
      Artifacts: {{Type: CODEPIPELINE}}
      Environment: {{Type: LINUX_CONTAINER, ComputeType: BUILD_GENERAL1_SMALL, Image: aws/codebuild/standard:8.0}}
"""


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    subprocess.run(["git", "init", "-q", tmp_path], check=True)
    return tmp_path


def write(root: Path, files: dict[str, str]) -> None:
    for name, content in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(content)


def found(directory: Path, *arguments: str) -> list[dict[str, Any]]:
    done = subprocess.run(
        [sys.executable, "-m", "cilint", "check", *arguments, "--format", "json"],
        cwd=directory,
        capture_output=True,
        text=True,
        env={"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin", "HOME": str(directory)},
    )
    findings: list[dict[str, Any]] = json.loads(done.stdout)["findings"]
    return findings


@pytest.mark.parametrize(
    ("path", "by", "files", "file"),
    [
        ("buildspec.yml", "infra/a.yaml", ("buildspec.yml",), "buildspec.yml"),
        ("buildspec.yml", "infra/a.yaml", ("app/buildspec.yml",), "app/buildspec.yml"),
        ("buildspec.yml", "infra/a.yaml", ("buildspec.yml", "app/buildspec.yml"), "buildspec.yml"),
        ("buildspec.yml", "app/a.yaml", ("buildspec.yml", "app/buildspec.yml"), None),
        ("buildspec.yml", "app/infra/a.yaml", ("buildspec.yml", "app/buildspec.yml"), None),
        ("buildspec.yml", "a.yaml", ("one/buildspec.yml", "two/buildspec.yml"), None),
        ("ci/build.yml", "a.yaml", ("ci/build.yml", "old/ci/build.yml"), "ci/build.yml"),
        ("build.yml", "a.yaml", ("rebuild.yml",), None),
    ],
)
def test_a_path_means_a_file_where_no_other_could_be_meant(
    path: str, by: str, files: tuple[str, ...], file: str | None
) -> None:
    assert meant(path, by, files) == file


def test_a_finding_points_into_the_file_that_it_speaks_of(repository: Path) -> None:
    """The project is the place to mend; the command that needs Docker is a related place in the other file."""
    source = "{Type: CODEPIPELINE, BuildSpec: ci/image.yml}"
    write(repository, {"ci/image.yml": DOCKER, "infra/build.yaml": PROJECT.format(type=source)})
    (finding,) = found(repository / "infra", "build.yaml", "--select", "docker-without-privileged-mode")
    (related,) = finding["related"]
    place = related["place"]
    assert (place["path"], place["line"], place["column"]) == ("../ci/image.yml", 5, 9)
    assert finding["place"]["path"] == "build.yaml"


def test_an_inline_buildspec_knows_the_project_around_it(repository: Path) -> None:
    spec = "\n" + "\n".join(f"          {line}" for line in CACHED.splitlines())
    write(repository, {"build.yaml": PROJECT.format(type="\n        Type: CODEPIPELINE\n        BuildSpec: |" + spec)})
    (finding,) = found(repository, "build.yaml", "--select", "cache-without-effect")
    assert finding["place"]["line"] == 15
    (related,) = finding["related"]
    assert (related["place"]["path"], related["place"]["line"]) == ("build.yaml", 2)


def test_the_configuration_says_what_paths_cannot(repository: Path) -> None:
    """Two files could be meant, so nothing is said until `projects` names one of them."""
    files = {"a/buildspec.yml": CACHED, "b/buildspec.yml": CACHED}
    write(repository, {**files, "build.yaml": PROJECT.format(type="{Type: CODEPIPELINE}")})
    rule = ("--select", "cache-without-effect")
    assert found(repository, ".", *rule) == []
    write(repository, {"cilint.toml": '[projects]\nshop-build = "b/buildspec.yml"\n'})
    (finding,) = found(repository, ".", *rule)
    assert finding["place"]["path"] == "b/buildspec.yml"


def test_accounts_that_are_known_count_for_images(repository: Path) -> None:
    image = "210987654321.dkr.ecr.eu-west-1.amazonaws.com/build:1"
    template = PROJECT.format(type="{Type: CODEPIPELINE}").replace("aws/codebuild/standard:8.0", image)
    write(repository, {"build.yaml": template, "cilint.toml": '[known]\naccounts = ["123456789012"]\n'})
    rule = ("--select", "image-of-unknown-account")
    assert len(found(repository, ".", *rule)) == 1
    write(repository, {"cilint.toml": '[known]\naccounts = ["123456789012"]\nimages = ["210987654321.dkr.ecr.*"]\n'})
    assert found(repository, ".", *rule) == []


def test_images_that_are_known_are_not_called_retired(repository: Path) -> None:
    template = PROJECT.format(type="{Type: CODEPIPELINE}").replace("standard:8.0", "standard:5.0")
    write(repository, {"build.yaml": template})
    assert len(found(repository, ".", "--select", "retired-image")) == 1
    write(repository, {"cilint.toml": '[known]\nimages = ["aws/codebuild/standard:5.0"]\n'})
    assert found(repository, ".", "--select", "retired-image") == []
