"""What a role of a template lacks for its users: when that can be told, when not, and that the tables behind it hold.

The wording and the typical cases are on the rules' pages; the table of traps is docs/traps/service-roles.md.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from cilint.api import check_text
from cilint.catalog import command_actions, data_files, iam_actions, managed_policies, pipeline_actions, service_roles
from cilint.checks.iam import services
from cilint.engine import index as rule_index
from tests.tables import cells

ROOT = Path(__file__).parent.parent.parent
TABLE = ROOT / "docs" / "traps" / "service-roles.md"
INDEX = rule_index.load()
LACKS = ("IAM602", "IAM603", "IAM604", "IAM605", "IAM606", "IAM607")

TRUST = """\
      AssumeRolePolicyDocument:
        Version: "2012-10-17"
        Statement:
          - {Effect: Allow, Principal: {Service: codepipeline.amazonaws.com}, Action: sts:AssumeRole}
"""
PIPELINE = """\
  Pipeline:
    Type: AWS::CodePipeline::Pipeline
    Properties:
      RoleArn: !GetAtt Role.Arn
      ArtifactStore: {Type: S3, Location: artifacts-of-shop}
      Stages:
        - Name: Build
          Actions:
            - Name: Compile
              ActionTypeId: {Category: Build, Owner: AWS, Provider: CodeBuild, Version: "1"}
              Configuration: {ProjectName: shop}
  Project:
    Type: AWS::CodeBuild::Project
    Properties: {Name: shop}
  Other:
    Type: AWS::CodeBuild::Project
    Properties: {Name: store}
"""


def messages(template: str, *rules: str) -> list[str]:
    """What the rules (all that speak of missing permissions, where none are named) say of a template."""
    found = check_text(template, Path("template.yaml"), select=rules or LACKS).diagnostics
    return [each.message for each in found]


def statement(body: str) -> str:
    """A role's property `Policies` with one statement of these lines."""
    lines = "\n".join(" " * 16 + line for line in body.strip().split("\n"))
    return (
        "      Policies:\n        - PolicyName: work\n          PolicyDocument:\n"
        f'            Version: "2012-10-17"\n            Statement:\n              -\n{lines}\n'
    )


def managed(arn: str) -> str:
    return f"      ManagedPolicyArns: [{arn}]\n"


def build(role: str, more: str = "", head: str = "") -> str:
    """A template with a pipeline that starts the project `shop`, its role with these properties, and more resources."""
    return f"{head}Resources:\n  Role:\n    Type: AWS::IAM::Role\n    Properties:\n{TRUST}{role}{more}{PIPELINE}"


CALLS = "Action: [codebuild:StartBuild, codebuild:BatchGetBuilds]"
OWN_POLICY = """\
  Policy:
    Type: AWS::IAM::{type}
    Properties:
      {name}: work
      {roles}
      PolicyDocument:
        Version: "2012-10-17"
        Statement: {{Effect: Allow, Action: "codebuild:*", Resource: "*"}}
"""

ALLOWED = {
    "by an action": statement(f"Effect: Allow\n{CALLS}\nResource: '*'"),
    "by a pattern, whatever its case": statement("Effect: Allow\nAction: CodeBuild:*\nResource: '*'"),
    "by NotAction": statement("Effect: Allow\nNotAction: iam:*\nResource: '*'"),
    "on the project": statement(
        f"Effect: Allow\n{CALLS}\nResource: arn:aws:codebuild:eu-west-1:111122223333:project/shop"
    ),
    "on a part that only a stack knows": statement(
        f"Effect: Allow\n{CALLS}\nResource: !Sub 'arn:aws:codebuild:${{AWS::Region}}:111122223333:project/${{Name}}'"
    ),
    "on a reference to it": statement(f"Effect: Allow\n{CALLS}\nResource: !GetAtt Project.Arn"),
    "under a condition, which may hold": statement(
        f"Effect: Allow\n{CALLS}\nResource: '*'\nCondition: {{StringEquals: {{'aws:ResourceAccount': '111122223333'}}}}"
    ),
    "by an AWS managed policy": managed("arn:aws:iam::aws:policy/AWSCodeBuildDeveloperAccess"),
    "by one that allows all but some": managed("arn:aws:iam::aws:policy/PowerUserAccess"),
    "in a branch of Fn::If": "      Policies:\n        - !If\n          - Builds\n          - PolicyName: work\n"
    "            PolicyDocument:\n              Statement: {Effect: Allow, Action: 'codebuild:*', Resource: '*'}\n"
    "          - !Ref AWS::NoValue\n",
}


