"""Checks of variables: `#{namespace.key}` in configurations and commands, their namespaces, order and contents.

https://docs.aws.amazon.com/codepipeline/latest/userguide/reference-variables.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from cilint.catalog.pipeline_actions import date
from cilint.catalog.pipeline_actions import provider as action_provider
from cilint.core.finding import Finding, Related
from cilint.core.nearest import listed, nearest
from cilint.core.rule import check
from cilint.model.intrinsics import embedded, is_known, symbolic
from cilint.model.intrinsics import listed as items
from cilint.model.pipeline import Action, Pipeline, Stage
from cilint.model.spelling import Spelled
from cilint.source.nodes import Node, Scalar, Sequence
from cilint.source.record import NamedTuple
from cilint.source.text import Span

_REFERENCE: Final = re.compile(r"#\{([A-Za-z0-9@_-]+)\.([A-Za-z0-9@_-]+)\}")
_OWN: Final = ("codepipeline", "variables", "rule")
_FREE_TEXT: Final = frozenset(["CommitMessage", "PullRequestTitle", "AuthorDisplayName"])
_NAMED_BY_OTHERS: Final = frozenset(["BranchName", "TagName", "ObjectKey"])


class Reference(NamedTuple):
    """One `#{namespace.key}` with its place."""

    namespace: str
    key: str
    span: Span


def references(owner: Spelled, node: Node) -> Iterator[Reference]:
    """The variables in a value of an action, or of a rule of a stage condition."""
    if "#{" not in (symbolic(node, owner.place.names) or ""):
        return
    text = embedded(node, owner.text)
    if text is not None:
        for match in _REFERENCE.finditer(text.content):
            yield Reference(match[1], match[2], text.map.outer(*match.span()))


def used_by(action: Action) -> Iterator[Reference]:
    """The variables in the configuration, the commands and the environment variables of an action."""
    for node in action.configuration.values():
        yield from references(action, node)
    for node in _commands(action):
        yield from references(action, node)
    for variable in action.children("environmentVariables", Spelled):
        value = variable.get("value")
        if value is not None:
            yield from references(action, value)


def _commands(owner: Spelled) -> Iterator[Node]:
    node = owner.get("commands")
    if isinstance(node, Sequence):
        yield from (item for item in node.items if isinstance(item, Scalar))


def _scripts(action: Action) -> Iterator[Node]:
    """What a shell will read: the commands of a Commands action, the buildspec that an action gives to CodeBuild."""
    if action.provider == "Commands":
        yield from _commands(action)
    elif action.provider == "CodeBuild" and "BuildspecOverride" in action.configuration:
        yield action.configuration["BuildspecOverride"]


class Condition(NamedTuple):
    """A rule of a stage condition, and whether it is checked when the stage's actions have run."""

    stage: Stage
    after: bool
    rule: Spelled

    def sees(self, producer: Action) -> bool:
        """Whether the producer has run when the rule is checked."""
        return producer.stage.index < self.stage.index + self.after

    def references(self) -> Iterator[Reference]:
        for node in (*self.rule.entries("configuration").values(), *_commands(self.rule)):
            yield from references(self.rule, node)


def _conditions(pipeline: Pipeline) -> Iterator[Condition]:
    for stage in pipeline.stages:
        for place in ("beforeEntry", "onSuccess", "onFailure"):
            holder = stage.child(place, Spelled)
            for condition in holder.children("conditions", Spelled) if holder else ():
                for rule in condition.children("rules", Spelled):
                    yield Condition(stage, place != "beforeEntry", rule)


