"""Checks of what Lambda aliases, SAM functions and ECS services say so that CodeDeploy deploys them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from cilint.core.finding import Finding, Related
from cilint.core.rule import check
from cilint.model.deployment import APPLICATION, AliasUpdate, DeploymentPreference, EcsService, Part, platform_of

_FUNCTIONS: Final = ("AWS::Serverless::Function", "AWS::Lambda::Function")
_HOOK_PREFIX: Final = "CodeDeployHook_"


@check("preference-without-alias")
def preference_without_alias(preference: DeploymentPreference) -> Iterator[Finding]:
    """A SAM function whose traffic is to be shifted and that has no alias to shift it on."""
    properties = preference.resource.properties
    if properties is None or preference.off or not preference.globals.closed:
        return
    function = Part(properties, preference.place)
    if function.lacks("AutoPublishAlias") and preference.globals.lacks("AutoPublishAlias"):
        yield Finding(
            function.key_span("DeploymentPreference"),
            "SAM refuses `DeploymentPreference` without `AutoPublishAlias`: traffic is shifted between the versions of "
            "an alias; add `AutoPublishAlias: live`",
        )


@check("preference-without-type")
def preference_without_type(preference: DeploymentPreference) -> Iterator[Finding]:
    """A SAM deployment that does not say how traffic is shifted."""
    shared = preference.globals.part("DeploymentPreference")
    if not preference.off and preference.lacks("Type") and shared.lacks("Type") and preference.resource.properties:
        yield Finding(
            Part(preference.resource.properties, preference.place).key_span("DeploymentPreference"),
            "SAM refuses `DeploymentPreference` without `Type`; say how traffic is shifted, such as `Type: "
            "Canary10Percent5Minutes`",
        )


@check("hook-function-name")
def hook_function_name(preference: DeploymentPreference) -> Iterator[Finding]:
    """A hook that the role SAM makes may not invoke."""
    shared = preference.globals.part("DeploymentPreference")
    if preference.off or not (preference.lacks("Role") and shared.lacks("Role")):
        return
    hooks = preference.part("Hooks")
    for key in ("PreTraffic", "PostTraffic"):
        node = hooks.get(key)
        hook = preference.referred(node, *_FUNCTIONS)
        if node is None or hook is None or hook.properties is None:
            continue
        described = Part(hook.properties, preference.place)
        named = described.word("FunctionName")
        if described.lacks("FunctionName") or (named and not named.startswith((_HOOK_PREFIX, "${"))):
            yield Finding(
                node.span,
                f"the role that SAM makes may invoke functions called `{_HOOK_PREFIX}…` only, and `{hook.logical_id}` "
                "is not; give it such a `FunctionName`, or this deployment a `Role` of its own",
                related=(Related(hook.key.span, "the hook"),),
            )


@check("alias-update-incomplete")
def alias_update_incomplete(update: AliasUpdate) -> Iterator[Finding]:
    """An alias that does not say which group deploys it."""
    for key in ("ApplicationName", "DeploymentGroupName"):
        if update.lacks(key):
            yield Finding(
                update.place_of_name,
                f"`CodeDeployLambdaAliasUpdate` needs `{key}`; add it",
            )
    application = update.referred(update.get("ApplicationName"), APPLICATION)
    node = update.get("ApplicationName")
    platform = platform_of(application) if application else None
    if node is not None and application is not None and platform not in (None, "Lambda"):
        yield Finding(
            node.span,
            f"`{application.logical_id}` has the platform `{platform}`, and an alias needs `ComputePlatform: Lambda`",
            related=(Related(application.key.span, "the application"),),
        )


@check("service-codedeploy-cannot-deploy")
def service_codedeploy_cannot_deploy(service: EcsService) -> Iterator[Finding]:
    """An ECS service with CodeDeploy's controller and what that controller does not take."""
    node = service.get("SchedulingStrategy")
    if node is not None and service.known("SchedulingStrategy") == "DAEMON":
        yield Finding(node.span, "CodeDeploy deploys services with `SchedulingStrategy: REPLICA` only, not `DAEMON`")
    if service.empty("LoadBalancers"):
        yield Finding(
            service.part("DeploymentController").key_span("Type"),
            "CodeDeploy shifts traffic on a load balancer, and this service has none; add `LoadBalancers`",
        )
    breaker = service.part("DeploymentConfiguration")
    if breaker.part("DeploymentCircuitBreaker").switch("Enable") is True:
        yield Finding(
            breaker.key_span("DeploymentCircuitBreaker"),
            "the circuit breaker works with ECS's own deployments only; let the deployment group roll back instead "
            "(`AutoRollbackConfiguration`)",
            severity="warning",
        )
