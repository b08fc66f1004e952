"""Each of the 142 ways to more permissions is found where it is open, and not where one step is missing."""

from __future__ import annotations

import json

import pytest

from cilint.catalog import iam_actions, managed_policies
from cilint.catalog.iam_escalation import Path, actions, paths
from cilint.checks.iam import escalation as checks
from cilint.iam.escalation import opened
from cilint.model.policy import Policy, Principal
from cilint.model.subjects import subjects
from cilint.model.template import Template
from cilint.source.json import parse_json
from cilint.source.text import Text

NOT_FOUND_HERE = {
    "data": "reads data and secrets: `unrestricted-data-access` and `over-broad-permission` speak of it",
    "ended": "AWS has ended the service: `discontinued-action` speaks of its actions",
}
SEARCHED = [path for path in paths() if path.kind not in NOT_FOUND_HERE]


def principal(*statements: dict[str, object]) -> Principal:
    text = Text(json.dumps({"Version": "2012-10-17", "Statement": statements}))
    root = parse_json(text).root
    assert root is not None
    policy = Policy(root, text)
    return Principal(root, text, policy.statements)


def allow(*actions: str, resource: str = "*", **more: object) -> dict[str, object]:
    return {"Effect": "Allow", "Action": list(actions), "Resource": resource, **more}


def ids(who: Principal) -> set[str]:
    return {each.path.id for each in opened(who)}


def test_the_table_is_whole() -> None:
    assert len(paths()) == len({path.id for path in paths()}) == 142
    assert {path.kind for path in paths()} == {"identity", "role", "existing", *NOT_FOUND_HERE}


@pytest.mark.parametrize("path", [path for path in paths() if path.kind != "ended"], ids=lambda path: path.id)
def test_iam_has_the_actions_of_a_way(path: Path) -> None:
    assert [name for name in path.names if (found := iam_actions.action(name)) and found.full_name == name] == list(
        path.names
    )


@pytest.mark.parametrize("path", SEARCHED, ids=lambda path: path.id)
def test_a_way_is_open_when_all_its_actions_are_allowed(path: Path) -> None:
    assert path.id in ids(principal(*(allow(name) for name in path.names)))


@pytest.mark.parametrize("path", SEARCHED, ids=lambda path: path.id)
def test_a_way_is_closed_by_a_deny_of_its_last_action(path: Path) -> None:
    deny: dict[str, object] = {"Effect": "Deny", "Action": path.names[-1], "Resource": "*"}
    assert path.id not in ids(principal(allow(*path.names), deny))


@pytest.mark.parametrize("path", SEARCHED, ids=lambda path: path.id)
def test_each_way_is_told_by_one_of_the_rules(path: Path) -> None:
    who = principal(allow(*path.names))
    rules = (checks.privilege_escalation, checks.privilege_escalation_by_service, checks.power_of_existing_resources)
    told = [finding.message for rule in rules for finding in rule(who)]
    assert any(path.id in message or "more ways" in message for message in told), told


@pytest.mark.parametrize("path", [path for path in SEARCHED if path.kind == "role"], ids=lambda path: path.id)
class TestPassedRole:
    def test_a_role_for_another_service_does_not_open_it(self, path: Path) -> None:
        test = {"StringEquals": {"iam:PassedToService": "other.amazonaws.com"}}
        rest = allow(*(name for name in path.names if name != "iam:PassRole"))
        assert path.id not in ids(principal(allow("iam:PassRole", Condition=test), rest))

    def test_a_role_for_its_service_does(self, path: Path) -> None:
        test = {"StringEquals": {"iam:PassedToService": path.service}}
        rest = allow(*(name for name in path.names if name != "iam:PassRole"))
        assert path.id in ids(principal(allow("iam:PassRole", Condition=test), rest))

    def test_a_named_role_does_not(self, path: Path) -> None:
        named = allow("iam:PassRole", resource="arn:aws:iam::111122223333:role/web")
        rest = allow(*(name for name in path.names if name != "iam:PassRole"))
        assert path.id not in ids(principal(named, rest))


def test_a_test_that_passes_without_its_key_does_not_close_a_way() -> None:
    test = {"StringEqualsIfExists": {"iam:PassedToService": "other.amazonaws.com"}}
    assert "PE-LAM-01" in ids(
        principal(allow("iam:PassRole", Condition=test), allow("lambda:CreateFunction", "lambda:InvokeFunction"))
    )


def test_a_boundary_closes_what_it_does_not_let_through() -> None:
    who = principal(allow("iam:PassRole", "lambda:CreateFunction", "lambda:InvokeFunction"))
    boundary = principal(allow("lambda:*")).statements
    assert "PE-LAM-01" in ids(who)
    assert "PE-LAM-01" not in ids(Principal(who.node, who.text, who.statements, boundary))


def test_a_whole_service_is_another_rules_matter() -> None:
    assert ids(principal(allow("iam:*"))) == set()


class TestManagedPolicies:
    """What a policy of AWS adds to a role's own statements; its document is known by what it lets one reach."""

    @staticmethod
    def found(arn: str, **statement: object) -> set[str]:
        role = {"Type": "AWS::IAM::Role", "Properties": {"ManagedPolicyArns": [arn], "Policies": [
            {"PolicyName": "own", "PolicyDocument": {"Version": "2012-10-17", "Statement": [statement]}},
        ]}}  # fmt: skip
        text = Text(json.dumps({"Resources": {"Role": role}}))
        root = parse_json(text).root
        assert root is not None
        (who,) = subjects("template")["Principal"](Template(root, text))
        assert isinstance(who, Principal)
        return ids(who)

    def test_the_role_passes_and_the_policy_runs(self) -> None:
        arn = "arn:aws:iam::aws:policy/AWSCodeBuildAdminAccess"
        assert "PE-CB-01" in self.found(arn, **allow("iam:PassRole"))
        arn = "arn:aws:iam::aws:policy/AWSCodeBuildReadOnlyAccess"
        assert "PE-CB-01" not in self.found(arn, **allow("iam:PassRole"))

    def test_the_policy_passes_to_its_own_service_only(self) -> None:
        arn = "arn:aws:iam::aws:policy/AWSLambda_FullAccess"
        assert "PE-CB-01" not in self.found(arn, **allow("codebuild:CreateProject", "codebuild:StartBuild"))
        assert "PE-LAM-01" in self.found(arn, **allow("lambda:CreateFunction"))

    def test_the_policy_alone_is_another_rules_matter(self) -> None:
        assert self.found("arn:aws:iam::aws:policy/AdministratorAccess", **allow("s3:ListBucket")) == set()

    def test_a_deny_of_the_role_takes_from_the_policy(self) -> None:
        arn = "arn:aws:iam::aws:policy/AWSCodeBuildAdminAccess"
        deny = {**allow("codebuild:CreateProject", "codebuild:UpdateProject"), "Effect": "Deny"}
        assert self.found(arn, **deny) == set()


def test_the_table_of_managed_policies_speaks_of_attachable_policies_and_ways() -> None:
    tails = ("AdministratorAccess", "IAMFullAccess", "AWSLambda_FullAccess", "service-role/AWSBatchServiceRole")
    for tail in tails:
        powers = managed_policies.powers(tail)
        assert powers is not None
        assert powers.actions <= actions()
    assert managed_policies.powers("AWSCodeBuildReadOnlyAccess") is None
