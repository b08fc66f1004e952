"""Checks of deployment configurations: CodeDeploy's own by name, one's own by platform, and the platform's spelling."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from cilint.catalog.deployment_configurations import PLATFORMS, PREFIX, date, every, platform_of, predefined
from cilint.core.finding import Finding, Fix, Related, Replacement
from cilint.core.nearest import listed, nearest
from cilint.core.rule import check
from cilint.model.deployment import (
    DeploymentApplication,
    DeploymentConfig,
    DeploymentGroup,
    DeploymentPreference,
    Described,
    Part,
)
from cilint.model.intrinsics import is_known, symbolic
from cilint.model.template import Resource
from cilint.source.maps import scalar_map
from cilint.source.nodes import Node, Scalar
from cilint.source.pattern import lazy
from cilint.source.text import Text

_NUMBER: Final = lazy(r"[0-9]+")
_SHIFTING: Final = ("ECS", "Lambda")


@check("unknown-deployment-configuration")
def unknown_deployment_configuration(group: DeploymentGroup) -> Iterator[Finding]:
    """A name of CodeDeploy's own configurations that there is not."""
    node, name = group.get("DeploymentConfigName"), group.known("DeploymentConfigName")
    if node is None or name is None or platform_of(name):
        return
    known = predefined(group.platform) if group.platform in PLATFORMS else every()
    if not name.startswith(PREFIX):
        if PREFIX + name in every() and not _is_own(group, name):
            yield Finding(
                node.span,
                f"CodeDeploy's own configuration is called `{PREFIX}{name}`; without the prefix this is one of yours",
                severity="warning",
                fix=_respelled(group.text, node, PREFIX + name),
            )
        return
    meant = nearest(name, known, 3) or nearest(name, every(), 3)
    if meant:
        yield Finding(
            node.span,
            f"CodeDeploy has no configuration `{name}`; did you mean `{meant}`?",
            severity=None if _numbers(name) == _numbers(meant) else "warning",
            fix=_respelled(group.text, node, meant),
        )
    else:
        yield Finding(
            node.span,
            f"CodeDeploy had no configuration `{name}` in {date()}; it has {listed(known)}",
            severity="note",
            confidence="low",
        )


def _numbers(name: str) -> list[str]:
    """The percentages and minutes in a name: another number may be a configuration that is new."""
    return _NUMBER.findall(name)


def _is_own(described: Described, name: str) -> bool:
    """Whether a configuration of the template has the name."""
    return any(
        symbolic(each.property("DeploymentConfigName"), described.place.names) == name
        for each in described.template.of_type("AWS::CodeDeploy::DeploymentConfig")
    )


@check("unknown-preference-type")
def unknown_preference_type(preference: DeploymentPreference) -> Iterator[Finding]:
    """A SAM deployment type that is nearly one of SAM's, and that SAM hands on as the name of one's own."""
    node, name = preference.get("Type"), preference.known("Type")
    if node is None or name is None or preference.off or platform_of(name) == "Lambda":
        return
    short = [each.removeprefix(f"{PREFIX}Lambda") for each in predefined("Lambda")]
    if name in short or _is_own(preference, name):
        return
    platform = platform_of(name)
    if platform:
        yield Finding(node.span, f"`{name}` is for {platform}; a Lambda function takes {listed(short)}")
        return
    bare = name.removeprefix(PREFIX).removeprefix("Lambda")
    meant = nearest(bare, short, 3)
    if meant and (name.startswith(PREFIX) or _numbers(meant) == _numbers(bare)):
        yield Finding(
            node.span,
            f"SAM knows no deployment type `{name}` and takes it for a configuration of your own; did you mean "
            f"`{meant}`?",
            severity="error" if name.startswith(PREFIX) else "warning",
            fix=_respelled(preference.text, node, meant),
        )


@check("configuration-of-other-platform")
def configuration_of_other_platform(group: DeploymentGroup) -> Iterator[Finding]:
    """A configuration for another platform than the application's."""
    node, platform = group.get("DeploymentConfigName"), group.platform
    if node is None or platform not in PLATFORMS or group.application is None:
        return
    name = group.known("DeploymentConfigName")
    own = group.configuration
    of = platform_of(name) if name else _said(own)
    if of is None or of == platform:
        return
    what = f"`{name}`" if name else f"`{own.logical_id if own else ''}`"
    advice = f"take {listed(predefined(platform))}" if name else f"set its `ComputePlatform: {platform}`"
    yield Finding(
        node.span,
        f"{what} is for {_spoken(of)}, and the application deploys to {_spoken(platform)}; {advice}",
        related=(Related(group.application.key.span, "the application"),),
    )


