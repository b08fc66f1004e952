"""Checks of deployment groups: their style, what they deploy to, rollback, alarms, triggers, load balancers, waits."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Final

from cilint.catalog.deployment_configurations import PREFIX, platform_of
from cilint.core.context import Context, named
from cilint.core.finding import Finding, Related
from cilint.core.nearest import listed, nearest
from cilint.core.rule import check
from cilint.model.deployment import DeploymentConfig, DeploymentGroup, Part
from cilint.model.intrinsics import is_known, symbolic
from cilint.model.intrinsics import listed as listed_items
from cilint.model.production import is_production
from cilint.model.template import Resource
from cilint.source.nodes import Mapping, Node

_SCALING_GROUP: Final = "AWS::AutoScaling::AutoScalingGroup"


@check("deployment-style-of-other-platform")
def deployment_style_of_other_platform(group: DeploymentGroup) -> Iterator[Finding]:
    """An ECS or Lambda group that is deployed in place or without shifting traffic."""
    if group.platform not in ("ECS", "Lambda"):
        return
    for key, only in (("DeploymentType", "BLUE_GREEN"), ("DeploymentOption", "WITH_TRAFFIC_CONTROL")):
        node, said = group.style.get(key), group.style.known(key)
        if node is not None and said not in (None, only):
            yield Finding(node.span, f"{group.platform} is deployed with `{key}: {only}` only, not with `{said}`")


@check("tag-filters-and-tag-set")
def tag_filters_and_tag_set(group: DeploymentGroup) -> Iterator[Finding]:
    """Both ways of choosing instances by tags."""
    for filters, chosen in (("Ec2TagFilters", "Ec2TagSet"), ("OnPremisesInstanceTagFilters", "OnPremisesTagSet")):
        if group.has(filters) and group.has(chosen) and not group.empty(filters):
            yield Finding(
                group.key_span(filters),
                f"CodeDeploy takes `{filters}` or `{chosen}`, not both; move these filters into the set",
                related=(Related(group.key_span(chosen), "the set"),),
            )


_OF_SERVERS: Final = (
    *("Ec2TagFilters", "Ec2TagSet", "OnPremisesInstanceTagFilters", "OnPremisesTagSet", "AutoScalingGroups"),
    *("TerminationHookEnabled", "OutdatedInstancesStrategy"),
)


@check("group-key-of-other-platform")
def group_key_of_other_platform(group: DeploymentGroup) -> Iterator[Finding]:
    """What only groups of another platform have."""
    if group.platform in ("ECS", "Lambda"):
        for key in _OF_SERVERS:
            if group.has(key):
                yield Finding(
                    group.key_span(key),
                    f"`{key}` is for servers, and this group deploys to {group.platform}; remove it",
                )
    if group.platform in ("Server", "Lambda") and group.has("ECSServices"):
        yield Finding(
            group.key_span("ECSServices"),
            f"`ECSServices` needs an application with `ComputePlatform: ECS`, and this one has `{group.platform}`",
            related=_application(group),
        )


def _application(group: DeploymentGroup) -> tuple[Related, ...]:
    return (Related(group.application.key.span, "the application"),) if group.application else ()


@check("incomplete-rollback")
def incomplete_rollback(group: DeploymentGroup) -> Iterator[Finding]:
    """Automatic rollback without the event, or the alarms, that would start it."""
    rollback = group.part("AutoRollbackConfiguration")
    if rollback.switch("Enabled") is not True:
        return
    if rollback.empty("Events"):
        yield Finding(
            rollback.key_span("Enabled"),
            "automatic rollback is on, but nothing starts it; list `Events`, such as `DEPLOYMENT_FAILURE`",
        )
    alarms = group.part("AlarmConfiguration")
    if not (alarms.lacks("Alarms") or alarms.empty("Alarms")):
        return
    for node in rollback.items("Events"):
        if symbolic(node, group.place.names) == "DEPLOYMENT_STOP_ON_ALARM":
            yield Finding(
                node.span,
                "this group watches no alarm, so that none can stop a deployment and roll it back; name alarms in "
                "`AlarmConfiguration` or drop this event",
                severity="note",
            )


@check("no-rollback-in-production")
def no_rollback_in_production(group: DeploymentGroup, context: Context) -> Iterator[Finding]:
    """A group of production that stays on a failed deployment."""
    why = _production(group, context)
    off = group.part("AutoRollbackConfiguration").switch("Enabled") is False
    if why and (off or group.lacks("AutoRollbackConfiguration")):
        yield Finding(
            group.place_of_name,
            f"`{why}` says production, and a failed deployment stays there until somebody acts; set "
            "`AutoRollbackConfiguration` with `Enabled: true` and `Events: [DEPLOYMENT_FAILURE]`",
        )


def _production(group: DeploymentGroup, context: Context) -> str | None:
    """The name of the group or its application that says production, to everybody or to this user."""
    return next((each for each in group.names if named(context.names.production, each) or is_production(each)), None)


@check("alarms-missing")
def alarms_missing(group: DeploymentGroup) -> Iterator[Finding]:
    """Alarms that are to be watched and not named."""
    alarms = group.part("AlarmConfiguration")
    if alarms.switch("Enabled") is True and alarms.empty("Alarms"):
        yield Finding(
            alarms.key_span("Enabled"),
            "alarms are to be watched, and none is named, which CodeDeploy refuses; list them under `Alarms`",
        )


@check("alarms-not-watched")
def alarms_not_watched(group: DeploymentGroup) -> Iterator[Finding]:
    """Alarms that are named and switched off, or whose silence is taken for health."""
    alarms = group.part("AlarmConfiguration")
    if not alarms.items("Alarms"):
        return
    if alarms.switch("Enabled") is False:
        yield Finding(
            alarms.key_span("Enabled"), "the alarms below stop no deployment; set `Enabled: true` or remove them"
        )
    elif alarms.switch("IgnorePollAlarmFailure") is True:
        yield Finding(
            alarms.key_span("IgnorePollAlarmFailure"),
            "a deployment goes on when CodeDeploy cannot read the alarms, for want of a permission say; set this to "
            "`false`",
        )


@check("all-at-once-in-production")
def all_at_once_in_production(group: DeploymentGroup, context: Context) -> Iterator[Finding]:
    """Production servers that are all out of service at once."""
    node = group.get("DeploymentConfigName")
    if node is None or group.known("DeploymentConfigName") != f"{PREFIX}AllAtOnce":
        return
    why = _production(group, context)
    if why and group.style.known("DeploymentType") != "BLUE_GREEN" and group.style.closed:
        yield Finding(
            node.span,
            f"`{why}` says production, and all its instances are deployed to at once: a bad revision takes them all "
            f"down; take `{PREFIX}OneAtATime` or `{PREFIX}HalfAtATime`",
        )


@check("auto-scaling-group-shared")
def auto_scaling_group_shared(group: DeploymentGroup) -> Iterator[Finding]:
    """An Auto Scaling group that an earlier deployment group of the template has too."""
    for other in group.template.of_type(group.resource.type):
        if other.key.start >= group.resource.key.start or other.properties is None:
            continue
        if _asks_opposite(other, group.resource):
            continue
        theirs = list(listed_items(DeploymentGroup(other.properties, group.place, other).get(_SCALED)))
        for mine in listed_items(group.get(_SCALED)):
            name = symbolic(mine.node, group.place.names)
            if name and any(
                symbolic(each.node, group.place.names) == name and not each.excludes(mine.when) for each in theirs
            ):
                yield Finding(
                    mine.node.span,
                    f"`{other.logical_id}` deploys to this Auto Scaling group too: each new instance gets both "
                    "deployments at the same time; give it to one group",
                    related=(Related(other.key.span, "the other group"),),
                )


_SCALED: Final = "AutoScalingGroups"


def _asks_opposite(one: Resource, other: Resource) -> bool:
    """Whether two resources may never be there together: they stand under different conditions."""
    conditions = [each.condition.value if each.condition else "" for each in (one, other)]
    return bool(conditions[0] and conditions[1]) and conditions[0] != conditions[1]


@check("copied-auto-scaling-group")
def copied_auto_scaling_group(group: DeploymentGroup) -> Iterator[Finding]:
    """An Auto Scaling group of the template that each deployment replaces by a copy."""
    fleet = group.blue_green.part("GreenFleetProvisioningOption")
    node = fleet.get("Action")
    if node is None or fleet.known("Action") != "COPY_AUTO_SCALING_GROUP":
        return
    managed = next((found for each in group.items(_SCALED) if (found := group.referred(each, _SCALING_GROUP))), None)
    if managed:
        yield Finding(
            node.span,
            f"the first deployment puts a copy in the place of `{managed.logical_id}`, which this stack then no longer "
            "manages; deploy in place, or take `DISCOVER_EXISTING` with instances of your own",
            related=(Related(managed.key.span, "the Auto Scaling group"),),
        )


@check("no-time-to-roll-back")
def no_time_to_roll_back(group: DeploymentGroup) -> Iterator[Finding]:
    """The old fleet ends in the moment in which the traffic has left it."""
    blue = group.blue_green.part("TerminateBlueInstancesOnDeploymentSuccess")
    node = blue.get("TerminationWaitTimeInMinutes")
    if node is not None and blue.number("TerminationWaitTimeInMinutes") == 0 and blue.known("Action") != "KEEP_ALIVE":
        yield Finding(
            node.span,
            "the old version ends as soon as the traffic has left it, so that nothing is there to go back to; let it "
            "wait for 5 minutes or more",
        )


@check("stop-without-wait-time")
def stop_without_wait_time(group: DeploymentGroup) -> Iterator[Finding]:
    """A deployment that is to stop after a time that is not given."""
    ready = group.blue_green.part("DeploymentReadyOption")
    node = ready.get("ActionOnTimeout")
    if (
        node is not None
        and ready.known("ActionOnTimeout") == "STOP_DEPLOYMENT"
        and (ready.lacks("WaitTimeInMinutes") or ready.number("WaitTimeInMinutes") == 0)
    ):
        yield Finding(
            node.span,
            "the deployment waits for somebody to shift the traffic and then stops, but `WaitTimeInMinutes` does not "
            "say when; set it",
        )


@check("service-not-for-codedeploy")
def service_not_for_codedeploy(group: DeploymentGroup) -> Iterator[Finding]:
    """An ECS service of the template that ECS deploys itself."""
    for item in group.items("ECSServices"):
        name = item.get("ServiceName") if isinstance(item, Mapping) else None
        service = group.referred(name, "AWS::ECS::Service")
        if name is None or service is None or service.properties is None:
            continue
        described = Part(service.properties, group.place).part("DeploymentController")
        controller = described.known("Type")
        if described.closed and (described.lacks("Type") or controller in ("ECS", "EXTERNAL")):
            yield Finding(
                name.span,
                f"`{service.logical_id}` is deployed by `{controller or 'ECS'}`, and CodeDeploy refuses it; create the "
                "service with `DeploymentController: {Type: CODE_DEPLOY}` (it cannot be changed later)",
                related=(Related(service.key.span, "the service"),),
            )


@check("target-group-pair")
def target_group_pair(group: DeploymentGroup) -> Iterator[Finding]:
    """A pair that is no pair, or without the listener between the two."""
    balancer = group.part("LoadBalancerInfo")
    pairs = balancer.written("TargetGroupPairInfoList") or ()
    if len(pairs) > 1:
        yield Finding(pairs[1].span, "a deployment group has one pair of target groups; remove this one")
    for item in pairs:
        pair = Part(item, group.place)
        if not isinstance(item, Mapping) or not pair.closed:
            continue
        groups = () if pair.lacks("TargetGroups") else pair.written("TargetGroups")
        if groups is not None and len(groups) != 2:
            yield Finding(
                pair.key_span("TargetGroups"),
                f"CodeDeploy shifts traffic between two target groups, and there {'is' if len(groups) == 1 else 'are'} "
                f"{len(groups) or 'none'}; name two",
            )
        elif groups and _same(groups, group):
            yield Finding(groups[1].span, "both target groups of the pair are the same; name another one")
        if pair.lacks("ProdTrafficRoute"):
            yield Finding(
                pair.key_span("TargetGroups"),
                "the pair has no `ProdTrafficRoute`; name the listener whose traffic is shifted",
            )


def _same(nodes: tuple[Node, ...], group: DeploymentGroup) -> bool:
    """Whether target groups have one name."""
    names = {symbolic(node.get("Name"), group.place.names) if isinstance(node, Mapping) else None for node in nodes}
    return len(names) == 1 and None not in names


@check("network-load-balancer-with-shifting")
def network_load_balancer_with_shifting(group: DeploymentGroup) -> Iterator[Finding]:
    """Shares of traffic asked of a load balancer that can only switch all of it."""
    node, name = group.get("DeploymentConfigName"), group.known("DeploymentConfigName") or ""
    if node is None or platform_of(name) != "ECS" or name == f"{PREFIX}ECSAllAtOnce":
        return
    for pair in group.part("LoadBalancerInfo").items("TargetGroupPairInfoList"):
        for each in Part(pair, group.place).items("TargetGroups"):
            written = each.get("Name") if isinstance(each, Mapping) else None
            target = group.referred(written, "AWS::ElasticLoadBalancingV2::TargetGroup")
            protocol = symbolic(target.property("Protocol"), group.place.names) if target else None
            if target and protocol in ("TCP", "TLS", "UDP", "TCP_UDP"):
                yield Finding(
                    node.span,
                    f"`{target.logical_id}` ({protocol}) is a target group of a Network Load Balancer, which shifts "
                    f"all traffic at once; take `{PREFIX}ECSAllAtOnce`",
                    related=(Related(target.key.span, "the target group"),),
                )
                return


@check("arn-for-name")
def arn_for_name(group: DeploymentGroup) -> Iterator[Finding]:
    """A `Ref` that gives the ARN of what is to be named."""
    for node in _named_services(group):
        yield from _arn(group, node, "AWS::ECS::Service", "Name", "service")
    for node in _named_target_groups(group):
        yield from _arn(group, node, "AWS::ElasticLoadBalancingV2::TargetGroup", "TargetGroupName", "target group")


def _arn(group: DeploymentGroup, node: Node, kind: str, attribute: str, what: str) -> Iterator[Finding]:
    found = group.referred(node, kind)
    if found and symbolic(node) == f"${{{found.logical_id}}}":
        yield Finding(
            node.span,
            f"this is the {what}'s ARN, and CodeDeploy wants its name; write `!GetAtt {found.logical_id}.{attribute}`",
            related=(Related(found.key.span, f"the {what}"),),
        )


def _named_services(group: DeploymentGroup) -> Iterator[Node]:
    for item in group.items("ECSServices"):
        node = item.get("ServiceName") if isinstance(item, Mapping) else None
        if node is not None:
            yield node


def _named_target_groups(group: DeploymentGroup) -> Iterator[Node]:
    """The names of all target groups, of pairs and single ones."""
    balancer = group.part("LoadBalancerInfo")
    lists = [Part(pair, group.place).items("TargetGroups") for pair in balancer.items("TargetGroupPairInfoList")]
    for item in (each for items in (*lists, balancer.items("TargetGroupInfoList")) for each in items):
        node = item.get("Name") if isinstance(item, Mapping) else None
        if node is not None:
            yield node


_TRIGGER_EVENTS: Final = (
    *("DeploymentStart", "DeploymentSuccess", "DeploymentFailure", "DeploymentStop", "DeploymentRollback"),
    *("DeploymentReady", "InstanceStart", "InstanceSuccess", "InstanceFailure", "InstanceReady"),
)
_OTHER_WORDS: Final = {"Failed": "Failure", "Succeeded": "Success", "Started": "Start", "Stopped": "Stop"}


@check("unknown-trigger-event")
def unknown_trigger_event(group: DeploymentGroup) -> Iterator[Finding]:
    """An event that CodeDeploy does not send."""
    for item in group.items("TriggerConfigurations"):
        for node in Part(item, group.place).items("TriggerEvents"):
            event = symbolic(node, group.place.names)
            if event is None or not is_known(event) or event in _TRIGGER_EVENTS:
                continue
            said = next((event.replace(word, right) for word, right in _OTHER_WORDS.items() if word in event), event)
            meant = nearest(said, _TRIGGER_EVENTS, 3)
            hint = f"did you mean `{meant}`?" if meant else f"it sends {listed(_TRIGGER_EVENTS)}"
            yield Finding(node.span, f"CodeDeploy sends no event `{event}`; {hint}")


@check("blue-green-incomplete")
def blue_green_incomplete(group: DeploymentGroup) -> Iterator[Finding]:
    """A style that asks for a load balancer, or for the settings of blue/green, without them."""
    if group.platform not in ("Server", "ECS"):
        return
    style, option = group.style.get("DeploymentType"), group.style.get("DeploymentOption")
    controlled = group.style.known("DeploymentOption") == "WITH_TRAFFIC_CONTROL"
    if option is not None and controlled and group.lacks("LoadBalancerInfo"):
        yield Finding(
            option.span,
            "traffic is to be controlled, and no load balancer is named, which CodeDeploy refuses; add "
            "`LoadBalancerInfo`" + ("" if group.platform == "ECS" else " or take `WITHOUT_TRAFFIC_CONTROL`"),
        )
    if style is not None and group.style.known("DeploymentType") == "BLUE_GREEN":
        if group.lacks("BlueGreenDeploymentConfiguration"):
            yield Finding(
                style.span,
                "a blue/green deployment fails without `BlueGreenDeploymentConfiguration`, which says when traffic is "
                "shifted and when the old version ends; add it",
                severity="warning",
            )
        for key in ("OnPremisesInstanceTagFilters", "OnPremisesTagSet"):
            if group.has(key) and group.platform == "Server":
                yield Finding(
                    group.key_span(key),
                    "on-premises instances cannot be deployed to blue/green; take `DeploymentType: IN_PLACE`",
                    severity="warning",
                )


@check("healthy-hosts-leave-none")
def healthy_hosts_leave_none(configuration: DeploymentConfig) -> Iterator[Finding]:
    """So many hosts are to stay healthy that none is left to deploy to."""
    hosts = configuration.part("MinimumHealthyHosts")
    node, value, way = hosts.get("Value"), hosts.number("Value"), hosts.known("Type")
    if node is None or value is None:
        return
    if way == "FLEET_PERCENT" and value >= 100:
        yield Finding(
            node.span,
            "with all hosts kept in service there is none to deploy to, and every deployment fails; take less than 100",
        )
        return
    for name, size in _fleets(configuration):
        needed = math.ceil(size * value / 100) if way == "FLEET_PERCENT" else value if way == "HOST_COUNT" else 0
        if size > 1 and needed >= size:
            rounded = (
                f"{value} % of them, rounded up, are {needed}" if way == "FLEET_PERCENT" else f"{value} stay healthy"
            )
            yield Finding(
                node.span,
                f"`{name}` has {size} instances at most, and {rounded}, which leaves none to deploy to; take a lower "
                "value",
            )
            return


def _fleets(configuration: DeploymentConfig) -> Iterator[tuple[str, int]]:
    """The Auto Scaling groups that are deployed to with a configuration and how large they get, where that is told."""
    for resource in configuration.template.of_type("AWS::CodeDeploy::DeploymentGroup"):
        if resource.properties is None:
            continue
        group = DeploymentGroup(resource.properties, configuration.place, resource)
        if group.configuration is None or group.configuration.logical_id != configuration.resource.logical_id:
            continue
        fleets = group.items(_SCALED)
        if group.style.known("DeploymentType") == "BLUE_GREEN" or len(fleets) != 1:
            continue
        fleet = group.referred(fleets[0], _SCALING_GROUP)
        size = Part(fleet.properties, group.place).number("MaxSize") if fleet and fleet.properties else None
        if fleet and size is not None:
            yield fleet.logical_id, size
