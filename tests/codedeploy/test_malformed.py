"""Whatever stands where a structure of CodeDeploy is wanted, no rule crashes; the rules of schemas speak of it."""

from __future__ import annotations

import pytest

from cilint.core.context import EmptyTree
from cilint.engine import index as rule_index
from cilint.engine.analyze import analyze

RULES = rule_index.load().rules
TEMPLATE = """\
Globals: {globals}
Resources:
  Shop: {{Type: AWS::CodeDeploy::Application, Properties: {application}}}
  Fleet: {{Type: AWS::AutoScaling::AutoScalingGroup, Properties: {{MaxSize: {value}}}}}
  Web: {{Type: AWS::ECS::Service, Properties: {service}}}
  Orders: {{Type: AWS::Serverless::Function, Properties: {{DeploymentPreference: {preference}}}}}
  Live: {{Type: AWS::Lambda::Alias, UpdatePolicy: {policy}}}
  Slowly: {{Type: AWS::CodeDeploy::DeploymentConfig, Properties: {configuration}}}
  Group: {{Type: AWS::CodeDeploy::DeploymentGroup, Properties: {group}}}
  Other: {{Type: AWS::CodeDeploy::DeploymentGroup, Properties: {group}}}
"""
GROUP = "ApplicationName AlarmConfiguration AutoRollbackConfiguration AutoScalingGroups DeploymentConfigName"
GROUP += " BlueGreenDeploymentConfiguration DeploymentStyle ECSServices Ec2TagFilters Ec2TagSet LoadBalancerInfo"
GROUP += " TriggerConfigurations"
PARTS = {
    "AlarmConfiguration": "Enabled Alarms",
    "AutoRollbackConfiguration": "Enabled Events",
    "BlueGreenDeploymentConfiguration": "DeploymentReadyOption GreenFleetProvisioningOption",
    "LoadBalancerInfo": "TargetGroupPairInfoList TargetGroupInfoList",
    "TrafficRoutingConfig": "Type TimeBasedCanary",
    "DeploymentConfiguration": "DeploymentCircuitBreaker",
    "CodeDeployLambdaAliasUpdate": "ApplicationName",
    "Function": "AutoPublishAlias DeploymentPreference",
}
VALUES = ["", "null", "text", "7", "true", "[]", "{}", "[[], {}, text, null]", "{a: b}", "!Ref X", "!Sub '${A}-${B}'"]


def mapping(keys: str, value: str) -> str:
    """A mapping with the value under each key, and again in the structures under it."""
    return "{" + ", ".join(f"{key}: {value}" for key in keys.split()) + "}"


@pytest.mark.parametrize("deep", [False, True])
@pytest.mark.parametrize("value", VALUES)
def test_no_rule_crashes(value: str, deep: bool) -> None:
    def filled(keys: str) -> str:
        values = [(key, mapping(PARTS[key], value) if deep and key in PARTS else value) for key in keys.split()]
        return "{" + ", ".join(f"{key}: {each}" for key, each in values) + "}"

    data = TEMPLATE.format(
        value=value,
        globals=filled("Function"),
        application=filled("ComputePlatform"),
        service="{DeploymentController: {Type: CODE_DEPLOY}, "
        + filled("SchedulingStrategy LoadBalancers DeploymentConfiguration")[1:],
        preference=filled("Type Hooks Enabled Role"),
        policy=filled("CodeDeployLambdaAliasUpdate"),
        configuration=filled("ComputePlatform DeploymentConfigName MinimumHealthyHosts TrafficRoutingConfig"),
        group=filled(GROUP),
    )
    found = analyze("template.yaml", data.encode(), RULES, EmptyTree()).diagnostics
    assert [each.message for each in found if each.rule in ("internal-error", "syntax-error")] == []
