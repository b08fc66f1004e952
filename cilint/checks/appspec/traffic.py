"""Checks of appspecs for ECS and Lambda: hooks, versions, and what must agree with the task definition beside them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from cilint.checks.appspec.images import TASKDEF, container_names, containers_beside
from cilint.core.context import Context
from cilint.core.finding import Finding, Fix, Replacement
from cilint.core.nearest import listed, nearest
from cilint.core.rule import check
from cilint.core.schema import shown
from cilint.model.agent import placeholder
from cilint.model.appspec_ec2 import EVENTS as SERVER_EVENTS
from cilint.model.appspec_ecs import AppspecECS
from cilint.model.appspec_lambda import AppspecLambda
from cilint.model.appspec_traffic import TrafficAppspec, TrafficHook, entry, value, word
from cilint.source import scalars
from cilint.source.nodes import Node, Scalar, Sequence
from cilint.source.pattern import lazy

PLACEHOLDER: Final = "<TASK_DEFINITION>"
_TASK_DEFINITION: Final = lazy(r"arn:[a-z-]+:ecs:[a-z0-9-]+:\d{12}:task-definition/[A-Za-z0-9_-]{1,255}(?::\d+)?\Z")
_REGION: Final = lazy(r"[a-z]{2}(?:-[a-z]+)+-\d\Z")
_ACCOUNT: Final = lazy(r"\d{12}\Z")
_FUNCTION: Final = lazy(
    r"[A-Za-z0-9_-]{1,64}(?::[A-Za-z0-9_$-]+)?\Z|arn:[a-z-]+:lambda:[^:]+:[^:]*:function:[^:]+(?::[^:]+)?\Z"
)


def _open(node: Scalar) -> bool:
    """Whether the value is filled in before CodeDeploy sees it."""
    text = node.value.strip()
    return (
        not text or text[0] == "[" or "*" in text or text.isupper() or (node.tag or "")[:1] == "!" or placeholder(text)
    )


@check("appspec-without-version")
def appspec_without_version(appspec: TrafficAppspec) -> Iterator[Finding]:
    """No `version`, which the guide calls required; that the service refuses the file is not proven."""
    if entry(appspec.node, "version") is None:
        in_json = appspec.text.content.lstrip()[:1] == "{"
        what = '"version": 0.0' if in_json else "version: 0.0"
        yield Finding(appspec.place, f"the appspec has no `version`; add `{what}`")


@check("traffic-appspec-version")
def traffic_appspec_version(appspec: TrafficAppspec) -> Iterator[Finding]:
    """A `version` other than 0.0, the only one that the guide knows; that the service refuses others is not proven."""
    node = word(appspec.node, "version")
    if node is not None and not _open(node) and scalars.value(node) not in (0, "0.0"):
        yield Finding(
            node.span,
            f"the version of an appspec is 0.0, not `{shown(node.value)}`; write `0.0`",
            fix=Fix("Write the version 0.0", "unsafe", (Replacement(node.span, "0.0"),)),
        )


@check("unknown-traffic-hook")
def unknown_traffic_hook(hook: TrafficHook) -> Iterator[Finding]:
    """A name under `Hooks` that is no event of the platform."""
    platform, events = hook.appspec.platform, hook.appspec.events
    if hook.name in events:
        return
    hint = nearest(hook.name, events)
    if hook.name in SERVER_EVENTS:
        message = f"`{hook.name}` is an event of EC2 deployments; on {platform} there are {listed(events)}"
    elif hint:
        message = f"`{shown(hook.name)}` is no event of {platform} deployments; did you mean `{hint}`?"
    else:
        message = f"`{shown(hook.name)}` is no event of {platform} deployments; there are {listed(events)}"
    fix = None
    if hint and hint.lower() == hook.name.strip().lower():
        fix = Fix(f"Write `{hint}`", "unsafe", (Replacement(hook.key.span, hint),))
    yield Finding(hook.key.span, message, fix=fix)


@check("hook-is-no-function")
def hook_is_no_function(hook: TrafficHook) -> Iterator[Finding]:
    """A hook whose value cannot be the name or ARN of a Lambda function."""
    node = hook.node
    if isinstance(node, Scalar) and not node.is_null and not _open(node) and not _FUNCTION.match(node.value.strip()):
        yield Finding(
            node.span,
            f"a hook calls a Lambda function by its name or ARN, and `{shown(node.value)}` is neither; scripts run in "
            "appspecs for EC2 only",
        )


@check("one-version-twice")
def one_version_twice(appspec: AppspecLambda) -> Iterator[Finding]:
    """Current and target version are the same: nothing is shifted."""
    current = word(appspec.properties, "currentversion")
    target = word(appspec.properties, "targetversion")
    if current and target and current.value.strip() == target.value.strip() and current.value.strip().isdigit():
        yield Finding(
            target.span,
            f"current and target version are both {target.value.strip()}, so there is no traffic to shift; publish a "
            "version and name it as TargetVersion",
        )


@check("unpublished-version")
def unpublished_version(appspec: AppspecLambda) -> Iterator[Finding]:
    """`$LATEST`, or another text that is no number of a version."""
    for key in ("CurrentVersion", "TargetVersion"):
        node = word(appspec.properties, key)
        if node is None:
            continue
        text = node.value.strip()
        if text.upper() == "$LATEST":
            yield Finding(
                node.span,
                f"`{key}` cannot be `$LATEST`: traffic is shifted between published versions; publish one and give its "
                "number",
            )
        elif not text.isdigit() and not _open(node) and text:
            yield Finding(
                node.span,
                f"`{key}` is the number of a published version, not `{shown(text)}`",
                severity="warning",
                confidence="medium",
            )


@check("task-definition-form")
def task_definition_form(appspec: AppspecECS, context: Context) -> Iterator[Finding]:
    """A task definition that is no ARN, or one that is fixed although a taskdef.json lies beside the appspec."""
    node = word(appspec.properties, "taskdefinition")
    if node is None or _open(node):
        return
    if not _TASK_DEFINITION.match(node.value.strip()):
        yield Finding(
            node.span,
            f"`{shown(node.value)}` is no ARN of a task definition{_lacking(node.value.strip())}; write the full ARN "
            "with its revision (arn:aws:ecs:<region>:<account>:task-definition/<family>:<revision>), or with "
            f"CodePipeline `{PLACEHOLDER}`, which it replaces",
        )
        return
    revision = node.value.rsplit("/", 1)[-1]  # without a number it is the last one that was registered
    if ":" in revision and context.tree.exists(TASKDEF):
        yield Finding(
            node.span,
            f"this appspec always deploys `{shown(revision)}`, whatever {TASKDEF} beside it says; with CodePipeline "
            f"write `{PLACEHOLDER}`, which it replaces by the new revision",
            confidence="medium",
        )


def _lacking(text: str) -> str:
    """What keeps a text from being the ARN of a task definition, as a clause; empty where it is none by far."""
    parts = text.split(":")
    if parts[0] != "arn" or parts[2:3] != ["ecs"] or len(parts) < 6:
        return ", but a name" if "arn" not in text else ""
    wrong = [
        f"`{shown(part)}` is no {what}"
        for part, what, form in ((parts[3], "Region", _REGION), (parts[4], "account id", _ACCOUNT))
        if not form.match(part)
    ]
    return ": " + " and ".join(wrong) if wrong else ""


@check("container-not-in-task-definition")
def container_not_in_task_definition(appspec: AppspecECS, context: Context) -> Iterator[Finding]:
    """A container or port that the taskdef.json beside the appspec lacks."""
    name = word(appspec.properties, "loadbalancerinfo", "containername")
    names = container_names(context.tree) if name is not None and not _open(name) else None
    if name is None or not names:
        return
    together = getattr(word(appspec.properties, "taskdefinition"), "value", "").strip() == PLACEHOLDER
    if name.value not in names:
        yield Finding(
            name.span,
            f"{TASKDEF} beside this appspec has no container `{shown(name.value)}`; it has {listed(names)}",
            severity=None if together else "warning",
        )
        return
    port = word(appspec.properties, "loadbalancerinfo", "containerport")
    if port is None or not port.value.strip().isdigit():
        return
    mappings = containers_beside(context.tree)[names.index(name.value)].port_mappings
    ports = [each.container_port.value for each in mappings if each.container_port is not None]
    if len(ports) == len(mappings) and all(each.isdigit() for each in ports) and port.value.strip() not in ports:
        has = f"it has {listed(ports)}" if ports else "it has none"
        yield Finding(
            port.span,
            f"the container `{shown(name.value)}` in {TASKDEF} beside this appspec has no port {port.value.strip()}; "
            f"{has}; make `ContainerPort` and `containerPort` the same",
            severity=None if together else "warning",
        )


@check("capacity-provider-strategy")
def capacity_provider_strategy(appspec: AppspecECS) -> Iterator[Finding]:
    """A strategy in which no provider gets tasks, or two have a base."""
    strategy = value(appspec.properties, "capacityproviderstrategy")
    items = strategy.items if isinstance(strategy, Sequence) else []
    weights = [_whole(word(item, "weight")) for item in items]
    bases = [node for item in items if (node := word(item, "base")) is not None and _whole(node)]
    if strategy is not None and items and all(weight == 0 for weight in weights):
        yield Finding(
            strategy.span,
            "all capacity providers have the weight 0, so none of them gets tasks and the deployment fails; give one a "
            "`Weight` of 1 or more",
        )
    if len(bases) > 1:
        yield Finding(bases[1].span, "only one capacity provider of a strategy can have a `Base`; remove this one")


def _whole(node: Scalar | None) -> int | None:
    """The whole number, 0 where none is given, None where it is filled in later."""
    if node is None:
        return 0
    return int(node.value) if node.value.strip().isdigit() else None


@check("mixed-key-case")
def mixed_key_case(appspec: TrafficAppspec) -> Iterator[Finding]:
    """Keys in both cases in one file."""
    keys = list(_keys(appspec.node))
    upper = [key for key in keys if key.value[:1].isupper()]
    lower = [key for key in keys if key.value[:1].islower()]
    if upper and lower:
        rare = min((upper, lower), key=len)[0]
        yield Finding(
            rare.span,
            f"`{rare.value}` and `{max((upper, lower), key=len)[0].value}` are written in two manners; CodeDeploy's "
            "guide writes all keys of a file in one, so keep to that",
        )


_KNOWN_KEYS: Final = frozenset(["resources", "hooks", "type", "properties", "taskdefinition", "loadbalancerinfo"])


def _keys(node: Node) -> Iterator[Scalar]:
    for each in getattr(node, "entries", ()):
        if isinstance(each.key, Scalar) and each.key.value.lower() in _KNOWN_KEYS:
            yield each.key
        yield from _keys(each.value)
    for item in getattr(node, "items", ()):
        yield from _keys(item)
