"""Checks of artifacts on their way from a build to the pipeline that runs it."""

from __future__ import annotations

from collections.abc import Iterator

from cilint.core.context import Context
from cilint.core.finding import Finding
from cilint.core.nearest import listed
from cilint.core.rule import check
from cilint.delivery.world import path_in, world
from cilint.model.buildspec import Buildspec
from cilint.source.text import Span


@check("secondary-artifact-missing")
def secondary_artifact_missing(buildspec: Buildspec, context: Context) -> Iterator[Finding]:
    """A pipeline's build action with several outputs, of which this buildspec names none or others."""
    around = world(context)
    path = path_in(context)
    for project in around.projects_running(path):
        for action in around.actions_running(project):
            outputs = action.outputs or ()
            missing = [name for name in outputs if name not in _secondary(buildspec)]
            if len(outputs) > 1 and missing:
                yield Finding(
                    _place(buildspec),
                    f"the pipeline in {action.path} takes the output artifacts {listed(outputs)} from this build, and "
                    f"{listed(missing)} {'is' if len(missing) == 1 else 'are'} not under "
                    "`artifacts.secondary-artifacts`; of several outputs each needs an entry of exactly that name",
                )
                return


def _secondary(buildspec: Buildspec) -> list[str]:
    table = buildspec.artifacts.secondary if buildspec.artifacts else None
    return table.names() if table else []


def _place(buildspec: Buildspec) -> Span:
    if buildspec.artifacts is None:
        return buildspec.place
    if buildspec.artifacts.secondary is not None:
        return buildspec.artifacts.key_span("secondary-artifacts")
    return buildspec.key_span("artifacts")