@check("unknown-variable")
def unknown_variable(pipeline: Pipeline) -> Iterator[Finding]:
    """A variable of a namespace that no action before has, or of a key that its provider does not give."""
    producers = [(action.word("namespace"), action) for action in pipeline.actions]
    spaces = {name: action for name, action in producers if name}
    all_known = pipeline.complete and all(map(is_known, spaces))
    for action in pipeline.actions:
        for each in used_by(action):
            producer = spaces.get(each.namespace)
            if each.namespace in _OWN:
                yield from _own(pipeline, action, each)
            elif producer is None:
                if all_known:
                    yield Finding(each.span, _no_namespace(each, spaces, pipeline))
            elif producer.node is action.node or not producer.precedes(action):
                yield _too_early(producer, "this action starts", each)
            else:
                yield from _key(producer, each)
    for condition in _conditions(pipeline):
        for each in condition.references():
            producer = spaces.get(each.namespace)
            if producer is None:
                if all_known and each.namespace not in (*_OWN, *_names_of_rules(pipeline)):
                    yield Finding(each.span, _no_namespace(each, spaces, pipeline), severity="warning")
            elif not condition.sees(producer):
                yield _too_early(producer, "this condition is checked", each)
            else:
                yield from _key(producer, each)


def _names_of_rules(pipeline: Pipeline) -> set[str]:
    """What a rule of a condition may be called by in another one."""
    return {name for condition in _conditions(pipeline) if (name := condition.rule.word("name"))}


def _own(pipeline: Pipeline, action: Action, each: Reference) -> Iterator[Finding]:
    if each.namespace == "codepipeline" and each.key != "PipelineExecutionId":
        hint = nearest(each.key, ["PipelineExecutionId"])
        yield Finding(
            each.span,
            f"the namespace `codepipeline` has `PipelineExecutionId` only, not `{each.key}`",
            severity="warning" if hint else "note",
            confidence=None if hint else "low",
        )
    if each.namespace != "variables":
        return
    node = pipeline.get("variables")
    names = [variable.word("name") for variable in pipeline.children("variables", Spelled)]
    open_list = any(not isinstance(item.node, Scalar) and item.node.tag for item in items(node))
    if not pipeline.complete or open_list or not all(map(is_known, names)):
        return
    known = [name for name in names if name]
    if each.key not in known:
        hint = nearest(each.key, known)
        advice = f"did you mean `{hint}`?" if hint else f"add it to `{pipeline.spelled('variables')}`"
        yield Finding(each.span, f"the pipeline has no variable `{each.key}`; {advice}")
    elif action.category == "Source":
        yield Finding(
            each.span,
            "variables of the pipeline are not put into source actions; write the value out, or override the source "
            "when the pipeline is started",
            severity="warning",
        )


def _no_namespace(each: Reference, spaces: dict[str, Action], pipeline: Pipeline) -> str:
    hint = nearest(each.namespace, spaces)
    if hint:
        return f"no action has the namespace `{each.namespace}`; did you mean `{hint}`?"
    key = pipeline.spelled("namespace")
    advice = f"add `{key}: {each.namespace}` to the action that gives the value"
    return f"no action has the namespace `{each.namespace}`; {advice}"


def _too_early(producer: Action, what: str, each: Reference) -> Finding:
    return Finding(
        each.span,
        f"`{producer.name}`, whose namespace `{each.namespace}` is, has not run when {what}; put it in an earlier "
        "stage or at a lower run order",
        related=(Related(producer.place_of_name, "the action of the namespace"),),
    )


def _key(producer: Action, each: Reference) -> Iterator[Finding]:
    known = action_provider(producer.category, producer.owner, producer.provider)
    if known is None or known.variables is None or each.key in known.variables:
        return
    hint = nearest(each.key, known.variables)
    if hint:
        advice = "names are case-sensitive; " if hint.lower() == each.key.lower() else ""
        message = f"`{producer.provider}` gives no variable `{each.key}`; {advice}did you mean `{hint}`?"
        yield Finding(each.span, message, severity="warning")
    else:
        gives = f" ({listed(known.variables)})" if known.variables else ""
        yield Finding(
            each.span,
            f"`{each.key}` is no variable of `{producer.provider}` known here (as of {date()}){gives}",
            severity="note",
            confidence="low",
        )


_RESERVED: Final = ("codepipeline", "variables")


