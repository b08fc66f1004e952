"""Checks of deploy specs, which CodePipeline's EC2 deploy action reads: unknown events, scripts that are missing."""

from __future__ import annotations

from collections.abc import Iterator

from cilint.checks.appspec.bundle import bundle_path, missing
from cilint.core.context import Context
from cilint.core.finding import Finding
from cilint.core.nearest import listed, nearest
from cilint.core.rule import check
from cilint.core.schema import shown
from cilint.model.appspec_ec2 import EVENTS as SERVER_EVENTS
from cilint.model.deploy_spec import EVENTS, MAPPED_HOOKS, DeployEvent, DeploySpec


@check("unknown-deploy-event")
def unknown_deploy_event(event: DeployEvent) -> Iterator[Finding]:
    """A name under `scripts` or `hooks` that is no event of the action."""
    known = EVENTS if event.table == "scripts" else MAPPED_HOOKS
    if event.name in known:
        return
    if event.table == "scripts" and event.name in SERVER_EVENTS:
        advice = "it is an event of appspecs, which stand under `hooks` in version 0.0; here there are "
        message = advice + listed(EVENTS)
    elif event.table == "hooks" and event.name in EVENTS:
        message = "it stands under `scripts`, in version 0.1"
    else:
        hint = nearest(event.name, known)
        message = f"did you mean `{hint}`?" if hint else f"there are {listed(known)}"
    yield Finding(
        event.key.span,
        f"CodePipeline's EC2 action runs nothing for `{shown(event.name)}` under `{event.table}`; {message}",
    )


@check("hooks-in-deploy-spec")
def hooks_in_deploy_spec(spec: DeploySpec) -> Iterator[Finding]:
    """Hooks of an appspec in a deploy spec of another version."""
    if spec.get("hooks") is not None and spec.version is not None and not spec.is_appspec:
        yield Finding(
            spec.key_span("hooks"),
            f"`hooks` are read in version 0.0 only, the form of an appspec, and this is {shown(spec.version.value)}; "
            f"write `version: 0.0`, or put the scripts under `scripts` in {listed(EVENTS)}",
        )


@check("deploy-script-not-in-artifact")
def deploy_script_not_in_artifact(spec: DeploySpec, context: Context) -> Iterator[Finding]:
    """A script that is not beside the deploy spec, where others are."""
    scripts = [
        (script.location, path)
        for event in spec.events
        for script in event.scripts
        if script.location is not None and (path := bundle_path(script.location.value))
    ]
    for location, path in missing(scripts, context):
        yield Finding(
            location.span,
            f"there is no `{shown(path)}` beside this deploy spec, where its other scripts are; the action ends with "
            '"No such file" unless the build makes it',
        )
