"""The tables of action and rule providers: complete, well-formed, and what the checks rely on."""

from __future__ import annotations

import re

import pytest

from cilint.catalog import pipeline_actions as catalog

FORMS = {"", "boolean", "integer", "json", "path", "maybe-path", "artifact", "list", "one"}
CATEGORIES = {"Source", "Build", "Test", "Deploy", "Approval", "Invoke", "Compute"}


@pytest.mark.parametrize("identity", catalog.identities(), ids="/".join)
def test_a_provider_has_a_legal_identity_counts_and_keys(identity: tuple[str, str, str]) -> None:
    found = catalog.provider(*identity)
    assert found is not None
    assert found.category in CATEGORIES
    assert found.owner in ("AWS", "ThirdParty")
    assert re.fullmatch(r"[0-9A-Za-z_-]{1,35}", found.name)
    for low, high in (found.inputs, found.outputs):
        assert 0 <= low <= high <= 10
    for name, key in (found.keys or {}).items():
        assert re.fullmatch(r"[A-Z][A-Za-z0-9]{0,49}", name)
        assert key.form in FORMS
        assert bool(key.words) == (key.form in ("integer", "list", "one"))


# cfn-lint's E3702 (1.58.0) knows these; what it allows must not be refused here, what it refuses must be.
PEER_COUNTS = [
    ("Source/AWS/S3", (0, 0), (1, 1)),
    ("Source/AWS/CodeCommit", (0, 0), (1, 1)),
    ("Source/AWS/ECR", (0, 0), (1, 1)),
    ("Test/AWS/CodeBuild", (1, 5), (0, 5)),
    ("Test/AWS/DeviceFarm", (1, 1), (0, 0)),
    ("Build/AWS/CodeBuild", (1, 5), (0, 5)),
    ("Approval/AWS/Manual", (0, 0), (0, 0)),
    ("Deploy/AWS/S3", (1, 1), (0, 0)),
    ("Deploy/AWS/CloudFormation", (0, 10), (0, 1)),
    ("Deploy/AWS/CodeDeploy", (1, 1), (0, 0)),
    ("Deploy/AWS/ElasticBeanstalk", (1, 1), (0, 0)),
    ("Deploy/AWS/OpsWorks", (1, 1), (0, 0)),
    ("Deploy/AWS/ECS", (1, 1), (0, 0)),
    ("Deploy/AWS/ServiceCatalog", (1, 1), (0, 0)),
    ("Invoke/AWS/Lambda", (0, 5), (0, 5)),
    ("Source/ThirdParty/GitHub", (0, 0), (1, 1)),
    ("Deploy/ThirdParty/AlexaSkillsKit", (0, 2), (0, 0)),
]


@pytest.mark.parametrize(("identity", "inputs", "outputs"), PEER_COUNTS)
def test_counts_are_those_of_the_peer(identity: str, inputs: tuple[int, int], outputs: tuple[int, int]) -> None:
    category, owner, name = identity.split("/")
    found = catalog.provider(category, owner, name)
    assert found is not None
    assert (found.inputs, found.outputs) == (inputs, outputs)


@pytest.mark.parametrize(
    ("identity", "required"),
    [
        ("Source/AWS/S3", {"S3Bucket", "S3ObjectKey"}),
        ("Source/AWS/CodeCommit", {"RepositoryName", "BranchName"}),
        ("Source/AWS/ECR", {"RepositoryName"}),
        ("Source/AWS/CodeStarSourceConnection", {"ConnectionArn", "FullRepositoryId", "BranchName"}),
        ("Build/AWS/CodeBuild", {"ProjectName"}),
        ("Test/AWS/CodeBuild", {"ProjectName"}),
        ("Deploy/AWS/CloudFormation", {"ActionMode", "StackName"}),
        ("Deploy/AWS/S3", {"BucketName", "Extract"}),
        ("Deploy/AWS/ECS", {"ClusterName", "ServiceName"}),
        ("Approval/AWS/Manual", set()),
        ("Compute/AWS/Commands", set()),
    ],
)
def test_required_keys(identity: str, required: set[str]) -> None:
    category, owner, name = identity.split("/")
    found = catalog.provider(category, owner, name)
    assert found is not None and found.keys is not None
    assert {key for key, what in found.keys.items() if what.required} == required


@pytest.mark.parametrize("name", ["ECRBuildAndPublish", "EC2", "EKS", "CodePipeline", "Commands"])
def test_the_newer_providers_are_those_of_v2(name: str) -> None:
    (place,) = catalog.named(name)
    found = catalog.provider(*place, name)
    assert found is not None and found.v2


def test_what_is_misnamed_is_no_provider_itself() -> None:
    for name in ("CodeDeployToLambda", "CodeStarConnection", "ManualApproval", "S3Deploy"):
        assert catalog.misnamed(name)
        assert not catalog.named(name)


def test_nothing_is_known_of_what_is_not_there() -> None:
    assert catalog.provider("Deploy", "AWS", "CodeBuild") is None
    assert catalog.misnamed("CodeBuild") is None
    assert catalog.rule_keys("CodeBild") is None
    assert set(catalog.rule_names()) >= {"CloudWatchAlarm", "LambdaInvoke", "VariableCheck", "DeploymentWindow"}
    assert re.fullmatch(r"\d{4}-\d{2}", catalog.date())