def _said(configuration: Resource | None) -> str | None:
    """The platform that a configuration of the template names."""
    if configuration is None:
        return None
    said = symbolic(configuration.property("ComputePlatform"), configuration.template)
    return said if is_known(said) and said in PLATFORMS else None


def _spoken(platform: str) -> str:
    return "servers (`Server`)" if platform == "Server" else f"`{platform}`"


@check("unknown-compute-platform")
def unknown_compute_platform(application: DeploymentApplication) -> Iterator[Finding]:
    """An application whose platform is spelt in another way."""
    yield from _platform(application)


@check("unknown-configuration-platform")
def unknown_configuration_platform(configuration: DeploymentConfig) -> Iterator[Finding]:
    """A configuration whose platform is spelt in another way."""
    yield from _platform(configuration)


_MEANT: Final = {"ec2": "Server", "ec2/onpremises": "Server", "onpremises": "Server", "fargate": "ECS"}


def _platform(part: Part) -> Iterator[Finding]:
    node, said = part.get("ComputePlatform"), part.known("ComputePlatform")
    if node is None or said is None or said in PLATFORMS:
        return
    meant = _MEANT.get(said.lower()) or nearest(said, PLATFORMS, 2)
    yield Finding(
        node.span,
        f"CodeDeploy knows no platform `{said}`; " + (f"write `{meant}`" if meant else f"it has {listed(PLATFORMS)}"),
        fix=_respelled(part.text, node, meant) if meant else None,
    )


@check("configuration-key-of-other-platform")
def configuration_key_of_other_platform(configuration: DeploymentConfig) -> Iterator[Finding]:
    """Healthy hosts for what has no hosts, shifting traffic for what shifts none."""
    platform = configuration.platform
    if platform in _SHIFTING:
        for key in ("MinimumHealthyHosts", "ZonalConfig"):
            if configuration.has(key):
                yield Finding(
                    configuration.key_span(key),
                    f"`{key}` is for servers, and this configuration is for `{platform}`; say in "
                    "`TrafficRoutingConfig` how traffic is shifted",
                )
    elif platform == "Server" and configuration.has("TrafficRoutingConfig"):
        yield Finding(
            configuration.key_span("TrafficRoutingConfig"),
            "`TrafficRoutingConfig` is for `ECS` and `Lambda`, and this configuration is for servers; say in "
            "`MinimumHealthyHosts` how many stay in service",
        )
    elif platform == "Server" and configuration.lacks("MinimumHealthyHosts"):
        yield Finding(
            configuration.place_of_name,
            "a configuration for servers needs `MinimumHealthyHosts`; add it with `Type` and `Value`",
        )


@check("reserved-configuration-name")
def reserved_configuration_name(configuration: DeploymentConfig) -> Iterator[Finding]:
    """A configuration of one's own with a name that is kept for CodeDeploy's."""
    node, name = configuration.get("DeploymentConfigName"), configuration.word("DeploymentConfigName") or ""
    if node is not None and name.startswith(PREFIX):
        yield Finding(
            node.span, f"names that begin with `{PREFIX}` are CodeDeploy's own; call your configuration something else"
        )


@check("traffic-routing-incomplete")
def traffic_routing_incomplete(configuration: DeploymentConfig) -> Iterator[Finding]:
    """A way of shifting traffic whose own settings are missing, or another's are given."""
    routing = configuration.part("TrafficRoutingConfig")
    way = routing.known("Type")
    for other in ("TimeBasedCanary", "TimeBasedLinear"):
        if way == other and routing.lacks(other):
            yield Finding(
                routing.key_span("Type"), f"`Type: {other}` needs `{other}` with its percentage and its interval"
            )
        elif way in ("TimeBasedCanary", "TimeBasedLinear", "AllAtOnce") and way != other and routing.has(other):
            yield Finding(routing.key_span(other), f"`{other}` is not read with `Type: {way}`; drop one of them")


def _respelled(text: Text, node: Node, word: str) -> Fix | None:
    """The fix that writes `word` for a plain text of the file."""
    span = scalar_map(text, node).verbatim(0, len(node.value)) if isinstance(node, Scalar) else None
    return Fix(f"Write `{word}`", "unsafe", (Replacement(span, word),)) if span is not None else None
