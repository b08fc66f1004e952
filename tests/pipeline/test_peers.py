"""What the peers catch in pipelines is caught here, what they wrongly say is not said, and what all of them miss is.

A line of CASES is a change to a good pipeline and the rule that must speak of it, or None where nothing may. They are
the cases on which cfn-lint 1.58.0, checkov 3.3.30 and cfn-guard 3.1.1 were compared; the second column says who caught
them.
"""

from __future__ import annotations

import pytest

from cilint.core.context import EmptyTree
from cilint.engine import index as rule_index
from cilint.engine.analyze import analyze

GOOD = """\
Parameters:
  Token: {Type: String, NoEcho: true}
Resources:
  Pipeline:
    Type: AWS::CodePipeline::Pipeline
    Properties:
      Name: web
      RoleArn: !GetAtt Role.Arn
      PipelineType: V2
      ArtifactStore: {Type: S3, Location: !Ref Bucket, EncryptionKey: {Id: !GetAtt Key.Arn, Type: KMS}}
      Stages:
        - Name: Source
          Actions:
            - Name: Repository
              ActionTypeId: {Category: Source, Owner: AWS, Provider: CodeStarSourceConnection, Version: "1"}
              Configuration: {ConnectionArn: !Ref Connection, FullRepositoryId: acme/web, BranchName: main}
              OutputArtifacts: [{Name: Source}]
              Namespace: Src
        - Name: Build
          Actions:
            - Name: Compile
              ActionTypeId: {Category: Build, Owner: AWS, Provider: CodeBuild, Version: "1"}
              Configuration: {ProjectName: web}
              InputArtifacts: [{Name: Source}]
              OutputArtifacts: [{Name: Package}]
        - Name: Gate
          Actions:
            - Name: Approve
              ActionTypeId: {Category: Approval, Owner: AWS, Provider: Manual, Version: "1"}
              Configuration: {NotificationArn: !Ref Topic}
              TimeoutInMinutes: 1440
        - Name: Production
          Actions:
            - Name: Release
              ActionTypeId: {Category: Deploy, Owner: AWS, Provider: CodeDeploy, Version: "1"}
              Configuration: {ApplicationName: web, DeploymentGroupName: web}
              InputArtifacts: [{Name: Package}]
"""
CONNECTION = "{ConnectionArn: !Ref Connection, FullRepositoryId: acme/web, BranchName: main}"
GATE = GOOD[GOOD.index("        - Name: Gate") : GOOD.index("        - Name: Production")]
BUILD = GOOD[GOOD.index("        - Name: Build") : GOOD.index("        - Name: Gate")]
TEST = """\
            - Name: Test
              ActionTypeId: {Category: Test, Owner: AWS, Provider: CodeBuild, Version: "1"}
              Configuration: {ProjectName: test}
              InputArtifacts: [{Name: Package}]
"""

CONNECTED = f'CodeStarSourceConnection, Version: "1"}}\n              Configuration: {CONNECTION}'
POLLED = """CodeCommit, Version: "1"}
              Configuration: {RepositoryName: web, BranchName: main, PollForSourceChanges: true}"""
GITHUB = """GitHub, Version: "1"}
              Configuration: {Owner: acme, Repo: web, Branch: main, OAuthToken: %s}"""
TOKEN = "ghp_16C7e42F292c6912E7710c838347Ae178B4a"
SOURCE_TYPE = '{Category: Source, Owner: AWS, Provider: CodeStarSourceConnection, Version: "1"}'
BUILD_TYPE = '{Category: Build, Owner: AWS, Provider: CodeBuild, Version: "1"}'
SOURCE_OUT = "OutputArtifacts: [{Name: Source}]"
BUILD_OUT = "OutputArtifacts: [{Name: Package}]"
TAKES = "InputArtifacts: [{Name: Package}]"
PROJECT = "{ProjectName: web}"
TYPE = "PipelineType: V2"
GATE_NAME = "        - Name: Gate\n"
TWO_OUTPUTS = "OutputArtifacts: [{Name: Source}, {Name: Other}]"
FOREIGN_ARN = "'arn:aws:codecommit:eu-west-1:111122223333:web'"
IN_TWO_REGIONS = f"{TAKES}\n              Region: us-east-1\n" + TEST.replace(
    "Configuration", "Region: eu-west-1\n              Configuration"
)
VARIABLE = """{ProjectName: web, EnvironmentVariables: '[{"name": "A", "value": "#{Source.CommitId}"}]'}"""
TRIGGER = f"""{TYPE}
      Triggers: [{{ProviderType: CodeStarSourceConnection, GitConfiguration: {{SourceActionName: Repo}}}}]"""
CONDITION = f"""{GATE_NAME}          BeforeEntry:
            Conditions:
              - Result: FAIL
                Rules: [{{Name: A, RuleTypeId: {{Category: Rule, Provider: CloudWatchAlarms}}}}]
"""
LATER = TEST.replace("InputArtifacts", "RunOrder: 2\n              InputArtifacts")
SECOND_PRODUCER = TEST.replace(TAKES, f"InputArtifacts: [{{Name: Source}}]\n              {BUILD_OUT}")
COMMANDS = LATER.replace("Test, Owner: AWS, Provider: CodeBuild", "Compute, Owner: AWS, Provider: Commands").replace(
    "Configuration: {ProjectName: test}", "Commands: [make test]"
)
SCAN = LATER.replace("Test, Owner: AWS, Provider: CodeBuild", "Invoke, Owner: AWS, Provider: InspectorScan").replace(
    "{ProjectName: test}",
    "{InspectorRunMode: SourceCodeScan, CriticalThreshold: 0}\n              OutputArtifacts: [{Name: Scan}]",
)
TWIN = GOOD[GOOD.index("  Pipeline:") :].replace("  Pipeline:", "  Twin:", 1).replace("Name: web\n", "Name: twin\n", 1)