@check("namespace-taken")
def namespace_taken(pipeline: Pipeline) -> Iterator[Finding]:
    """A namespace that CodePipeline keeps for itself, or that an artifact has as its name."""
    artifacts = {artifact.name: artifact for action in pipeline.actions for artifact in action.outputs}
    for action in pipeline.actions:
        node, name = action.get("namespace"), action.known("namespace")
        if node is None or name is None:
            continue
        if name in _RESERVED:
            yield Finding(node.span, f"`{name}` is CodePipeline's own namespace; give the action's another name")
        elif name in artifacts:
            yield Finding(
                node.span,
                f"an artifact is called `{name}`, and a namespace must not be; give the namespace another name",
                related=(Related(artifacts[name].span, "the artifact"),),
            )


@check("variable-not-put-in")
def variable_not_put_in(pipeline: Pipeline) -> Iterator[Finding]:
    """A variable where CodePipeline puts none in: outside of configurations, commands and variables of actions."""
    if "#{" not in pipeline.text.content:
        return
    for owner, keys in _plain_places(pipeline):
        for key in keys:
            node = owner.get(key)
            for each in references(owner, node) if node is not None else ():
                yield Finding(
                    each.span,
                    f"variables are put into the configuration of an action only, and `{owner.spelled(key)}` keeps "
                    f"`#{{{each.namespace}.{each.key}}}` as it stands; write the value out",
                )


def _plain_places(pipeline: Pipeline) -> Iterator[tuple[Spelled, tuple[str, ...]]]:
    """Each part of the pipeline with its keys that hold text."""
    yield pipeline, ("name", "roleArn")
    for stage in pipeline.stages:
        yield stage, ("name",)
        for action in stage.actions:
            yield action, ("name", "roleArn", "region", "namespace")
            for key in ("inputArtifacts", "outputArtifacts"):
                yield from ((artifact, ("name",)) for artifact in action.children(key, Spelled))


@check("variable-in-command")
def variable_in_command(pipeline: Pipeline) -> Iterator[Finding]:
    """Text that others write (a commit's message, a branch's name) put into a command."""
    sources = {name: action for action in pipeline.actions if (name := action.word("namespace"))}
    scripts: list[tuple[Spelled, Node, str]] = [
        (action, node, "build" if action.provider == "CodeBuild" else "pipeline")
        for action in pipeline.actions
        for node in _scripts(action)
    ]
    scripts += [(each.rule, node, "pipeline") for each in _conditions(pipeline) for node in _commands(each.rule)]
    for owner, node, role in scripts:
        for each in references(owner, node):
            producer = sources.get(each.namespace)
            foreign = each.key in _FREE_TEXT or each.key in _NAMED_BY_OTHERS
            if foreign and producer is not None and producer.category == "Source":
                yield Finding(
                    each.span,
                    f"{_who(each.key)} is put into the command before the shell reads it, so that it can run commands "
                    f"with the role of the {role}; give it as one of the environment variables and write "
                    '`"$NAME"`',
                    severity=None if each.key in _FREE_TEXT else "warning",
                )


def _who(key: str) -> str:
    if key in _FREE_TEXT:
        return f"`{key}`, which whoever commits writes,"
    return f"`{key}`, which whoever pushes chooses,"


@check("commit-message-in-json")
def commit_message_in_json(pipeline: Pipeline) -> Iterator[Finding]:
    """A commit's message put into a JSON text."""
    sources = {name: action for action in pipeline.actions if (name := action.word("namespace"))}
    for action in pipeline.actions:
        for name in ("EnvironmentVariables", "UserParameters", "ParameterOverrides", "Variables"):
            node = action.configuration.get(name)
            text = symbolic(node, action.place.names)
            if node is None or not text or "#{" not in text or not text.lstrip().startswith(("{", "[")):
                continue
            for each in references(action, node):
                producer = sources.get(each.namespace)
                if each.key in _FREE_TEXT and producer is not None and producer.category == "Source":
                    yield Finding(
                        each.span,
                        f"a quote or a line break in `{each.key}` may break this JSON, or add to it; pass `CommitId` "
                        "and read the message with git",
                    )
