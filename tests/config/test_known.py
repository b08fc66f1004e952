"""Names of the user's own: what the configuration's `known` makes of findings."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from cilint.cli.main import cli
from cilint.core.context import named
from cilint.core.rule import PageError
from cilint.engine import index as rule_index
from cilint.engine.config import option_schemas
from cilint.engine.pages import parse


@pytest.mark.parametrize(
    ("pattern", "text", "is_one"),
    [
        ("live", "Live", True),
        ("prd-*", "prd-eu", True),
        ("prd-*", "my-prd-eu", False),
        ("new:*", "new:DoIt", True),
        ("a.c", "abc", False),
        ("*", "", True),
    ],
)
def test_a_star_stands_for_any_text(pattern: str, text: str, is_one: bool) -> None:
    assert named([pattern], text) == is_one
    assert not named([], text)


def found(*arguments: str) -> list[str]:
    done = CliRunner().invoke(cli, ["check", "--format", "json", *arguments])
    return sorted({each["rule"] for each in json.loads(done.stdout)["findings"]})


def action(name: str, category: str, provider: str, **more: Any) -> dict[str, Any]:
    kind = {"category": category, "owner": "AWS", "provider": provider, "version": "1"}
    return {"name": name, "actionTypeId": kind, **more}


def pipeline(*deployments: dict[str, Any]) -> str:
    source = action("Get", "Source", "CodeCommit", configuration={"RepositoryName": "a", "BranchName": "main"})
    stages = [
        {"name": "Source", "actions": [source | {"outputArtifacts": [{"name": "Out"}]}]},
        {"name": "Live", "actions": [each | {"inputArtifacts": [{"name": "Out"}]} for each in deployments]},
    ]
    return json.dumps({"pipeline": {"name": "p", "roleArn": "arn:aws:iam::111122223333:role/p", "stages": stages}})


ECS = {"ClusterName": "a", "ServiceName": "b"}


def test_actions(project: Path) -> None:
    statement = {"Effect": "Allow", "Action": ["newservice:DoIt"], "Resource": "arn:aws:s3:::a"}
    (project / "policy.json").write_text(json.dumps({"Version": "2012-10-17", "Statement": [statement]}))
    assert found("--select", "unknown-action") == ["unknown-action"]
    (project / "cilint.toml").write_text('[known]\nactions = ["newservice:*"]')
    assert found("--select", "unknown-action") == []


def test_providers(project: Path) -> None:
    (project / "pipeline.json").write_text(pipeline(action("Ship", "Deploy", "BrandNew")))
    assert found("--select", "unknown-action-provider") == ["unknown-action-provider"]
    (project / "cilint.toml").write_text('[known]\nproviders = ["BrandNew"]')
    assert found("--select", "unknown-action-provider") == []


RULE = "approval-missing-before-production"


def test_what_production_is_called(project: Path) -> None:
    (project / "pipeline.json").write_text(pipeline(action("Ship", "Deploy", "ECS", configuration=ECS)))
    assert found("--select", RULE) == []
    (project / "cilint.toml").write_text('[known]\nproduction = ["live"]')
    assert found("--select", RULE) == [RULE]


def test_where_production_runs(project: Path) -> None:
    role = "arn:aws:iam::210987654321:role/deploy"
    (project / "pipeline.json").write_text(pipeline(action("Ship", "Deploy", "ECS", configuration=ECS, roleArn=role)))
    assert found("--select", RULE) == []
    (project / "cilint.toml").write_text('[known]\nproduction-accounts = ["210987654321"]')
    assert found("--select", RULE) == [RULE]


def test_options_of_a_rule(project: Path) -> None:
    (project / "pipeline.json").write_text(pipeline(action("Ship", "Deploy", "ECS", configuration=ECS)))
    (project / "cilint.toml").write_text(f'[options.{RULE}]\nnames = "^Live$"')
    assert found("--select", RULE) == [RULE]
    (project / "cilint.toml").write_text(f'[options.{RULE}]\nnamse = "^Live$"\nregions = "eu-west-1"')
    done = CliRunner().invoke(cli, ["check"])
    assert done.exit_code == 2
    assert done.stderr.splitlines() == [
        f"cilint: cilint.toml:2:1: unknown key `namse` in `{RULE}`; did you mean `names`?",
        f"cilint.toml:3:1: `{RULE}.regions` must be a list, but this is text",
    ]


def test_defaults_of_options_satisfy_their_schemas() -> None:
    """A check gets the default as it stands on the page."""
    from jsonschema import Draft7Validator

    rules = [each for each in rule_index.load().rules if each.options]
    assert RULE in {each.name for each in rules}
    for each in rules:
        for name, schema in option_schemas(each).items():
            assert "default" not in schema or Draft7Validator(schema).is_valid(schema["default"]), f"{each.name}.{name}"


def test_an_option_that_cannot_be_checked_is_refused() -> None:
    page = (Path(__file__).parents[2] / f"rules/pipeline/{RULE}.yaml").read_text()
    wrong = page.replace("    type: string\n", "    type: string\n    contentEncoding: base64\n", 1)
    with pytest.raises(PageError, match="the option `names` uses the unknown keyword `contentEncoding`"):
        parse(f"pipeline/{RULE}.yaml", wrong.encode())
    with pytest.raises(PageError, match=r"has no `description`"):
        parse(f"pipeline/{RULE}.yaml", page.replace("description: Regions", "title: Regions").encode())