@pytest.mark.parametrize("role", ALLOWED.values(), ids=ALLOWED.keys())
def test_what_a_role_may_do_is_not_missing(role: str) -> None:
    assert messages(build(role)) == []


ATTACHED = {
    "by reference": OWN_POLICY.format(type="Policy", name="PolicyName", roles="Roles: [!Ref Role]"),
    "by name": OWN_POLICY.format(type="Policy", name="PolicyName", roles="Roles: [builder]"),
    "as a managed policy": OWN_POLICY.format(
        type="ManagedPolicy", name="ManagedPolicyName", roles="Roles: [!Ref Role]"
    ),
    "as a role's policy": OWN_POLICY.format(type="RolePolicy", name="PolicyName", roles="RoleName: !Ref Role"),
}


@pytest.mark.parametrize("policy", ATTACHED.values(), ids=ATTACHED.keys())
def test_policies_that_are_attached_to_a_role_count(policy: str) -> None:
    assert messages(build("      RoleName: builder\n", policy)) == []


def test_a_policy_for_another_role_does_not_count() -> None:
    other = OWN_POLICY.format(type="Policy", name="PolicyName", roles="Roles: [tester]")
    assert len(messages(build("      RoleName: builder\n", other))) == 1


LACKING = {
    "without any policy": "",
    "with one call of two": statement("Effect: Allow\nAction: codebuild:StartBuild\nResource: '*'"),
    "on another project by name": statement(
        f"Effect: Allow\n{CALLS}\nResource: arn:aws:codebuild:eu-west-1:111122223333:project/store"
    ),
    "by NotAction that excludes it": statement("Effect: Allow\nNotAction: codebuild:*\nResource: '*'"),
    "by an AWS managed policy without it": managed("arn:aws:iam::aws:policy/AWSCodeBuildReadOnlyAccess"),
    "after a Deny": statement("Effect: Allow\nAction: '*'\nResource: '*'")
    + "              - {Effect: Deny, Action: 'codebuild:Start*', Resource: '*'}\n",
}


@pytest.mark.parametrize("role", LACKING.values(), ids=LACKING.keys())
def test_what_a_role_lacks_is_said_once(role: str) -> None:
    found = messages(build(role))
    assert len(found) == 1
    assert found[0].startswith("the action `Compile` will fail: this role lacks `codebuild:")


def test_a_reference_to_another_project_is_another_project() -> None:
    role = statement(f"Effect: Allow\n{CALLS}\nResource: !GetAtt Other.Arn")
    by_reference = build(role).replace("ProjectName: shop", "ProjectName: !Ref Project")
    assert messages(by_reference)[0].endswith(
        "it allows these on other resources; add `arn:aws:codebuild:REGION:ACCOUNT:project/shop`"
    )
    assert messages(by_reference.replace("!GetAtt Other.Arn", "!GetAtt Project.Arn")) == []


NAMES = {
    "by its ARN's attribute": "!GetAtt Role.Arn",
    "by reference": "!Ref Role",
    "by an ARN around a reference": "!Sub 'arn:aws:iam::${AWS::AccountId}:role/${Role}'",
    "by an ARN with its name": "arn:aws:iam::111122223333:role/delivery/builder",
    "by name": "builder",
    "by the same text": "!Sub 'arn:aws:iam::${AWS::AccountId}:role/${Prefix}-builder'",
}


@pytest.mark.parametrize(("how", "name"), NAMES.items(), ids=NAMES.keys())
def test_a_pipeline_names_its_role_in_many_ways(how: str, name: str) -> None:
    own_name = "!Sub '${Prefix}-builder'" if "text" in how else "builder"
    named = build(f"      RoleName: {own_name}\n").replace("RoleArn: !GetAtt Role.Arn", f"RoleArn: {name}")
    assert len(messages(named)) == 1
    assert messages(named.replace(name, "arn:aws:iam::111122223333:role/somebody-else")) == []


