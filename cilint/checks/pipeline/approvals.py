"""Checks of what stands before a deployment: approvals and gates, risky modes and change sets."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final

from cilint.core.context import Context, Known, named
from cilint.core.finding import Finding, Related
from cilint.core.rule import check
from cilint.model.intrinsics import is_known, symbolic
from cilint.model.intrinsics import listed as items
from cilint.model.pipeline import Action, Pipeline, Stage
from cilint.model.production import is_production, name_words
from cilint.model.spelling import Spelled
from cilint.source.nodes import Mapping, Sequence

_DEPLOYING: Final = frozenset(["deploy", "deployment", "release", "rollout", "promote", "publish"])
_TESTING: Final = frozenset(["test", "tests", "integration", "acceptance", "smoke", "e2e"])
_NO_TEST: Final = frozenset(["Source", "Approval", "Deploy"])
_NO_OPTIONS: Final[dict[str, Any]] = {}
_TARGETS: Final = (
    *("StackName", "StackSetName", "EnvironmentName", "ServiceName", "ClusterName", "DeploymentGroupName"),
    *("ApplicationName", "BucketName", "FunctionName", "Environment"),
)


def goes_to_production(action: Action, names: Known, options: dict[str, Any] = _NO_OPTIONS) -> str | None:
    """What says that the action changes production: its stage, itself, what it works on, the account of its role or
    its Region; None where nothing does. `options` are those of approval-missing-before-production."""
    if not _deploys(action):
        return None
    said = [(f"the stage `{action.stage.name}`", action.stage.name), (f"the action `{action.name}`", action.name)]
    said += [(f"`{key}: {text}`", text) for key in _TARGETS if (text := action.setting(key))]
    pattern = options.get("names")
    for phrase, text in said:
        if named(names.production, text) or (re.search(pattern, text) if pattern else is_production(text)):
            return phrase
    account = (action.word("roleArn") or "").split(":")[4:5]
    if account and account[0] in (*names.production_accounts, *(options.get("accounts") or ())):
        return f"the account {account[0]}"
    region = action.word("region")
    return f"the Region {region}" if region and region in (options.get("regions") or ()) else None


def _deploys(action: Action) -> bool:
    """Whether an action changes what runs: a deploy action, or a build whose name, or whose stage's, says that."""
    if action.category == "Deploy":
        return action.setting("ActionMode") != "CHANGE_SET_REPLACE"
    words = name_words(f"{action.stage.name} {action.name}")
    return action.category in ("Build", "Compute") and any(word in _DEPLOYING for word in words)


@check("approval-missing-before-production")
def approval_missing_before_production(pipeline: Pipeline, context: Context) -> Iterator[Finding]:
    """A deployment to production that nobody and nothing holds back."""
    if not pipeline.complete:
        return
    told: set[int] = set()
    for action in pipeline.actions:
        why = goes_to_production(action, context.names, context.options)
        if why is None or action.stage.index in told or _is_gated(pipeline, action):
            continue
        told.add(action.stage.index)
        beside = next(
            (each for each in action.stage.actions if each.category == "Approval" and _beside(each, action)), None
        )
        if beside:
            yield Finding(
                action.place_of_name,
                f"the approval `{beside.name}` runs side by side with this deployment (run order {action.run_order}) "
                f"and does not hold it back; give `{action.name}` a higher `{action.spelled('runOrder')}`",
                related=(Related(beside.place_of_name, "the approval"),),
            )
        else:
            tests = _tests_before(pipeline, action)
            yield Finding(
                action.place_of_name,
                f"{why} says production, and no approval or condition stands before it: nobody has to agree before a "
                "change " + (f"that passes `{tests.name}` " if tests else "") + "goes live; add a manual approval "
                "before it, or a condition to the stage",
                severity="note" if tests else None,
            )


@check("approval-missing")
def approval_missing(pipeline: Pipeline, context: Context) -> Iterator[Finding]:
    """A pipeline that deploys without an approval anywhere."""
    if not pipeline.complete:
        return
    deployments = [action for action in pipeline.actions if action.category == "Deploy"]
    if any(goes_to_production(action, context.names) for action in deployments):
        return
    for action in deployments[:1]:
        if not _is_gated(pipeline, action):
            yield Finding(
                action.place_of_name,
                "nothing holds this deployment back: every change that builds is deployed; if people use what it "
                "deploys, add a manual approval before it",
            )


