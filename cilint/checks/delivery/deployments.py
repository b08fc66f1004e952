"""Checks of an appspec against the deployment groups of the templates in its project."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from cilint.core.context import Context, Surroundings
from cilint.core.finding import Finding
from cilint.core.rule import check
from cilint.delivery.world import elsewhere
from cilint.model.appspec_ecs import AppspecECS
from cilint.model.deployment import DeploymentGroup, Part
from cilint.model.kinds import recognise
from cilint.model.subjects import units
from cilint.source.read import read
from cilint.source.text import decode


@check("test-traffic-hook-without-listener")
def test_traffic_hook_without_listener(appspec: AppspecECS, context: Context) -> Iterator[Finding]:
    """A hook after test traffic, where no deployment group of the project has a listener for it."""
    hook = next((each for each in appspec.hooks if each.name == "AfterAllowTestTraffic"), None)
    if hook is None or context.embedded:
        return
    around = context.tree.project()
    groups = list(_ecs_groups(around)) if around.complete else []
    if groups and all(_has_no_test_route(group) for _, group in groups):
        path, group = groups[0]
        yield Finding(
            hook.key.span,
            f"this hook needs test traffic, and the deployment group `{group.resource.logical_id}` in {path} has no "
            "`TestTrafficRoute`; name a second listener there, or drop the hook",
            related=(elsewhere(context, path, group.text, group.resource.key.span, "the deployment group"),),
        )


def _ecs_groups(around: Surroundings) -> Iterator[tuple[str, DeploymentGroup]]:
    """The deployment groups with pairs of target groups in the project's templates, each with the template's path."""
    for path in around.paths:
        data = around.read(path)
        if data is None or b"TargetGroupPairInfoList" not in data:
            continue
        document = read(decode(data), path)
        kind = recognise(document, path)
        for unit in units(document, kind.kind, path, False) if kind is not None and kind.kind == "template" else ():
            if isinstance(unit.view, DeploymentGroup) and not unit.view.part("LoadBalancerInfo").lacks(_PAIRS):
                yield path, unit.view


_PAIRS: Final = "TargetGroupPairInfoList"


def _has_no_test_route(group: DeploymentGroup) -> bool:
    """Whether it is seen that no pair has a listener for test traffic."""
    pairs = group.part("LoadBalancerInfo").written(_PAIRS)
    return pairs is not None and all(Part(pair, group.place).lacks("TestTrafficRoute") for pair in pairs)
