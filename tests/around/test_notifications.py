"""Notification rules and topics: what is said only where the template shows all of it."""

from __future__ import annotations

import pytest

from cilint.catalog import events
from tests.around.test_events import said

RULE = """
Resources:
  Notifications:
    Type: AWS::CodeStarNotifications::NotificationRule
    Properties:
      Name: web
      DetailType: FULL
      Resource: !GetAtt Web.Arn
      EventTypeIds: [{event}]
      Targets: [{{TargetType: SNS, TargetAddress: !Ref Topic}}]
  Topic: {{Type: AWS::SNS::Topic}}
"""
POLICY = """
  Policy:
    Type: AWS::SNS::TopicPolicy
    Properties:
      Topics: [!Ref Topic]
      PolicyDocument:
        Version: "2012-10-17"
        Statement:
          - {{Effect: Allow, Principal: {principal}, Action: sns:Publish, Resource: !Ref Topic{condition}}}
"""
EVENT = "codebuild-project-build-state-failed"


def rules(text: str) -> list[str]:
    return [rule for rule, _ in said(text)]


@pytest.mark.parametrize("service", events.notifications())
def test_every_event_of_the_table_is_known(service: str) -> None:
    for event in events.notifications()[service]:
        assert "notification-event-unknown" not in rules(RULE.format(event=event))


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("codebuild-project-build-phase-failed", "codebuild-project-build-phase-failure"),
        ("codebuild-project-build-state-success", "codebuild-project-build-state-succeeded"),
        ("codepipeline-pipeline-execution-failed", "codepipeline-pipeline-pipeline-execution-failed"),
        ("codepipeline-pipeline-stage-execution-cancelled", "codepipeline-pipeline-stage-execution-canceled"),
        ("codecommit-repository-pull-requests-created", "codecommit-repository-pull-request-created"),
    ],
)
def test_a_slip_is_told_what_was_meant(written: str, meant: str) -> None:
    from cilint.core.context import EmptyTree
    from cilint.engine import index
    from cilint.engine.analyze import analyze

    one = [rule for rule in index.load().rules if rule.name == "notification-event-unknown"]
    result = analyze("template.yaml", RULE.format(event=written).encode(), one, EmptyTree())
    assert [each.message.endswith(f"write `{meant}`") for each in result.diagnostics] == [True]


@pytest.mark.parametrize(
    ("principal", "condition", "heard"),
    [
        ("{Service: codestar-notifications.amazonaws.com}", "", True),
        ("{Service: [events.amazonaws.com, codestar-notifications.amazonaws.com]}", "", True),
        ("{Service: events.amazonaws.com}", "", False),
        ("{Service: !Sub '${Name}.amazonaws.com'}", "", True),
        ('{AWS: "*"}', "", True),
        ('{AWS: "*"}', ", Condition: {StringEquals: {AWS:SourceOwner: !Ref AWS::AccountId}}", False),
        ("!If [Open, '*', !Ref Nobody]", "", True),
    ],
)
def test_a_topic_is_heard_from_when_its_policy_lets_in(principal: str, condition: str, heard: bool) -> None:
    text = RULE.format(event=EVENT) + POLICY.format(principal=principal, condition=condition)
    assert ("topic-refuses-events" not in rules(text)) is heard


def test_where_a_macro_adds_resources_nothing_is_missing() -> None:
    text = RULE.format(event=EVENT)
    assert "topic-refuses-events" in rules(text)
    assert "topic-refuses-events" not in rules(f"Transform: [Company::Topics]\n{text}")
