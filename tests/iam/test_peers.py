"""The defects by which other tools for IAM policies were compared, and good policies on which some of them complain."""

from __future__ import annotations

import json
from typing import Any

import pytest

from cilint.core.context import EmptyTree
from cilint.engine import index
from cilint.engine.analyze import analyze

RULES = index.load().rules
OBJECTS = "arn:aws:s3:::artifacts/*"
ROLE = "arn:aws:iam::111122223333:role/ci"
OIDC = {"Federated": "arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com"}
MANY = [f"arn:aws:s3:::artifacts-of-a-rather-long-name-{number:03}/*" for number in range(150)]


def allow(action: Any, resource: Any = "*", **more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}


def trust(principal: Any, action: str = "sts:AssumeRole", **more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Principal": principal, "Action": action, **more}


def when(operator: str, key: str, value: Any) -> dict[str, Any]:
    return {"Condition": {operator: {key: value}}}


DEFECTS: dict[str, tuple[str, list[dict[str, Any]]]] = {
    "every action on every resource": ("administrator-access", [allow("*")]),
    "PassRole on every role": ("pass-role-unrestricted", [allow("iam:PassRole")]),
    "Allow with NotAction": ("allow-with-not-action", [{"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}]),
    "unknown action": ("unknown-action", [allow("s3:GetObjct", OBJECTS)]),
    "object action on a bucket": ("action-resource-mismatch", [allow("s3:GetObject", "arn:aws:s3:::artifacts")]),
    "anyone may assume": ("anyone-may-assume-role", [trust({"AWS": "*"})]),
    "service without source": ("confused-deputy", [trust({"Service": "codebuild.amazonaws.com"})]),
    "escalation by Lambda": (
        "privilege-escalation",
        [allow(["iam:PassRole", "lambda:CreateFunction", "lambda:InvokeFunction"])],
    ),
    "longer than 6,144 characters": ("policy-too-long", [allow("s3:GetObject", MANY)]),
    "duplicate Sids": ("duplicate-sid", [allow("s3:GetObject", OBJECTS, Sid="A"), allow("iam:GetRole", ROLE, Sid="A")]),
    "unknown service": ("unknown-action", [allow("codepipelines:StartPipelineExecution")]),
    "escalation by CodeBuild": (
        "privilege-escalation",
        [allow(["iam:PassRole", "codebuild:CreateProject", "codebuild:StartBuild"])],
    ),
    "unknown operator": (
        "iam-policy-unknown-key",
        [allow("s3:GetObject", OBJECTS, **when("StringEqualss", "aws:PrincipalOrgID", "o-1"))],
    ),
    "malformed ARN": ("malformed-arn", [allow("s3:GetObject", "artifacts/*")]),
    "token on a repository": (
        "action-resource-mismatch",
        [allow("ecr:GetAuthorizationToken", "arn:aws:ecr:eu-central-1:111122223333:repository/web")],
    ),
    "Allow with NotResource": (
        "allow-with-not-resource",
        [{"Effect": "Allow", "Action": "s3:PutObject", "NotResource": OBJECTS}],
    ),
    "Allow with NotPrincipal": (
        "allow-with-not-principal",
        [{"Effect": "Allow", "NotPrincipal": {"AWS": "111122223333"}, "Action": "s3:GetObject", "Resource": OBJECTS}],
    ),
    "characters of a Sid": ("invalid-sid", [allow("s3:GetObject", OBJECTS, Sid="allow-it")]),
    "no Resource": ("missing-resource", [{"Effect": "Allow", "Action": "s3:GetObject"}]),
    "Resource in a trust policy": (
        "element-not-for-policy-type",
        [trust({"Service": "codebuild.amazonaws.com"}, Resource="*")],
    ),
    "Effect in lower case": (
        "iam-policy-wrong-value",
        [{"Effect": "allow", "Action": "s3:GetObject", "Resource": OBJECTS}],
    ),
    "a whole service": ("service-wildcard", [allow("s3:*")]),
    "reading of everything": (
        "unrestricted-data-access",
        [allow(["s3:GetObject", "secretsmanager:GetSecretValue", "ssm:GetParameters"])],
    ),
    "an address that is none": (
        "condition-value-malformed",
        [allow("s3:GetObject", OBJECTS, **when("IpAddress", "aws:SourceIp", "office"))],
    ),
    "wildcard under StringEquals": (
        "wildcard-without-like",
        [allow("s3:GetObject", OBJECTS, **when("StringEquals", "aws:PrincipalTag/team", "web-*"))],
    ),
    "GitHub without a subject": (
        "oidc-claim-missing",
        [
            trust(
                OIDC,
                "sts:AssumeRoleWithWebIdentity",
                **when("StringEquals", "token.actions.githubusercontent.com:aud", "sts.amazonaws.com"),
            )
        ],
    ),
    "redundant actions": ("redundant-action", [allow(["s3:Get*", "s3:GetObject"], OBJECTS)]),
    "policy versions of everything": (
        "privilege-escalation",
        [allow(["iam:CreatePolicyVersion", "iam:AttachUserPolicy"])],
    ),
    "a role for any service": ("pass-role-unrestricted", [allow("iam:PassRole", ROLE)]),
    "key that the action does not send": (
        "condition-key-not-for-action",
        [allow(["s3:ListBucket", "s3:GetObject"], ["arn:aws:s3:::b", "arn:aws:s3:::b/*"])
         | when("StringLike", "s3:prefix", "ci/*")],
    ),
    "unknown element": ("iam-policy-unknown-key", [allow("s3:GetObject", OBJECTS, Actions="s3:*")]),
    "a foreign account": ("foreign-account-without-external-id", [trust({"AWS": "arn:aws:iam::111122223333:root"})]),
    "whole services of a pipeline": ("service-wildcard", [allow(["codebuild:*", "codepipeline:*"])]),
}  # fmt: skip
GOOD: dict[str, list[dict[str, Any]]] = {
    "identity": [
        allow(["s3:GetObject", "s3:PutObject"], OBJECTS, Sid="Artifacts"),
        allow("s3:ListBucket", "arn:aws:s3:::artifacts"),
        allow("codebuild:StartBuild", "arn:aws:codebuild:eu-central-1:111122223333:project/web"),
        allow(["ecr:GetAuthorizationToken", "codebuild:ListProjects"]),
    ],
    "trust": [
        trust({"Service": "codebuild.amazonaws.com"}, **when("StringEquals", "aws:SourceAccount", "111122223333"))
    ],
    "bucket": [
        {"Effect": "Allow", "Principal": {"AWS": ROLE}, "Action": "s3:GetObject", "Resource": OBJECTS, "Sid": "a b"},
        {
            "Effect": "Deny",
            "Principal": "*",
            "Action": "s3:*",
            "Resource": [OBJECTS, "arn:aws:s3:::artifacts"],
            **when("Bool", "aws:SecureTransport", "false"),
        },
    ],
    "new actions": [
        allow("codebuild:StartSandbox", "arn:aws:codebuild:eu-central-1:111122223333:project/web"),
        allow("codebuild:StartCommandExecution", "arn:aws:codebuild:eu-central-1:111122223333:sandbox/web-1"),
        allow("codepipeline:OverrideStageCondition", "arn:aws:codepipeline:eu-central-1:111122223333:web/Deploy"),
        allow("codeconnections:UseConnection", "arn:aws:codeconnections:eu-central-1:111122223333:connection/1"),
    ],
}


def said(statements: list[dict[str, Any]], version: str | None = "2012-10-17") -> dict[str, str]:
    text = json.dumps({**({"Version": version} if version else {}), "Statement": statements}, indent=2)
    return {each.rule: each.message for each in analyze("policy.json", text.encode(), RULES, EmptyTree()).diagnostics}


@pytest.mark.parametrize("defect", DEFECTS)
def test_a_defect_is_found(defect: str) -> None:
    rule, statements = DEFECTS[defect]
    assert rule in said(statements)


def test_versions() -> None:
    assert "iam-policy-wrong-value" in said([allow("s3:GetObject", OBJECTS)], "2012-10-18")
    assert "missing-policy-version" in said([allow("s3:GetObject", OBJECTS)], None)


@pytest.mark.parametrize("policy", GOOD)
def test_nothing_is_said_of_a_good_policy(policy: str) -> None:
    assert said(GOOD[policy]) == {}
