"""Event patterns wherever they stand: in a rule, in SAM's events, under `Fn::If`, in a file of their own."""

from __future__ import annotations

import json

import pytest

from cilint.catalog import events
from cilint.core.context import EmptyTree
from cilint.engine import index
from cilint.engine.analyze import analyze


def said(text: str, path: str = "template.yaml") -> list[tuple[str, int]]:
    """Rules about events with the lines of their findings."""
    rules = [rule for rule in index.load().rules if rule.id.startswith("AR")]
    result = analyze(path, text.encode(), rules, EmptyTree())
    return [(each.rule, each.place.line) for each in result.diagnostics]


def pattern(**asked: object) -> str:
    return json.dumps({key.replace("_", "-"): value for key, value in asked.items()})


def test_a_pattern_in_a_file_of_its_own() -> None:
    text = pattern(source=["aws.codebuild"], detail_type=["CodeBuild Build State Changed"])
    assert said(text, "pattern.json") == [("event-detail-type-unknown", 1)]


def test_an_event_is_no_pattern() -> None:
    text = pattern(source="aws.codebuild", detail_type="CodeBuild Build State Changed", detail={})
    assert analyze("event.json", text.encode(), (), EmptyTree()).kind == ""


def test_events_of_a_sam_function_and_both_branches_of_a_condition() -> None:
    text = """
Transform: AWS::Serverless-2016-10-31
Resources:
  Notify:
    Type: AWS::Serverless::Function
    Properties:
      Events:
        Builds:
          Type: EventBridgeRule
          Properties:
            Pattern:
              source: [aws.codebuild]
              detail-type: [CodeBuild Build State Change]
              detail:
                build-status: !If
                  - Loud
                  - [Failed]
                  - [Stopped]
"""
    assert said(text) == [("event-value-unknown", 17), ("event-value-unknown", 18)]


@pytest.mark.parametrize("source", events.sources())
def test_every_event_of_the_table_can_be_asked_for(source: str) -> None:
    for each in events.detail_types(source):
        fields = {name: list(values) if values else ["x"] for name, values in each.fields.items()}
        assert said(pattern(source=[source], detail_type=[each.name], detail=fields), "pattern.json") == []


@pytest.mark.parametrize(
    ("source", "detail_type", "field", "word", "better"),
    [
        ("aws.codepipeline", "CodePipeline Action Execution State Change", "state", "Succeeded", "SUCCEEDED"),
        ("aws.codedeploy", "CodeDeploy Deployment State-change Notification", "state", "FAILED", "FAILURE"),
        ("aws.codebuild", "CodeBuild Build State Change", "build-status", "SUCCESS", "SUCCEEDED"),
        ("aws.codebuild", "CodeBuild Build Phase Change", "completed-phase", "pre_build", "PRE_BUILD"),
        ("aws.codecommit", "CodeCommit Repository State Change", "event", "ReferenceUpdated", "referenceUpdated"),
        ("aws.ecr", "ECR Image Action", "action-type", "push", "PUSH"),
    ],
)
def test_a_value_in_another_spelling_never_matches(
    source: str, detail_type: str, field: str, word: str, better: str
) -> None:
    rules = [rule for rule in index.load().rules if rule.name == "event-value-unknown"]
    text = pattern(source=[source], detail_type=[detail_type], detail={field: [word]})
    (found,) = analyze("pattern.json", text.encode(), rules, EmptyTree()).diagnostics
    assert found.severity == "warning"
    assert f"write `{better}`" in found.message


def test_several_services_in_one_pattern_share_their_fields() -> None:
    text = pattern(
        source=["aws.codebuild", "aws.codepipeline"],
        detail_type=["CodeBuild Build State Change", "CodePipeline Pipeline Execution State Change"],
        detail={"state": ["FAILED"], "build-status": ["FAILED"]},
    )
    assert said(text, "pattern.json") == []


def test_a_pattern_language_value_is_left_alone() -> None:
    text = pattern(
        source=[{"prefix": "aws.code"}],
        detail_type=["CodeBuild Build State Changed"],
        detail={"$or": [{"state": ["FAILED"]}, {"state": [{"anything-but": "x"}]}]},
    )
    assert said(text, "pattern.json") == []
