"""What the findings about broad statements name first, how they are folded, and how loud they are."""

from __future__ import annotations

import json

import pytest

from cilint.catalog import iam_actions
from cilint.catalog.iam_sensitive import CREATES, DOCUMENTED_ON_EVERYTHING, STARTING, STARTS, TELLING
from cilint.core.context import EmptyTree
from cilint.engine import index
from cilint.engine.analyze import analyze
from cilint.engine.result import Diagnostic

RULES = [rule for rule in index.load().rules if rule.id in ("IAM301", "IAM302", "IAM303", "IAM309")]


def found(*actions: str) -> list[Diagnostic]:
    statement = {"Effect": "Allow", "Action": list(actions), "Resource": "*"}
    text = json.dumps({"Version": "2012-10-17", "Statement": [statement]}, indent=2)
    return list(analyze("policy.json", text.encode(), RULES, EmptyTree()).diagnostics)


@pytest.mark.parametrize("table", [CREATES, DOCUMENTED_ON_EVERYTHING, STARTS, frozenset(TELLING)])
def test_the_tables_name_actions_that_are_or_were(table: frozenset[str]) -> None:
    assert [name for name in table if not iam_actions.action(name) and not iam_actions.discontinued(name)] == []


def test_all_that_aws_documents_starts_something() -> None:
    names = {name: iam_actions.action(name) for name in DOCUMENTED_ON_EVERYTHING - STARTS}
    assert [name for name, action in names.items() if action and not action.name.startswith(STARTING)] == []


def test_a_statement_has_one_finding_for_all_its_wildcards() -> None:
    (one,) = found("ec2:*", "s3:*", "rds:*", "ecs:*", "lambda:*", "lambda:InvokeFunction", "s3:PutObject")
    assert one.rule == "service-wildcard"
    assert "and 1 more include" in one.message
    assert [related.message for related in one.related] == [
        f"and by `{name}:*`" for name in ("s3", "rds", "ecs", "lambda")
    ]


def test_other_actions_are_blamed_beside_a_wildcard() -> None:
    assert [each.rule for each in found("codebuild:*", "s3:DeleteBucket")] == [
        "service-wildcard",
        "over-broad-permission",
    ]
    assert [each.rule for each in found("codebuild:*", "lambda:InvokeFunction")] == ["service-wildcard"]


def test_the_last_place_says_how_many_more_there_are() -> None:
    (one,) = found(*(f"s3:Delete{name}" for name in ("Bucket", "Object", "ObjectVersion", "AccessPoint", "JobTagging")),
                   "dynamodb:DeleteTable", "ecr:DeleteRepository")  # fmt: skip
    assert [related.message for related in one.related][-1].endswith(" and 2 more")


@pytest.mark.parametrize("action", sorted(name for name in DOCUMENTED_ON_EVERYTHING if iam_actions.action(name)))
def test_what_aws_documents_on_everything_is_a_note(action: str) -> None:
    assert [each.severity for each in found(action)] == ["note"]
