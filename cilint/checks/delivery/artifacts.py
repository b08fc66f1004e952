"""Checks of what goes between a build and the pipeline that runs it: its source and its artifacts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from cilint.core.context import Context
from cilint.core.finding import Finding
from cilint.core.nearest import listed
from cilint.core.rule import check
from cilint.delivery.facts import BuildAction
from cilint.delivery.world import path_in, world
from cilint.model.buildspec import Buildspec, Step
from cilint.source.text import Span


def _actions(context: Context) -> Iterator[BuildAction]:
    """The actions that run this buildspec."""
    around = world(context)
    for project in around.projects_running(path_in(context)):
        yield from around.actions_running(project)


@check("secondary-artifact-missing")
def secondary_artifact_missing(buildspec: Buildspec, context: Context) -> Iterator[Finding]:
    """A pipeline's build action with several outputs, of which this buildspec names none or others."""
    for action in _actions(context):
        outputs = action.outputs or ()
        needed = outputs if buildspec.artifacts is not None else action.taken
        missing = [name for name in needed if name not in _secondary(buildspec)]
        if len(outputs) > 1 and missing:
            yield Finding(
                _place(buildspec),
                f"the pipeline in {action.path} takes the output artifacts {listed(outputs)} from this build, and "
                f"{listed(missing)} {'is' if len(missing) == 1 else 'are'} not under "
                "`artifacts.secondary-artifacts`; of several outputs each needs an entry of exactly that name",
            )
            return


@check("output-without-artifacts")
def output_without_artifacts(buildspec: Buildspec, context: Context) -> Iterator[Finding]:
    """An output that another action of the pipeline takes, of a buildspec that hands nothing on."""
    if buildspec.artifacts is not None or buildspec.key_span("artifacts") != buildspec.span or not buildspec.phases:
        return
    for action in _actions(context):
        if action.outputs is not None and len(action.outputs) == 1 and action.taken:
            yield Finding(
                buildspec.place,
                f"an action of the pipeline in {action.path} takes {listed(action.taken)} from this build, and the "
                "buildspec has no `artifacts`, so it gets nothing; say which files",
            )
            return


_HISTORY: Final = ("log|describe|rev-list|rev-parse|diff|show|tag|branch|blame|shortlog|merge-base|status",)


@check("git-without-history")
def git_without_history(buildspec: Buildspec, context: Context) -> Iterator[Finding]:
    """A look into Git's history in a build whose source comes without it."""
    steps = [step for step in buildspec.steps if _asks_git(step)]
    if not steps or any(step.simple.matches("git", "clone|init") for step in buildspec.steps):
        return
    actions = list(_actions(context))
    if actions and all(action.zipped for action in actions):
        provider = (actions[0].zipped or ("",))[0]
        how = (
            "set `OutputArtifactFormat: CODEBUILD_CLONE_REF` on the source action"
            if provider != "GitHub"
            else "take a connection with `OutputArtifactFormat: CODEBUILD_CLONE_REF` in its place"
        )
        for step in steps[:1]:
            yield Finding(
                step.span,
                f"the pipeline in {actions[0].path} hands the source over as a ZIP file without `.git`, so this says "
                f"`fatal: not a git repository`; {how}",
            )


def _asks_git(step: Step) -> bool:
    simple = step.simple
    counts = simple.failure not in ("or-true", "or-else", "condition", "negated")
    return counts and simple.matches("git", *_HISTORY) and not simple.has("-C", "--git-dir") and not simple.conditions


def _secondary(buildspec: Buildspec) -> list[str]:
    table = buildspec.artifacts.secondary if buildspec.artifacts else None
    return table.names() if table else []


def _place(buildspec: Buildspec) -> Span:
    if buildspec.artifacts is None:
        return buildspec.place
    if buildspec.artifacts.secondary is not None:
        return buildspec.artifacts.key_span("secondary-artifacts")
    return buildspec.key_span("artifacts")
