"""`cilint iam explain`: what it prints of the policies in fixtures/explain, and how it ends where there is nothing."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from click.shell_completion import ShellComplete

from cilint.cli.main import cli

ROOT = Path(__file__).parents[2]
POLICIES = ROOT / "fixtures/explain"
EXPECTED = ROOT / "fixtures/explain.expected"


def explain(*arguments: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "cilint", "iam", "explain", *arguments],
        cwd=ROOT,
        input=stdin,
        capture_output=True,
        text=True,
        env={**os.environ, "COLUMNS": ""},
    )


def as_json(*arguments: str, stdin: str = "") -> list[dict[str, Any]]:
    holders: list[dict[str, Any]] = json.loads(explain(*arguments, "--format", "json", stdin=stdin).stdout)["holders"]
    return holders


def policy(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": statements})


# ------------------------------------------------------------------------------------------------------------- printing


@pytest.mark.parametrize("path", sorted(POLICIES.iterdir()), ids=lambda path: path.name)
def test_tables(path: Path) -> None:
    done = explain(f"fixtures/explain/{path.name}")
    assert (done.stdout, done.stderr, done.returncode) == ((EXPECTED / f"{path.name}.txt").read_text(), "", 0)


def test_json() -> None:
    done = explain("fixtures/explain/build-role.yaml", "--format", "json")
    assert done.stdout == (EXPECTED / "build-role.yaml.json").read_text()


def test_the_docs_show_what_is_printed() -> None:
    shown = (ROOT / "docs/permissions.md").read_text()
    assert (EXPECTED / "build-role.yaml.txt").read_text().partition("\n\nfixtures/explain/build-role.yaml:61")[
        0
    ] in shown
    assert "cilint iam explain" in (ROOT / "README.md").read_text()


def test_a_service_alone_is_expanded() -> None:
    (holder,) = as_json("fixtures/explain/developers.json", "--service", "KMS")
    assert holder["allowed"] == []
    (holder,) = as_json("fixtures/explain/developers.json", "--service", "sts")
    assert {row["service"] for row in holder["allowed"]} == {"sts"}
    assert "AssumeRole" in [name for row in holder["allowed"] for name in row["actions"]]


def test_expand_names_every_action() -> None:
    text = policy({"Effect": "Allow", "Action": "sqs:*", "Resource": "*"})
    assert "all 8" in explain("-", stdin=text).stdout
    assert "DeleteMessage" not in explain("-", stdin=text).stdout
    assert "DeleteMessage" in explain("-", "--expand", stdin=text).stdout


def test_a_narrow_terminal_loses_nothing() -> None:
    text = policy({"Effect": "Allow", "Action": "s3:GetObject", "Resource": f"arn:aws:s3:::{'a' * 60}/*"})
    done = subprocess.run(
        [sys.executable, "-m", "cilint", "iam", "explain", "-"],
        cwd=ROOT,
        input=text,
        capture_output=True,
        text=True,
        env={**os.environ, "COLUMNS": "60"},
    )
    assert f"arn:aws:s3:::{'a' * 60}/*" in "".join(done.stdout.split())


@pytest.mark.parametrize(
    ("words", "begun", "completed"),
    [(["iam"], "ex", ["explain"]), (["iam", "explain"], "--ser", ["--service"]), ([], "ia", ["iam"])],
)
def test_shells_complete_it(words: list[str], begun: str, completed: list[str]) -> None:
    found = ShellComplete(cli, {}, "cilint", "_CILINT_COMPLETE").get_completions(words, begun)
    assert [each.value for each in found] == completed


# -------------------------------------------------------------------------------------------------------- wrong usage


@pytest.mark.parametrize(
    ("arguments", "stdin", "says"),
    [
        ([], "", "name one FILE to explain"),
        (["a.json", "b.json"], "", "name one FILE to explain, not 2"),
        (["fixtures"], "", "fixtures is a directory; name one file"),
        (["nowhere.json"], "", "nowhere.json cannot be read: No such file"),
        (["-"], '{"Statement": [', "-:1:15: the file ends where a value is expected"),
        (["-"], '{"a": 1}', "- is no IAM policy, and no template that could hold one"),
        (["fixtures/first-look/buildspec.yml"], "", "it was taken for: buildspec"),
        (["-"], "Resources: {B: {Type: 'AWS::S3::Bucket'}}", "a template without an IAM policy, role, user or group"),
        (["fixtures/explain/developers.json", "--service", "sss"], "", "no service has the prefix 'sss'"),
    ],
)
def test_what_cannot_be_explained_is_said(arguments: list[str], stdin: str, says: str) -> None:
    done = explain(*arguments, stdin=stdin)
    assert (done.returncode, done.stdout) == (2, "")
    assert says in done.stderr
    assert len(done.stderr.splitlines()) == 1
