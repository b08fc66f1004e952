"""The configurations that CodeDeploy brings along: each one is taken for its own platform and for no other."""

from __future__ import annotations

import pytest

from cilint.catalog.deployment_configurations import PLATFORMS, PREFIX, every, platform_of, predefined
from cilint.core.context import EmptyTree
from cilint.engine import index as rule_index
from cilint.engine.analyze import analyze

TEMPLATE = """\
Resources:
  Shop: {{Type: AWS::CodeDeploy::Application, Properties: {{ComputePlatform: {platform}}}}}
  Group:
    Type: AWS::CodeDeploy::DeploymentGroup
    Properties: {{ApplicationName: !Ref Shop, ServiceRoleArn: !GetAtt Role.Arn, DeploymentConfigName: {name}}}
"""
RULES = rule_index.load().rules


def found(platform: str, name: str) -> list[str]:
    result = analyze("template.yaml", TEMPLATE.format(platform=platform, name=name).encode(), RULES, EmptyTree())
    return [each.rule for each in result.diagnostics if each.id.startswith("CD")]


@pytest.mark.parametrize("name", every())
def test_a_configuration_is_for_one_platform(name: str) -> None:
    for platform in PLATFORMS:
        expected = [] if platform_of(name) == platform else ["configuration-of-other-platform"]
        assert found(platform, name) == expected


@pytest.mark.parametrize("name", every())
def test_minute_and_minutes_are_not_the_same(name: str) -> None:
    """Whoever adds or drops the `s` names a configuration that does not exist, and gets the one that does."""
    other = name.removesuffix("s") if name.endswith("Minutes") else name + "s"
    assert platform_of(other) is None
    assert found(platform_of(name) or "", other) == ["unknown-deployment-configuration"]


def test_as_many_as_the_guide_lists() -> None:
    assert {platform: len(predefined(platform)) for platform in PLATFORMS} == {"Server": 3, "ECS": 5, "Lambda": 9}
    assert all(name.startswith(PREFIX) for name in every())