def _is_gated(pipeline: Pipeline, action: Action) -> bool:
    """Whether an approval, a condition, a function or a closed transition stands before the action."""
    if action.stage.get("beforeEntry") is not None or _is_closed(pipeline, action.stage):
        return True
    if any(stage.index < action.stage.index and stage.get("onSuccess") is not None for stage in pipeline.stages):
        return True
    return any(_gates(each) and each.precedes(action) for each in pipeline.actions)


def _gates(action: Action) -> bool:
    return action.category in ("Approval", "Invoke", "") or action.owner not in ("AWS", "ThirdParty")


def _tests_before(pipeline: Pipeline, action: Action) -> Action | None:
    """What tests an earlier deployment before this one, as a test action or a build whose name, or stage's, says so."""
    own_stack = "${AWS::StackName}"  # the pipeline that brings itself up to date
    deployed = [each for each in pipeline.actions if _deploys(each) and each.setting("StackName") != own_stack]
    for each in reversed(pipeline.actions):
        if _tests(each) and each.precedes(action) and any(other.precedes(each) for other in deployed):
            return each
    return None


def _tests(action: Action) -> bool:
    """Whether an action tests: by its category, or as a build whose name or stage says that and not that it deploys."""
    if action.category not in ("Build", "Compute"):
        return action.category == "Test"
    own, stage = set(name_words(action.name)), set(name_words(action.stage.name))
    if own & _DEPLOYING:
        return False
    return bool(own & _TESTING or (stage & _TESTING and not stage & _DEPLOYING))


def _beside(one: Action, other: Action) -> bool:
    return one.run_order is not None and one.run_order == other.run_order


def _is_closed(pipeline: Pipeline, stage: Stage) -> bool:
    node = pipeline.get("disableInboundStageTransitions")
    if not isinstance(node, Sequence):
        return node is not None
    names = [symbolic(item.get("StageName"), pipeline.place.names) for item in node.items if isinstance(item, Mapping)]
    return any(name == stage.name or not is_known(name) for name in names)


@check("approval-without-notification")
def approval_without_notification(pipeline: Pipeline) -> Iterator[Finding]:
    """A manual approval that nobody is told of."""
    if _tells_of_approvals(pipeline):
        return
    for action in pipeline.actions:
        if _is_manual(action) and action.configuration_known and "NotificationArn" not in action.configuration:
            yield Finding(
                action.place_of_name,
                "nobody is told that this approval waits, and it fails after seven days; name a topic of SNS as its "
                "`NotificationArn`",
            )


def _is_manual(action: Action) -> bool:
    return (action.category, action.provider) == ("Approval", "Manual")


def _tells_of_approvals(pipeline: Pipeline) -> bool:
    """Whether a notification rule or an event rule, which may tell of it, stands beside the pipeline."""
    resource = pipeline.resource
    types = ("AWS::CodeStarNotifications::NotificationRule", "AWS::Events::Rule")
    return resource is not None and bool(resource.template.of_type(*types) or not resource.template.complete)


@check("approval-without-timeout")
def approval_without_timeout(action: Action) -> Iterator[Finding]:
    """A manual approval that waits as long as the service lets it."""
    if _is_manual(action) and action.get("timeoutInMinutes") is None:
        yield Finding(
            action.place_of_name,
            f"this approval waits for seven days and then fails; say with `{action.spelled('timeoutInMinutes')}` how "
            "long an answer is worth waiting for",
        )


@check("pull-request-deploys")
def pull_request_deploys(pipeline: Pipeline, context: Context) -> Iterator[Finding]:
    """Pull requests that start a pipeline which deploys them without anybody having looked."""
    if not pipeline.complete:
        return
    triggers = [
        git
        for trigger in pipeline.children("triggers", Spelled)
        if (git := trigger.child("gitConfiguration", Spelled)) and _starts_on_requests(git)
    ]
    deployments = [action for action in pipeline.actions if _deploys(action) and not _is_gated(pipeline, action)]
    if not triggers or not deployments:
        return
    live = [action for action in deployments if goes_to_production(action, context.names)]
    first = (live or deployments)[0]
    for git in triggers:
        yield Finding(
            git.key_span("pullRequest"),
            f"a pull request starts this pipeline, and `{first.name}` deploys its code before anybody has looked"
            + (" - to production" if live else "")
            + "; build pull requests in a pipeline of their own, or put an approval before the deployment",
            severity="warning" if live else "note",
            related=(Related(first.place_of_name, "the deployment"),),
        )