CASES = [
    ("P01", "cfn-lint", TAKES, "InputArtifacts: [{Name: Pack}]", "artifact-not-produced"),
    ("P02", "cfn-lint", SOURCE_TYPE, BUILD_TYPE, "source-outside-first-stage"),
    ("P03", "cfn-lint", TEST, TEST.replace("Test\n", "Compile\n", 1), "duplicate-name"),
    ("P04", "nobody", "Provider: CodeDeploy,", "Provider: CodeDeployToLambda,", "unknown-action-provider"),
    ("P05", "nobody", "GroupName: web}", "GroupName: web, RoleArn: !Ref R}", "misplaced-action-key"),
    ("P06", "nobody", GATE, "", "approval-missing-before-production"),
    ("P07", "checkov", CONNECTED, GITHUB % TOKEN, "plaintext-source-token"),
    ("P08", "nobody", CONNECTED, POLLED, "polling-source"),
    ("P09", "nobody", f"{TAKES}\n", IN_TWO_REGIONS, "action-region-without-store"),
    ("P14", "cfn-lint", "Name: Gate", "Name: Build", "duplicate-name"),
    ("P15", "nobody", BUILD_OUT, "OutputArtifacts: [{Name: My Package}]", "pipeline-wrong-value"),
    ("P17", "nobody", PROJECT, "{BatchEnabled: true}", "missing-configuration-key"),
    ("P18", "cfn-lint", SOURCE_OUT, TWO_OUTPUTS, "artifact-count"),
    ("P19", "nobody", TEST, TEST, "artifact-not-produced"),
    ("P20", "cfn-lint", GOOD[GOOD.index(BUILD) :], "", "pipeline-missing-key"),
    ("P22", "nobody", TYPE, "PipelineType: V1\n      ExecutionMode: QUEUED", "v2-feature-in-v1"),
    ("P23", "nobody", PROJECT, VARIABLE, "unknown-variable"),
    ("P28", "cfn-lint", TEST, SECOND_PRODUCER, "artifact-produced-twice"),
    ("P32", "nobody", PROJECT, "{ProjectName: web, PrimarySorce: Source}", "unknown-configuration-key"),
    ("P33", "nobody", "ConnectionArn: !Ref Connection", f"ConnectionArn: {FOREIGN_ARN}", "connection-arn"),
    ("P36", "nobody", 'CodeBuild, Version: "1"', 'CodeBuild, Version: "2"', "unknown-action-provider"),
    ("P37", "nobody", TYPE, TRIGGER, "trigger-source-unknown"),
    ("P52", "nobody", SOURCE_OUT, TWO_OUTPUTS, "artifact-count"),
    ("P55", "nobody", GATE_NAME, CONDITION, "condition-rule"),
    ("P57", "cfn-lint", BUILD, "", "artifact-not-produced"),
    ("P58", "cfn-lint", GATE_NAME, f"{GATE_NAME}          OnFailure: {{Result: ABORT}}\n", "pipeline-wrong-value"),
    ("P59", "nobody", CONNECTED, GITHUB % "!Ref Open", "token-parameter-visible"),
    ("P51", "nothing is wrong, though cfn-lint speaks", TEST, LATER, None),
    ("P53", "nothing is wrong", TEST, COMMANDS, None),
    ("P54", "nothing is wrong", TEST, SCAN, None),
    ("P56", "nothing is wrong", "Resources:\n", "Resources:\n" + TWIN, None),
]


def changed(old: str, new: str) -> str:
    """The good pipeline with the change; a test action goes after the build, an open parameter where one is used."""
    if old == TEST:
        return GOOD.replace(GATE, new + GATE)
    assert old in GOOD
    content = GOOD.replace(old, new, 1)
    if old.startswith(TAKES):
        content = GOOD[: GOOD.rindex(old)] + new + GOOD[GOOD.rindex(old) + len(old) :]
    if "CodeStar" in old:
        content = content.replace("Owner: AWS, Provider: GitHub", "Owner: ThirdParty, Provider: GitHub")
        content = content.replace("Parameters:\n", "Parameters:\n  Open: {Type: String, Default: abc}\n")
    return content


def found(content: str) -> dict[str, str]:
    result = analyze("template.yaml", content.encode(), rule_index.load().rules, EmptyTree())
    return {each.rule: each.severity for each in result.diagnostics if each.id.startswith("CP")}


def test_the_good_pipeline_is_good() -> None:
    assert found(GOOD) == {}


@pytest.mark.parametrize(("case", "caught_by", "old", "new", "rule"), CASES, ids=[each[0] for each in CASES])
def test_a_case(case: str, caught_by: str, old: str, new: str, rule: str | None) -> None:
    said = found(changed(old, new))
    if rule is None:
        assert "error" not in said.values()
        assert "warning" not in said.values()
    else:
        assert rule in said
