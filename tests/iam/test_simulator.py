"""What `cilint iam explain` says is allowed, against a public simulator's answers to single requests.

The oracle is the npm package @cloud-copilot/iam-simulate, run beside cilint in its own process: `.ci/tools.sh` installs
it, CILINT_NODE_MODULES names the folder where it lies elsewhere. It judges whether an identity's policy and boundary
allow one request: wildcards in actions and resources, NotAction, NotResource, Deny, conditions. cilint evaluates no
conditions, so where one is in play only what it says for certain is compared.
"""

from __future__ import annotations

import json
import random
import subprocess
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from cilint.iam.effect import Denial, Effect, Everything, Row, Scope, effect
from cilint.iam.patterns import covers
from cilint.model.policy import Policy, Statement
from cilint.source.json import parse_json
from cilint.source.text import Text
from tests.integrations.tools import node_package, tool

HERE = "eu-central-1:111122223333"
REQUESTS = {
    "s3:GetObject": [f"arn:aws:s3:::{name}" for name in ("shop/a.txt", "shop/live/b.txt", "other/a.txt")],
    "s3:PutObject": [f"arn:aws:s3:::{name}" for name in ("shop/a.txt", "shop/live/b.txt", "other/a.txt")],
    "s3:DeleteObject": [f"arn:aws:s3:::{name}" for name in ("shop/a.txt", "shop/live/b.txt")],
    "s3:ListBucket": ["arn:aws:s3:::shop", "arn:aws:s3:::other"],
    "s3:PutBucketPolicy": ["arn:aws:s3:::shop", "arn:aws:s3:::other"],
    "s3:ListAllMyBuckets": ["*"],
    "iam:PassRole": ["arn:aws:iam::111122223333:role/build", "arn:aws:iam::111122223333:role/admin/x"],
    "iam:GetRole": ["arn:aws:iam::111122223333:role/build", "arn:aws:iam::111122223333:role/admin/x"],
    "codebuild:StartBuild": [f"arn:aws:codebuild:{HERE}:project/{name}" for name in ("web", "web-nightly")],
    "codebuild:StopBuild": [f"arn:aws:codebuild:{HERE}:project/web"],
    "codebuild:ListProjects": ["*"],
    "sqs:SendMessage": [f"arn:aws:sqs:{HERE}:{name}" for name in ("jobs", "jobs-dead")],
    "sqs:ListQueues": ["*"],
    "lambda:InvokeFunction": [f"arn:aws:lambda:{HERE}:function:{name}" for name in ("hello", "bye")],
    "logs:PutLogEvents": [f"arn:aws:logs:{HERE}:log-group:/aws/codebuild/web:log-stream:one"],
    "dynamodb:GetItem": [f"arn:aws:dynamodb:{HERE}:table/locks", "arn:aws:dynamodb:us-east-1:111122223333:table/x"],
    "ecr:GetAuthorizationToken": ["*"],
}  # fmt: skip
ACTIONS = [
    *REQUESTS,
    *("*", "s3:*", "s3:Get*", "s3:*Object", "s3:?etObject", "S3:getobject", "s3:List*", "iam:*", "iam:P*"),
    *("codebuild:St*", "codebuild:*", "sqs:*", "lambda:Invoke*", "logs:Put*", "dynamodb:*Item", "ecr:*", "sqs:Send?"),
]
RESOURCES = [
    *(arn for arns in REQUESTS.values() for arn in arns),
    *("*", "*", "arn:aws:s3:::*", "arn:aws:s3:::shop*", "arn:aws:s3:::shop/*", "arn:aws:s3:::*/live/*"),
    *("arn:aws:s3:::sho?/*", "arn:aws:iam::111122223333:role/*", "arn:aws:iam::*:role/build", "arn:aws:iam::*:*"),
    *("arn:aws:codebuild:*:*:project/*", "arn:aws:codebuild:*:111122223333:project/web*", "arn:aws:sqs:*:*:jobs*"),
    *("arn:aws:lambda:*:*:function:h*", f"arn:aws:logs:{HERE}:*", "arn:aws:dynamodb:us-east-1:*:table/*"),
]
CONDITIONS: list[dict[str, Any]] = [
    {"StringEquals": {"aws:PrincipalOrgID": "o-1"}},
    {"StringNotEquals": {"aws:PrincipalOrgID": "o-1"}},
    {"Bool": {"aws:SecureTransport": "true"}},
    {"Null": {"aws:PrincipalOrgID": "true"}},
]
CONTEXTS = [{"aws:PrincipalOrgID": "o-1", "aws:SecureTransport": "true"}, {"aws:SecureTransport": "false"}]


class Question(NamedTuple):
    """A request under a policy and, perhaps, a boundary."""

    policy: dict[str, Any]
    boundary: dict[str, Any] | None
    action: str
    resource: str
    context: dict[str, str]


def _statement(random_: random.Random, conditions: bool) -> dict[str, Any]:
    some: Callable[[list[str]], list[str]] = lambda items: random_.sample(items, random_.choice([1, 1, 2, 4]))  # noqa: E731
    statement: dict[str, Any] = {
        "Effect": random_.choice(["Allow", "Allow", "Deny"]),
        random_.choice(["Action"] * 6 + ["NotAction"]): some(ACTIONS),
        random_.choice(["Resource"] * 6 + ["NotResource"]): some(RESOURCES),
    }
    if conditions and random_.random() < 0.4:
        statement["Condition"] = random_.choice(CONDITIONS)
    return statement