def test_a_boundary_in_the_template_takes_away() -> None:
    boundary = OWN_POLICY.format(type="ManagedPolicy", name="ManagedPolicyName", roles="Description: for builds")
    role = statement(f"Effect: Allow\n{CALLS}\nResource: '*'") + "      PermissionsBoundary: !Ref Policy\n"
    assert messages(build(role, boundary)) == []
    assert len(messages(build(role, boundary.replace("codebuild:*", "s3:*")))) == 1


UNKNOWN = {
    "a managed policy that is a parameter": managed("!Ref Extra"),
    "a managed policy of the user's own": managed("arn:aws:iam::111122223333:policy/builds"),
    "an AWS managed policy of another field": managed("arn:aws:iam::aws:policy/AmazonLexFullAccess"),
    "an import": managed("!ImportValue builds"),
    "a list from elsewhere": "      ManagedPolicyArns: !Split [',', !Ref Extra]\n",
    "a policy as a text": "      Policies: [{PolicyName: work, PolicyDocument: '{\"Statement\": []}'}]\n",
    "a document that is a parameter": "      Policies: [{PolicyName: work, PolicyDocument: !Ref Extra}]\n",
    "an action that is a parameter": statement("Effect: Allow\nAction: !Ref Extra\nResource: '*'"),
    "a resource that is a parameter": statement(f"Effect: Allow\n{CALLS}\nResource: !Ref Extra"),
    "an include": "      Fn::Transform: {Name: AWS::Include, Parameters: {Location: s3://bucket/policies.yaml}}\n",
}


@pytest.mark.parametrize("role", UNKNOWN.values(), ids=UNKNOWN.keys())
def test_nothing_is_missing_where_the_template_does_not_show_all(role: str) -> None:
    assert messages(build(role)) == []


def test_nothing_is_missing_in_a_template_that_a_macro_completes() -> None:
    assert messages(build("", head="Transform: MyMacro\n")) == []


def test_a_buckets_own_policy_may_allow_what_the_role_does_not() -> None:
    role = statement("Effect: Allow\nAction: codebuild:*\nResource: '*'")
    bucket = "  Bucket:\n    Type: AWS::S3::Bucket\n"
    policy = (
        "  BucketPolicy:\n    Type: AWS::S3::BucketPolicy\n    Properties:\n      Bucket: !Ref Bucket\n"
        "      PolicyDocument:\n        Statement:\n          - Effect: Allow\n            Action: s3:PutObject\n"
        "            Principal: {AWS: !GetAtt Role.Arn}\n            Resource: !Sub '${Bucket.Arn}/*'\n"
    )
    store = "Location: artifacts-of-shop", "Location: !Ref Bucket"
    assert messages(build(role)) == []  # the bucket is somebody else's
    assert "cannot store its artifacts" in messages(build(role, bucket).replace(*store))[0]
    assert messages(build(role, bucket + policy).replace(*store)) == []
    for_a_service = policy.replace("{AWS: !GetAtt Role.Arn}", "{Service: logs.amazonaws.com}")
    assert "cannot store its artifacts" in messages(build(role, bucket + for_a_service).replace(*store))[0]


FUNCTION = """\
  Function:
    Type: AWS::Lambda::Function
    Properties: {Role: !GetAtt FunctionRole.Arn}
  FunctionRole:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Statement: [{Effect: Allow, Principal: {Service: lambda.amazonaws.com}, Action: sts:AssumeRole}]
      Policies:
        - PolicyName: work
          PolicyDocument: {Statement: [{Effect: Allow, Action: ["logs:*"], Resource: "*"}]}
"""


