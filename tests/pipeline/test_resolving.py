"""What a template puts together is resolved to a value or stays unknown, and a finding points at what was written.

Each case is a template with one defect that only shows once a function is resolved, or none where nothing can be told;
it goes through the program itself. `<<...>>` marks where the one finding of the rule must start and end.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from click.testing import CliRunner

from cilint.cli.main import cli

HEAD = """\
AWSTemplateFormatVersion: "2010-09-09"
Transform: AWS::LanguageExtensions
Parameters:
  Regions: {Type: CommaDelimitedList, Default: "eu-west-1,us-east-1"}
  Artifact: {Type: String, Default: Sorce}
Mappings:
  Teams: {all: {names: [web, api]}}
  Providers: {deploy: {name: CodeDeployToLambda, right: CodeDeploy}}
Conditions:
  Reviewed: !Equals [!Ref Artifact, x]
Resources:
"""
PIPELINE = """\
  %(id)s:
    Type: AWS::CodePipeline::Pipeline
    Properties:
      RoleArn: !GetAtt Role.Arn
      PipelineType: V2
      ArtifactStore: {Type: S3, Location: !Ref Bucket}
      Stages:
        - Name: Source
          Actions:
            - Name: Repository
              ActionTypeId: {Category: Source, Owner: AWS, Provider: CodeStarSourceConnection, Version: "1"}
              Configuration: {ConnectionArn: !Ref Connection, FullRepositoryId: acme/web, BranchName: main}
              OutputArtifacts: [{Name: %(output)s}]
        - Name: Release
          Actions:
            - Name: Deploy
              ActionTypeId: {Category: Deploy, Owner: AWS, Provider: %(provider)s, Version: "1"}
              Configuration: {ApplicationName: web, DeploymentGroupName: blue}
              InputArtifacts: [%(input)s]
%(more)s"""


class Case(NamedTuple):
    """A template, the rule that speaks once at the marked place, and what it says; no rule where it must be silent."""

    content: str
    rule: str = ""
    says: str = ""


def pipeline(**parts: str) -> str:
    known = {"id": "Web", "output": "Source", "provider": "CodeDeploy", "input": "{Name: Source}", "more": ""}
    return PIPELINE % (known | parts)


def looped(collection: str, **parts: str) -> str:
    """A loop over pipelines; the identifier is Team."""
    body = pipeline(id='"Pipeline${Team}"', **parts)
    return f"  Fn::ForEach::Pipelines:\n    - Team\n    - {collection}\n    -\n" + "".join(
        f"    {line}\n" for line in body.splitlines()
    )


UNKNOWN_ARTIFACT = "no action outputs an artifact"
CASES = {
    "a loop over a list": Case(
        looped("[web, api]", output='"source-${Team}"', input='{Name: <<"sources-${Team}">>}'),
        "artifact-not-produced",
        "`sources-web`; did you mean `source-web`?",
    ),
    "a loop over a mapping": Case(
        looped("!FindInMap [Teams, all, names]", output="Source-web", input='{Name: <<"Source-${Team}">>}'),
        "artifact-not-produced",
        "`Source-api`; did you mean `Source-web`?",
    ),
    "a loop over a parameter, the defect in its body": Case(
        looped("!Ref Regions", provider="<<CodeDeployToLambda>>"), "unknown-action-provider", "CodeDeployToLambda"
    ),
    "a loop over a parameter, whose values nobody knows": Case(
        looped("!Ref Regions", output='"source-${Team}"', input="{Name: source-eu-west-1}")
    ),
    "a loop in a loop": Case(
        "  Fn::ForEach::Stages:\n    - Stage\n    - [dev]\n    - "
        + looped("[web]", input='{Name: <<"${Stage}-${Team}">>}').lstrip().replace("\n", "\n    "),
        "artifact-not-produced",
        "`dev-web`",
    ),
    "an item under a condition": Case(
        pipeline(input="!If [Reviewed, {Name: <<Sources>>}, {Name: Source}]"), "artifact-not-produced", "`Sources`"
    ),
    "an item under a condition that may be nothing": Case(
        pipeline(input="!If [Reviewed, {Name: Source}, !Ref AWS::NoValue], {Name: Source}")
    ),
    "a stage under a condition": Case(
        pipeline(
            more="        - !If\n          - Reviewed\n          - Name: Later\n            Actions:\n"
            "              - Name: Late\n"
            '                ActionTypeId: {Category: Build, Owner: AWS, Provider: CodeBuild, Version: "1"}\n'
            "                Configuration: {ProjectName: web}\n"
            "                InputArtifacts: [{Name: <<Gone>>}]\n"
            "          - !Ref AWS::NoValue\n"
        ),
        "artifact-not-produced",
        "`Gone`",
    ),
    "a value of a mapping": Case(
        pipeline(provider="<<!FindInMap [Providers, deploy, name]>>"),
        "unknown-action-provider",
        "CodeDeployToLambda",
    ),
    "a right value of a mapping": Case(pipeline(provider="!FindInMap [Providers, deploy, right]")),
    "a parameter with a default, which a stack may be given otherwise": Case(pipeline(input="{Name: !Ref Artifact}")),
    "a value of a nested stack": Case(
        "  Inner: {Type: AWS::CloudFormation::Stack, Properties: {TemplateURL: inner.yaml}}\n"
        + pipeline(input="{Name: !GetAtt Inner.Outputs.Artifact}")
    ),
    "a text put together of what is known": Case(
        pipeline(input='{Name: <<!Join ["", [Sour, ces]]>>}'), "artifact-not-produced", "`Sources`"
    ),
}


def findings(path: Path) -> list[dict[str, Any]]:
    """The errors and warnings that the program reports about the file."""
    result = CliRunner().invoke(cli, ["check", "--isolated", "--severity", "warning", "--format", "json", str(path)])
    found: list[dict[str, Any]] = json.loads(result.stdout)["findings"]
    return found


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_a_case(case: Case, tmp_path: Path) -> None:
    marked = HEAD + case.content
    content = marked.replace("<<", "").replace(">>", "")
    (tmp_path / "template.yaml").write_text(content)
    found = findings(tmp_path / "template.yaml")
    if not case.rule:
        assert found == []
        return
    start = marked.index("<<")
    (one,) = found
    assert one["rule"] == case.rule
    assert case.says in one["message"]
    assert (one["place"]["start"], one["place"]["end"]) == (start, marked.index(">>") - 2)
