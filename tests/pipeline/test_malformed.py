"""Pipelines in any state: what is malformed is a finding or nothing, never a crash, wherever it stands."""

from __future__ import annotations

import random
import re

import pytest

from cilint.core.context import EmptyTree
from cilint.engine import index as rule_index
from cilint.engine.analyze import analyze
from tests.pipeline.test_peers import GOOD

RULES = [rule for rule in rule_index.load().rules if {"pipeline", "template", "file"} & set(rule.kinds)]
RICH = GOOD.replace(
    "      Stages:\n",
    """\
      Variables: [{Name: Color, DefaultValue: blue}]
      Triggers:
        - ProviderType: CodeStarSourceConnection
          GitConfiguration:
            SourceActionName: Repository
            Push: [{Branches: {Includes: [main]}, FilePaths: {Includes: ["src/**"]}}]
      Stages:
""",
).replace(
    "        - Name: Gate\n",
    """\
        - Name: Checked
          BeforeEntry:
            Conditions:
              - Result: SKIP
                Rules:
                  - Name: Check
                    RuleTypeId: {Category: Rule, Owner: AWS, Provider: VariableCheck, Version: "1"}
                    Configuration: {Variable: "#{Src.BranchName}", Value: main, Operator: EQ}
          OnFailure: {Result: RETRY, RetryConfiguration: {RetryMode: ALL_ACTIONS}}
          Actions:
            - Name: Commands
              ActionTypeId: {Category: Compute, Owner: AWS, Provider: Commands, Version: "1"}
              Commands: ["echo #{Src.CommitId}"]
              EnvironmentVariables: [{Name: A, Value: b}]
              InputArtifacts: [{Name: Source}]
            - Name: Rebuild
              ActionTypeId: {Category: Build, Owner: AWS, Provider: CodeBuild, Version: "1"}
              Configuration:
                ProjectName: web
                BuildspecOverride: "version: 0.2"
                EnvironmentVariables: '[{"name": "A", "value": "#{Src.CommitId}"}]'
              InputArtifacts: [{Name: Source}]
            - Name: Stack
              ActionTypeId: {Category: Deploy, Owner: AWS, Provider: CloudFormation, Version: "1"}
              Configuration: {ActionMode: CHANGE_SET_EXECUTE, StackName: web, ChangeSetName: web, TemplatePath: "A::b"}
              RoleArn: arn:aws:iam::111122223333:role/other
              Region: us-east-1
        - Name: Gate
""",
)
STRANGE = ["", "~", "[]", "{}", "[x]", "{x: y}", "7", "!Ref X", "!If [A, {x: y}, !Ref AWS::NoValue]", "!Sub '${A}-b'",
           "[[]]", "{Fn::If: [A, B]}", "{Ref: [x]}", "[!If [A, B]]", '"#{a.b}"', "!GetAtt []", "*no"]  # fmt: skip


def crashes(content: str) -> list[str]:
    result = analyze("template.yaml", content.encode(), RULES, EmptyTree())
    return [each.message for each in result.diagnostics if each.rule == "internal-error"]


def test_the_rich_pipeline_is_read_whole() -> None:
    result = analyze("template.yaml", RICH.encode(), RULES, EmptyTree())
    assert not [each for each in result.diagnostics if each.severity == "error"]


@pytest.mark.parametrize("seed", range(20))
def test_a_value_replaced_by_anything(seed: int) -> None:
    random_ = random.Random(seed)
    values = [match.span(1) for match in re.finditer(r"(?<=[:,\[{] )([A-Za-z0-9\"'\[{][^\n,}\]]*)", RICH)]
    for _ in range(25):
        start, end = random_.choice(values)
        content = RICH[:start] + random_.choice(STRANGE) + RICH[end:]
        assert not crashes(content), content[max(0, start - 60) : end + 60]


@pytest.mark.parametrize("seed", range(10))
def test_lines_lost_and_doubled(seed: int) -> None:
    random_ = random.Random(seed)
    for _ in range(25):
        lines = RICH.splitlines(keepends=True)
        for _change in range(random_.choice([1, 2, 4])):
            at = random_.randrange(len(lines))
            lines[at : at + 1] = random_.choice([[], [lines[at]] * 2, [lines[at].split(":")[0] + ":\n"]])
        assert not crashes("".join(lines))
