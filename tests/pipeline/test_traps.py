"""The tables of docs/traps/pipeline.md are complete and true: each trap is sprung here, and its rule speaks.

A line of SPRUNG changes the good pipeline of `test_peers` (what stands there, what to write for it) so that the trap's
first rule must speak; where the row has several rules, the others are shown by their own pages.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import NamedTuple

import pytest

from cilint.catalog import events
from cilint.catalog import pipeline_actions as catalog
from cilint.core.context import EmptyTree
from cilint.engine import index as rule_index
from cilint.engine.analyze import analyze
from tests.pipeline.test_peers import BUILD, GATE, GOOD, found
from tests.tables import cells

TABLE = Path(__file__).parent.parent.parent / "docs" / "traps/pipeline.md"
INDEX = rule_index.load()


class Trap(NamedTuple):
    """A row of the first table."""

    id: str
    what: str
    example: str
    rules: tuple[str, ...]
    reason: str


class System(NamedTuple):
    """A row of the second table. `rows` are providers (`Category/Owner/Name`), event sources, or a hyphen."""

    name: str
    rows: tuple[str, ...]
    rules: tuple[str, ...]


def words(cell: str) -> tuple[str, ...]:
    return tuple(word.strip() for word in cell.split(",") if word.strip())


def traps() -> list[Trap]:
    rows = [cells(line) for line in TABLE.read_text().splitlines() if line.startswith("| CP-")]
    return [Trap(name, what, example, words(rules), reason) for name, what, example, rules, reason in rows]


def systems() -> list[System]:
    lines = TABLE.read_text().partition("## The systems")[2].splitlines()
    rows = [cells(line) for line in lines if line.startswith("| ")][1:]
    return [System(name, words(known), words(rules)) for name, known, rules in rows]


CONNECTION = 'CodeStarSourceConnection, Version: "1"}'
SOURCE = "{ConnectionArn: !Ref Connection, FullRepositoryId: acme/web, BranchName: main}"
DEPLOY = "{ApplicationName: web, DeploymentGroupName: web}"
DEPLOY_TYPE = 'Provider: CodeDeploy, Version: "1"}'
TAKES = "InputArtifacts: [{Name: Package}]"
PROJECT = "{ProjectName: web}"
V2 = "PipelineType: V2"
GATE_STAGE = "        - Name: Gate\n"
PRODUCTION = "        - Name: Production\n"
MESSAGE = '[{"name": "M", "value": "#{Src.%s}"}]'
POLLED = "{RepositoryName: web, BranchName: main%s}"
COMMANDS = """
            - Name: Run
              ActionTypeId: {Category: Compute, Owner: AWS, Provider: Commands, Version: "1"}
              InputArtifacts: [{Name: Source}]
              Commands:
                - """


def source(provider: str, configuration: str, owner: str = "AWS") -> list[tuple[str, str]]:
    return [(f"Owner: AWS, Provider: {CONNECTION}", f'Owner: {owner}, Provider: {provider}, Version: "1"}}')] + [
        (SOURCE, configuration)
    ]


def stack(settings: str, more: str = "") -> list[tuple[str, str]]:
    """The deployment as one by CloudFormation."""
    return [
        (DEPLOY_TYPE, 'Provider: CloudFormation, Version: "1"}'),
        (DEPLOY, f"{{StackName: web, {settings}}}"),
        (TAKES, TAKES + more),
    ]


def bucket(settings: str) -> list[tuple[str, str]]:
    return [(DEPLOY_TYPE, 'Provider: S3, Version: "1"}'), (DEPLOY, f"{{BucketName: web{settings}}}")]


def condition(place: str, result: str, provider: str = "CloudWatchAlarm") -> str:
    rule = f"{{Name: A, RuleTypeId: {{Category: Rule, Provider: {provider}}}, Configuration: {{AlarmName: a}}}}"
    return f"          {place}:\n            Conditions: [{{Result: {result}, Rules: [{rule}]}}]\n"


def trigger(git: str) -> list[tuple[str, str]]:
    item = f"{{ProviderType: CodeStarSourceConnection, GitConfiguration: {{{git}}}}}"
    return [(V2, f"{V2}\n      Triggers: [{item}]")]


def variables(value: str) -> list[tuple[str, str]]:
    return [(PROJECT, f"{{ProjectName: web, EnvironmentVariables: {value}}}")]


def after_build(action: str) -> list[tuple[str, str]]:
    return [(GATE_STAGE, action.removeprefix("\n") + "\n" + GATE_STAGE)]


FUNCTION = """
            - Name: Invoke
              ActionTypeId: {Category: Invoke, Owner: AWS, Provider: Lambda, Version: "1"}
              Configuration: {FunctionName: !Ref Function}"""
CODE = "  Function: {Type: AWS::Lambda::Function, Properties: {Code: {ZipFile: 'def handler(event, context): pass'}}}\n"
SCAN = """
            - Name: Scan
              ActionTypeId: {Category: Invoke, Owner: AWS, Provider: InspectorScan, Version: "1"}
              Configuration: {InspectorRunMode: SourceCodeScan}
              InputArtifacts: [{Name: Source}]
              OutputArtifacts: [{Name: Scan}]"""
TWO = """            - Name: Prepare
              ActionTypeId: {Category: Deploy, Owner: AWS, Provider: CloudFormation, Version: "1"}
              Configuration: {ActionMode: CHANGE_SET_REPLACE, StackName: web, ChangeSetName: web, RoleArn: !Ref R,
                TemplatePath: "Package::t.yml"}
              InputArtifacts: [{Name: Package}]
            - Name: Release