def test_a_function_that_starts_another_need_not_answer_itself() -> None:
    action = (
        ("Category: Build, Owner: AWS, Provider: CodeBuild", "Category: Invoke, Owner: AWS, Provider: Lambda"),
        ("ProjectName: shop", "FunctionName: !Ref Function"),
    )
    template = build(statement("Effect: Allow\nAction: lambda:*\nResource: '*'"), FUNCTION)
    for old, new in action:
        template = template.replace(old, new)
    assert len(messages(template, "IAM607")) == 1
    for further in ("states:StartExecution", "codepipeline:Put*", "lambda:Invoke*"):
        assert messages(template.replace('"logs:*"', f'"logs:*", "{further}"'), "IAM607") == []


def test_two_roles_to_choose_from_are_not_judged() -> None:
    """What is needed may hang on the same condition as the role."""
    second = f"  Second:\n    Type: AWS::IAM::Role\n    Properties:\n{TRUST}"
    choice = "!If [Fast, !GetAtt Role.Arn, !GetAtt Second.Arn]"
    assert messages(build("", second).replace("!GetAtt Role.Arn", choice)) == []


# --- whom a role trusts

PRINCIPAL = "Principal: {Service: codepipeline.amazonaws.com}"
TRUSTED = {
    "the service": PRINCIPAL,
    "among others": "Principal: {Service: [codebuild.amazonaws.com, codepipeline.amazonaws.com]}",
    "with the partition's ending": "Principal: {Service: !Sub 'codepipeline.${AWS::URLSuffix}'}",
    "in China": "Principal: {Service: codepipeline.amazonaws.com.cn}",
    "a service that is a parameter": "Principal: {Service: !Ref Service}",
    "a principal that is a parameter": "Principal: !Ref Trusted",
    "everybody": "Principal: '*'",
}


@pytest.mark.parametrize("principal", TRUSTED.values(), ids=TRUSTED.keys())
def test_a_role_that_trusts_its_service_or_may_is_right(principal: str) -> None:
    assert messages(build("").replace(PRINCIPAL, principal), "IAM416") == []


@pytest.mark.parametrize("document", ["!Ref Trust", "!Sub '{}'"])
def test_a_trust_policy_from_elsewhere_is_not_judged(document: str) -> None:
    elsewhere = build("").replace(TRUST, f"      AssumeRolePolicyDocument: {document}\n")
    assert messages(elsewhere, "IAM416") == []


@pytest.mark.parametrize(
    ("principal", "trusted"),
    [
        ("Principal: {Service: codebuild.amazonaws.com}", "trusts `codebuild.amazonaws.com`"),
        ("Principal: {AWS: arn:aws:iam::111122223333:root}", "trusts no service"),
    ],
)
def test_a_role_that_does_not_trust_its_service_cannot_be_used(principal: str, trusted: str) -> None:
    (message,) = messages(build("").replace(PRINCIPAL, principal), "IAM416")
    assert message.startswith(f"`codepipeline.amazonaws.com` cannot assume `Role`, which {trusted};")


# --- every call of every action


class Row(NamedTuple):
    """One action of a pipeline with the settings under which a need holds, and all its calls then."""

    category: str
    provider: str
    settings: dict[str, str]
    calls: tuple[str, ...]


def rows() -> Iterator[Row]:
    """The needs of actions, but those of S3, whose buckets have policies of their own."""
    for category, _, provider in pipeline_actions.identities():
        needs = service_roles.of_action(category, provider)
        for need in needs:
            if need.resource.startswith("arn:*:s3"):
                continue
            settings = {test.key: test.values[0] if test.values else "x" for test in need.when if test.holds}
            own = [each for each in needs if all(holds(test, settings) for test in each.when)]
            calls = tuple(call.names[0] for each in own for call in each.calls)
            yield Row(category, provider, settings, calls)


def holds(test: service_roles.Test, settings: dict[str, str]) -> bool:
    value = settings.get(test.key)
    if not test.values or value is None:
        return value is not None if not test.values else not test.holds
    return (value in test.values) is test.holds


def pipeline(row: Row, allowed: tuple[str, ...]) -> str:
    role = statement(f"Effect: Allow\nAction: {[*allowed, 's3:*']}\nResource: '*'")
    action = (
        "Category: Build, Owner: AWS, Provider: CodeBuild",
        f"Category: {row.category}, Owner: AWS, Provider: {row.provider}",
    )
    settings = ", ".join(f"{key}: '{value}'" for key, value in row.settings.items())
    return build(role).replace(*action).replace("ProjectName: shop", settings)