def _document(random_: random.Random, conditions: bool) -> dict[str, Any]:
    count = random_.choice([1, 2, 3, 4])
    return {"Version": "2012-10-17", "Statement": [_statement(random_, conditions) for _ in range(count)]}


def _boundary(random_: random.Random) -> dict[str, Any]:
    document = _document(random_, conditions=True)
    document["Statement"].append({"Effect": "Allow", "Action": random_.sample(ACTIONS, 12), "Resource": "*"})
    return document


def _questions(seed: int, count: int, conditions: bool = False, bounded: bool = False) -> list[Question]:
    random_ = random.Random(seed)
    found = []
    for _ in range(count):
        action = random_.choice(list(REQUESTS))
        found.append(
            Question(
                _document(random_, conditions),
                _boundary(random_) if bounded else None,
                action,
                random_.choice(REQUESTS[action]),
                random_.choice(CONTEXTS),
            )
        )
    return found


def _simulated(questions: list[Question]) -> list[bool]:
    """Whether the simulator allows each; skips the test where the simulator is not at hand."""
    package = node_package("@cloud-copilot/iam-simulate")
    lines = "".join(json.dumps(each._asdict()) + "\n" for each in questions)
    script = Path(__file__).with_name("simulate.mjs")
    done = subprocess.run(
        [tool("node"), script, package.parent.parent], input=lines, capture_output=True, text=True, check=True
    )
    answers = done.stdout.splitlines()
    assert len(answers) == len(questions)
    assert [answer for answer in answers if answer.startswith("error")] == []
    return [answer == "Allowed" for answer in answers]


# --- what cilint's table says of one request


def _statements(document: dict[str, Any]) -> tuple[Statement, ...]:
    text = Text(json.dumps(document))
    root = parse_json(text).root
    assert root is not None
    return Policy(root, text).statements


def _asked(question: Question, whole: bool = False) -> str:
    """`yes`, `no`, or `depends` where the row names a condition, a denial with one, or the boundary. By the table of
    the action's service, or by the whole one."""
    boundary = _statements(question.boundary) if question.boundary else None
    service = None if whole else question.action.partition(":")[0]
    found = effect(_statements(question.policy), boundary, service)
    rows: list[Row | Everything] = [*found.everything, *found.rows]
    answers = [
        _answer(row, found, question)
        for row in rows
        if _names(row, question.action) and _reaches(row.scope, question.resource)
    ]
    return "yes" if "yes" in answers else "depends" if "depends" in answers else "no"


def _names(row: Row | Everything, action: str) -> bool:
    if isinstance(row, Everything):
        return not any(covers(each.lower(), action.lower()) for each in row.but)
    return action in [f"{row.service}:{name}" for name in row.actions]


def _reaches(scope: Scope, resource: str) -> bool:
    return any(covers(each.text, resource) for each in scope.resources) and not any(
        covers(each.text, resource) for each in scope.spared
    )


def _answer(row: Row | Everything, found: Effect, question: Question) -> str:
    denials = [found.denials[each] for each in row.denials]
    denying = [each for each in denials if _denies(each, question)]
    if any(not each.scope.conditions for each in denying):
        return "no"
    bounded = isinstance(row, Row) and row.bounded
    return "depends" if denying or row.scope.conditions or bounded else "yes"


def _denies(denial: Denial, question: Question) -> bool:
    action = question.action.lower()
    named = any(covers(each.text.lower(), action) for each in denial.actions)
    if denial.kept:
        named = not any(covers(each.text.lower(), action) for each in denial.kept)
    return named and _reaches(denial.scope, question.resource)


# --- agreement


def test_the_table_agrees_with_the_simulator_on_10000_requests() -> None:
    questions = _questions(11, 10_000)
    simulated = _simulated(questions)
    # The whole table of a policy with `*` takes a tenth of a second, so that a part is asked by it.
    answers = [_asked(each, whole=number < 100) for number, each in enumerate(questions)]
    differing = [
        (answer, allowed, question)
        for answer, allowed, question in zip(answers, simulated, questions, strict=True)
        if (answer == "yes") != allowed
    ]
    assert differing == []
    assert 1_000 < sum(simulated) < 9_000
    assert Counter(answers)["depends"] == 0


@pytest.mark.parametrize("bounded", [False, True], ids=["conditions", "a boundary"])
def test_what_the_table_says_for_certain_is_so(bounded: bool) -> None:
    questions = _questions(12 + bounded, 2_000, conditions=True, bounded=bounded)
    simulated = _simulated(questions)
    answers = [_asked(each) for each in questions]
    wrong = [
        (answer, question)
        for answer, allowed, question in zip(answers, simulated, questions, strict=True)
        if (answer == "yes" and not allowed) or (answer == "no" and allowed)
    ]
    assert wrong == []
    assert min(Counter(answers)[each] for each in ("yes", "no", "depends")) > 60