def _starts_on_requests(git: Spelled) -> bool:
    """Whether open pull requests start the pipeline; those that are closed are merged or given up."""
    for request in git.children("pullRequest", Spelled):
        words = [symbolic(item.node, git.place.names) for item in items(request.get("events"))]
        if not words or any(word in ("OPEN", "UPDATED") for word in words):
            return True
    return False


@check("deployment-without-tests")
def deployment_without_tests(pipeline: Pipeline) -> Iterator[Finding]:
    """A pipeline that deploys, and neither builds nor tests anything."""
    if not pipeline.complete or any(action.category not in _NO_TEST for action in pipeline.actions):
        return
    made_elsewhere = any(action.provider == "ECR" for action in pipeline.actions)
    if made_elsewhere or any(stage.get("beforeEntry") is not None for stage in pipeline.stages):
        return
    for action in [each for each in pipeline.actions if each.category == "Deploy"][:1]:
        yield Finding(
            action.place_of_name,
            "the source is deployed as it is, and no action tests it before; add a `Test` action, or a build that runs "
            "the tests",
        )


@check("risky-stack-mode-in-production")
def risky_stack_mode_in_production(action: Action, context: Context) -> Iterator[Finding]:
    """A mode that may delete a production stack."""
    mode = action.setting("ActionMode")
    node = action.configuration.get("ActionMode")
    if node is None or mode not in ("REPLACE_ON_FAILURE", "DELETE_ONLY"):
        return
    why = goes_to_production(action, context.names)
    if why:
        does = (
            "deletes the stack and makes it anew when it is in a failed state"
            if mode[0] == "R"
            else "deletes the stack"
        )
        yield Finding(
            node.span,
            f"`{mode}` {does}, and {why} says production; use `CREATE_UPDATE`, or a change set with an approval",
        )


@check("change-set-order")
def change_set_order(stage: Stage) -> Iterator[Finding]:
    """A change set that is executed before it is made, or side by side."""
    made = [each for each in stage.actions if each.setting("ActionMode") == "CHANGE_SET_REPLACE"]
    for action in stage.actions:
        if action.setting("ActionMode") != "CHANGE_SET_EXECUTE":
            continue
        for each in made:
            same = all(each.setting(key) == action.setting(key) for key in ("StackName", "ChangeSetName"))
            one, other = each.run_order, action.run_order
            if same and one is not None and other is not None and one >= other and not each.when:
                how = "side by side with" if one == other else "before"
                yield Finding(
                    action.place_of_name,
                    f"the change set is executed {how} `{each.name}`, which makes it; give this action a run order "
                    f"above {one}",
                    related=(Related(each.place_of_name, "it is made here"),),
                )


@check("clone-reference-consumer")
def clone_reference_consumer(pipeline: Pipeline) -> Iterator[Finding]:
    """A source that hands over a reference to the repository, taken by an action that wants files."""
    formats = {
        artifact.name: action
        for action in pipeline.actions
        if action.setting("OutputArtifactFormat") == "CODEBUILD_CLONE_REF"
        for artifact in action.outputs
    }
    for action in pipeline.actions:
        for wanted in action.inputs:
            source = formats.get(wanted.name)
            if source is not None and action.category == "Deploy" and action.owner == "AWS":
                yield Finding(
                    wanted.span,
                    f"`{wanted.name}` is a reference that only CodeBuild can clone (`OutputArtifactFormat: "
                    f"CODEBUILD_CLONE_REF` of `{source.name}`), and `{action.provider}` finds no files in it; use "
                    "`CODE_ZIP`, or hand over the output of a build",
                    related=(Related(source.place_of_name, "the source"),),
                )
