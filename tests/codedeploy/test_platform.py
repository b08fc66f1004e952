"""The compute platform is that of the application in the template; what the template does not tell is not guessed."""

from __future__ import annotations

import pytest

from cilint.core.context import EmptyTree
from cilint.engine import index as rule_index
from cilint.engine.analyze import analyze
from cilint.model.deployment import DeploymentGroup
from cilint.model.subjects import units
from cilint.source.read import read
from cilint.source.text import decode

APPLICATION = "  Shop: {Type: AWS::CodeDeploy::Application, Properties: {%s}}\n"
GROUP = """\
  Group:
    Type: AWS::CodeDeploy::DeploymentGroup
    Properties: {ApplicationName: %s, ServiceRoleArn: !GetAtt Role.Arn%s}
"""


def group(application: str, name: str = "!Ref Shop", more: str = "") -> DeploymentGroup:
    """The deployment group of a template with such an application, and this name for it."""
    data = "Resources:\n" + (APPLICATION % application) + GROUP % (name, more)
    document = read(decode(data.encode()), "template.yaml")
    (found,) = (unit.view for unit in units(document, "template", "template.yaml", False) if "group" in unit.kind)
    assert isinstance(found, DeploymentGroup)
    return found


@pytest.mark.parametrize(
    ("application", "name", "platform"),
    [
        ("ComputePlatform: Lambda", "!Ref Shop", "Lambda"),
        ("ComputePlatform: ECS, ApplicationName: shop", "shop", "ECS"),
        ("ComputePlatform: ECS, ApplicationName: !Sub '${Stage}-shop'", "!Sub '${Stage}-shop'", "ECS"),
        ("ApplicationName: shop", "!Ref Shop", "Server"),
        ("ComputePlatform: !Ref AWS::NoValue", "!Ref Shop", "Server"),
        ("ComputePlatform: !Ref Platform", "!Ref Shop", None),
        ("ComputePlatform: !If [OnEcs, ECS, Lambda]", "!Ref Shop", None),
        ("'Fn::Transform': {Name: Macro}", "!Ref Shop", None),
        ("ComputePlatform: Lambda", "other-shop", None),
        ("ComputePlatform: Lambda", "!ImportValue Shop", None),
        ("ComputePlatform: Lambda", "!If [Own, !Ref Shop, other-shop]", None),
    ],
)
def test_platform(application: str, name: str, platform: str | None) -> None:
    assert group(application, name).platform == platform


@pytest.mark.parametrize(
    "value",
    [
        "!Ref X",
        "!If [A, !Ref X, !Ref AWS::NoValue]",
        "!GetAtt X.Y",
        "!ImportValue X",
        "{'Fn::Transform': {Name: Macro}}",
    ],
)
@pytest.mark.parametrize("platform", ["Server", "ECS", "Lambda"])
def test_what_only_a_stack_knows_is_no_finding(value: str, platform: str) -> None:
    """Whatever is put in for a property, no rule about CodeDeploy speaks of it."""
    keys = "AlarmConfiguration AutoRollbackConfiguration BlueGreenDeploymentConfiguration DeploymentConfigName"
    keys += " DeploymentStyle LoadBalancerInfo TriggerConfigurations" + " ECSServices" * (platform == "ECS")
    more = "".join(f", {key}: {value}" for key in keys.split())
    data = "Resources:\n" + (APPLICATION % f"ComputePlatform: {platform}") + GROUP % ("!Ref Shop", more)
    found = analyze("template.yaml", data.encode(), rule_index.load().rules, EmptyTree()).diagnostics
    assert [each.rule for each in found if each.id.startswith("CD")] == []