@pytest.mark.parametrize(
    "row", list(rows()), ids=lambda row: f"{row.category}-{row.provider}-{'-'.join(row.settings.values())}"
)
def test_each_call_of_an_action_is_missed_when_it_is_not_allowed(row: Row) -> None:
    assert messages(pipeline(row, row.calls)) == []
    for call in row.calls:
        found = messages(pipeline(row, tuple(each for each in row.calls if each != call)))
        assert len(found) == 1
        assert f"`{call}`" in found[0]


# --- the tables


def test_every_listed_action_is_one_of_iam() -> None:
    commands = {action for _, actions in command_actions.table() for action in actions}
    listed = service_roles.names() | commands
    assert not [
        name for name in sorted(listed) if (known := iam_actions.action(name)) is None or known.full_name != name
    ]


def test_every_listed_action_provider_is_known() -> None:
    known = {(category, name) for category, _, name in pipeline_actions.identities()}
    lines = data_files.read("service-role-actions.txt").decode("ascii").splitlines()[1:]
    users = {tuple(line.split("\t")[0].split("/")) for line in lines}
    assert {user for user in users if user[0][0].isupper()} <= known


def test_every_feature_says_what_comes_of_it() -> None:
    lines = data_files.read("service-role-actions.txt").decode("ascii").splitlines()[1:]
    features = {line.split("\t")[0] for line in lines if line[0].islower()}
    assert features == set(services._EFFECT)


def test_managed_policies_with_actions_exist() -> None:
    lines = data_files.read("managed-policy-actions.txt").decode("ascii").splitlines()[1:]
    tails = [line.split("\t")[0] for line in lines]
    assert len(tails) > 200
    assert not [tail for tail in tails if not managed_policies.exists(tail)]
    assert managed_policies.allowed("AdministratorAccess") == ("*",)
    assert "lambda:updatealias" in (managed_policies.allowed("service-role/AWSCodeDeployRoleForLambda") or ())
    assert managed_policies.allowed("AmazonLexFullAccess") is None


def test_codedeploys_managed_policies_fit_their_own_platform() -> None:
    for feature, tail in services._POLICY_FOR.items():
        patterns = managed_policies.allowed(tail) or ()
        for need in service_roles.of_feature(feature):
            for call in need.calls:
                name = call.names[0].lower()
                assert any(re.fullmatch(each.replace("*", ".*"), name) for each in patterns), (tail, name)


# --- the table of traps


class Trap(NamedTuple):
    """A row of the table."""

    id: str
    what: str
    rules: tuple[str, ...]
    reason: str


def traps() -> list[Trap]:
    found = []
    for line in TABLE.read_text().splitlines():
        if line.startswith("| SR-"):
            name, what, rules, reason = cells(line)
            found.append(Trap(name, what, tuple(each.strip() for each in rules.split(",") if each.strip()), reason))
    return found


def test_the_traps_are_numbered() -> None:
    assert [trap.id for trap in traps()] == [f"SR-{n:02}" for n in range(1, len(traps()) + 1)]


@pytest.mark.parametrize("trap", traps(), ids=lambda trap: trap.id)
def test_a_trap_has_a_rule_or_a_reason(trap: Trap) -> None:
    assert trap.what
    assert bool(trap.rules) != bool(trap.reason)
    assert not [name for name in trap.rules if INDEX.by_name(name) is None]


# --- real templates


def test_templates_that_work_are_not_told_that_they_will_fail(corpus: Path) -> None:
    """The roles of the corpus are those of published samples: nothing is missing there."""
    judged = 0
    found = []
    for path in corpus.rglob("*"):
        if path.suffix not in (".yml", ".yaml", ".json", ".template") or not path.is_file():
            continue
        text = path.read_text(encoding="utf-8", errors="replace")
        if "AWS::IAM::Role" in text and ("AWS::CodePipeline::" in text or "AWS::CodeBuild::" in text):
            judged += 1
            found += [f"{path.name}: {message}" for message in messages(text)]
    assert judged > 30
    assert found == []
