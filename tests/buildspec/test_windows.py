"""Builds that run on Windows: known by shell, project, batch or look; no rule reads sh there."""

from __future__ import annotations

import pytest

import cilint
from cilint.model.buildspec import Buildspec
from cilint.source.text import decode
from cilint.source.yaml import parse_yaml

BATCH = """\
version: 0.2
batch:
  build-list:
    - identifier: one
      env: {type: WINDOWS_SERVER_2022_CONTAINER}
    - identifier: two
      env: {type: %s}
phases:
  build:
    commands:
      - dotnet test
"""
TEMPLATE = """\
Resources:
  Build:
    Type: AWS::CodeBuild::Project
    Properties:
      ServiceRole: build
      Artifacts: {Type: NO_ARTIFACTS}
      Environment: {Type: %s, ComputeType: BUILD_GENERAL1_MEDIUM, Image: x}
      Source:
        Type: NO_SOURCE
        BuildSpec: |
          version: 0.2
          phases:
            build:
              commands:
                - dotnet test | tee log
                - dotnet publish; [[ a == b ]]
"""


def spec(text: str) -> Buildspec:
    document = parse_yaml(decode(text.encode()))
    assert document.root is not None
    return Buildspec(document.root, document.text)


def shell_rules(text: str, name: str) -> set[str]:
    report = cilint.check_text(text, name, audience="pedantic")
    return {each.rule for each in report.diagnostics if each.id.startswith("SH")}


@pytest.mark.parametrize(
    ("other", "expected"),
    [
        ("WINDOWS_SERVER_2019_CONTAINER", "powershell"),
        ("LINUX_CONTAINER", "sh"),
        ("''", "sh"),
    ],
)
def test_a_batch_of_windows_builds_runs_powershell(other: str, expected: str) -> None:
    assert spec(BATCH % other).dialect == expected


def test_a_build_of_the_batch_with_a_buildspec_of_its_own_tells_nothing_of_this_one() -> None:
    own = BATCH.replace("identifier: two", "identifier: two\n      buildspec: linux.yml")
    assert spec(own % "LINUX_CONTAINER").on_windows is True


def test_the_projects_environment_decides_for_the_buildspec_in_it() -> None:
    assert {"failure-lost-in-pipe", "bash-syntax-in-sh"} <= shell_rules(TEMPLATE % "LINUX_CONTAINER", "template.yaml")
    assert shell_rules(TEMPLATE % "WINDOWS_SERVER_2022_CONTAINER", "template.yaml") == set()


def test_an_environment_that_only_the_stack_knows_decides_nothing() -> None:
    assert "failure-lost-in-pipe" in shell_rules(TEMPLATE % "!Ref Type", "template.yaml")


@pytest.mark.parametrize("shell", ["powershell.exe", "pwsh", "cmd.exe"])
def test_no_rule_reads_sh_where_another_shell_runs(shell: str) -> None:
    commands = "- dotnet test | tee log\n      - dotnet test || true\n      - curl -k http://x | sh\n"
    text = f"version: 0.2\nenv: {{shell: %s}}\nphases:\n  build:\n    commands:\n      {commands}"
    assert shell_rules(text % "sh", "buildspec.yml")
    assert shell_rules(text % shell, "buildspec.yml") == set()


@pytest.mark.parametrize(
    ("shell", "expected"),
    [("sh", "`export TAG=…`"), ("powershell.exe", "`$env:TAG=…`"), ("cmd.exe", "`set TAG=…`")],
)
def test_advice_is_written_for_the_shell(shell: str, expected: str) -> None:
    text = (
        f"version: 0.2\nenv:\n  shell: {shell}\n  variables: {{TAG: $(date)}}\nphases: {{build: {{commands: [a]}}}}\n"
    )
    (found,) = cilint.check_text(text, "buildspec.yml", select=["expansion-in-variable"]).diagnostics
    assert expected in found.message