"""
SECRET = '[{"name": "DB_PASSWORD", "value": "Tr0ub4dor-and-3", "type": "PLAINTEXT"}]'
TOKEN = "ghp_16C7e42F292c6912E7710c838347Ae178B4a"
GITHUB = "{Owner: acme, Repo: web, Branch: main, OAuthToken: %s}"
BUILT = """
  Project:
    Type: AWS::CodeBuild::Project
    Properties:
      Name: web
      Source: {Type: CODEPIPELINE, BuildSpec: "version: 0.2\\nartifacts:\\n  files: [web.jar]\\n"}
"""
ROLE = """
  Role:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Statement: [{Effect: Allow, Principal: {Service: codepipeline.amazonaws.com}, Action: sts:AssumeRole}]
      Policies: [{PolicyName: all, PolicyDocument: {Statement: [{Effect: Allow, Action: "*", Resource: "*"}]}}]
"""

SPRUNG: dict[str, list[tuple[str, str]]] = {
    "CP-01": [("Provider: CodeBuild", "Provider: AWS CodeBuild")],
    "CP-03": [("{Category: Approval, Owner: AWS, Provider: Manual", "{Category: Source, Owner: AWS, Provider: S3")],
    "CP-04": [(GOOD[GOOD.index(BUILD) :], "")],
    "CP-05": [("OutputArtifacts: [{Name: Package}]", "OutputArtifacts: [{Name: Source}]")],
    "CP-06": [("InputArtifacts: [{Name: Source}]", "InputArtifacts: [{Name: Package}]")],
    "CP-07": [("InputArtifacts: [{Name: Source}]", "InputArtifacts: [{Name: Source}, {Name: Source}]")],
    "CP-08": [("TimeoutInMinutes: 1440", "InputArtifacts: [{Name: Package}]")],
    "CP-09": source("CodeCommit", POLLED % ""),
    "CP-10": source("CodeCommit", POLLED % ", PollForSourceChanges: false"),
    "CP-11": source("GitHub", GITHUB % TOKEN, "ThirdParty"),
    "CP-12": source("GitHub", GITHUB % '"{{resolve:secretsmanager:t}}"', "ThirdParty"),
    "CP-13": [(V2, "PipelineType: V1\n      ExecutionMode: QUEUED")],
    "CP-14": [
        (PROJECT, PROJECT + "\n              Region: us-east-1"),
        (TAKES, TAKES + "\n              Region: eu-west-1"),
    ],
    "CP-15": variables("'" + MESSAGE % "CommitID" + "'"),
    "CP-16": [
        ("BranchName: main", 'BranchName: "#{variables.branch}"'),
        (V2, f"{V2}\n      Variables: [{{Name: branch, DefaultValue: main}}]"),
    ],
    "CP-17": after_build(COMMANDS + """'echo "#{Src.CommitMessage}"'"""),
    "CP-18": variables("'" + MESSAGE % "CommitMessage" + "'"),
    "CP-19": variables("[{name: A, value: b}]"),
    "CP-20": variables(f"'{SECRET}'"),
    "CP-21": stack("ActionMode: CREATE_UPDATE, RoleArn: !Ref R"),
    "CP-22": stack("ActionMode: CREATE_UPDATE, RoleArn: !Ref R, TemplatePath: template.yml"),
    "CP-23": stack('ActionMode: CHANGE_SET_EXECUTE, Capabilities: "CAPABILITY_IAM, CAPABILITY_AUTO_EXPAND"'),
    "CP-24": stack('ActionMode: REPLACE_ON_FAILURE, RoleArn: !Ref R, TemplatePath: "Package::t.yml"'),
    "CP-25": [*stack("ActionMode: CHANGE_SET_EXECUTE, ChangeSetName: web"), ("            - Name: Release\n", TWO)],
    "CP-26": bucket(", Extract: false"),
    "CP-27": bucket(", Extract: true, CannedACL: public-read"),
    "CP-28": [
        (DEPLOY_TYPE, 'Provider: ECS, Version: "1"}'),
        (DEPLOY, "{ClusterName: web, ServiceName: web}"),
        ("Resources:", "Resources:" + BUILT.rstrip()),
    ],
    "CP-29": [(DEPLOY_TYPE, 'Provider: CodeDeployToECS, Version: "1"}'), (DEPLOY, "{Image1ArtifactName: Package}")],
    "CP-30": [
        *bucket(", Extract: true"),
        ("BranchName: main", "BranchName: main, OutputArtifactFormat: CODEBUILD_CLONE_REF"),
        (TAKES, "InputArtifacts: [{Name: Source}]"),
    ],
    "CP-31": [(GATE, "")],
    "CP-32": [(PROJECT, PROJECT + "\n              TimeoutInMinutes: 60")],
    "CP-33": [
        (V2, f"{V2}\n      ExecutionMode: PARALLEL"),
        (PRODUCTION, PRODUCTION + condition("OnSuccess", "ROLLBACK")),
    ],
    "CP-34": [
        (PRODUCTION, PRODUCTION + condition("OnFailure", "ROLLBACK") + "            Result: RETRY\n"),
    ],
    "CP-35": [(PRODUCTION, PRODUCTION + condition("BeforeEntry", "SKIP"))],
    "CP-36": trigger("SourceActionName: Repo"),
    "CP-37": trigger("SourceActionName: Repository, Push: [{Tags: {Includes: [v1]}, Branches: {Includes: [main]}}]"),
    "CP-38": trigger("SourceActionName: Repository, Push: [{Branches: {Includes: ['^main$']}}]"),
    "CP-39": [("Resources:", "Resources:" + ROLE.rstrip())],
    "CP-40": [
        (", EncryptionKey: {Id: !GetAtt Key.Arn, Type: KMS}", ""),
        (TAKES, TAKES + "\n              RoleArn: arn:aws:iam::222233334444:role/deploy"),
    ],
    "CP-41": after_build(COMMANDS + "|\n                  make\n                  make test"),
    "CP-42": after_build(SCAN),
    "CP-43": [("acme/web", "https://github.com/acme/web.git")],
    "CP-44": source("ECR", "{RepositoryName: web}"),
    "CP-45": [
        (
            PROJECT,
            '{ProjectName: web, BuildspecOverride: "version: 0.2\\nphases:\\n  build:\\n    commands:\\n'
            '      - echo #{Src.CommitMessage}\\n"}',
        )
    ],
    "CP-46": source("S3", "{S3Bucket: !Ref B, S3ObjectKey: a.zip, AllowOverrideForS3ObjectKey: true}"),
    "CP-47": stack('ActionMode: CREATE_UPDATE, RoleArn: !Ref R, TemplatePath: "Pack-age::t.yml"'),
    "CP-48": stack('ActionMode: CHANGE_SET_EXECUTE, ChangeSetName: web, TemplatePath: "Package::t.yml"'),
    "CP-49": stack(
        'ActionMode: CREATE_UPDATE, RoleArn: !Ref R, TemplatePath: "Package::t.yml", OutputFileName: o.json'
    ),
    "CP-50": [*after_build(FUNCTION), ("Resources:\n", "Resources:\n" + CODE)],
}


def changed(changes: list[tuple[str, str]]) -> str:
    """The good pipeline with all the changes; what a deployment takes stands last in it."""
    content = GOOD
    for old, new in changes:
        assert old in content, old
        at = content.rindex(old) if old.startswith(TAKES) else content.index(old)
        content = content[:at] + new + content[at + len(old) :]
    return content


def test_every_trap_is_in_the_table_once() -> None:
    assert [trap.id for trap in traps()] == [f"CP-{n:02}" for n in range(1, 51)]
    assert set(SPRUNG) == {trap.id for trap in traps()} - {"CP-02"}


@pytest.mark.parametrize("trap", traps(), ids=lambda trap: trap.id)
def test_a_trap_has_an_example_and_rules_that_exist(trap: Trap) -> None:
    assert trap.what
    assert trap.example
    assert trap.rules
    assert not [name for name in trap.rules if INDEX.by_name(name) is None]


@pytest.mark.parametrize("trap", [trap for trap in traps() if trap.id in SPRUNG], ids=lambda trap: trap.id)
def test_the_rule_speaks_when_the_trap_is_sprung(trap: Trap) -> None:
    content = changed(SPRUNG[trap.id])
    result = analyze("template.yaml", content.encode(), INDEX.rules, EmptyTree())
    assert trap.rules[0] in {each.rule for each in result.diagnostics}
    assert trap.rules[0] not in found(GOOD)


@pytest.mark.parametrize(("version", "is_said"), [(1, True), ("1", False)])
def test_a_version_that_is_a_number(version: int | str, is_said: bool) -> None:
    kind = {"category": "Source", "owner": "AWS", "provider": "S3", "version": version}
    action = {"name": "S", "actionTypeId": kind}
    content = json.dumps({"pipeline": {"name": "web", "stages": [{"name": "S", "actions": [action]}]}})
    result = analyze("pipeline.json", content.encode(), INDEX.rules, EmptyTree())
    assert ("pipeline-wrong-type" in {each.rule for each in result.diagnostics}) == is_said


WANTED = (
    *("CodeCommit", "CodeBuild", "CodeDeploy", "CodePipeline", "CodeArtifact", "CodeGuru", "Device Farm", "Jenkins"),
    *("S3", "ECR", "ECS", "Elastic Beanstalk", "Lambda", "CloudFormation", "SNS", "EventBridge", "CloudWatch"),
    *("Secrets Manager", "Parameter Store", "CodeStar notifications", "Chatbot"),
)


def test_every_system_that_a_delivery_meets_is_in_the_table() -> None:
    assert tuple(system.name for system in systems()) == WANTED


@pytest.mark.parametrize("system", systems(), ids=lambda system: system.name)
def test_a_system_has_its_rows_and_rules_that_exist(system: System) -> None:
    for row in system.rows:
        category, _, rest = row.partition("/")
        owner, _, name = rest.partition("/")
        known = catalog.provider(category, owner, name) is not None or row in events.sources()
        assert known or row in ("-", "codestar-notifications")
    assert system.rules
    assert not [name for name in system.rules if INDEX.by_name(name) is None]
