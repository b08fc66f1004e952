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
from cilint.model.pipeline import Action, Pipeline
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


def references(action: Action, node: Node) -> Iterator[Reference]:
    """The variables in a value of an action."""
    if "#{" not in (symbolic(node, action.place.names) or ""):
        return
    text = embedded(node, action.text)
    if text is not None:
        for match in _REFERENCE.finditer(text.content):
            yield Reference(match[1], match[2], text.map.outer(*match.span()))


def _of_action(action: Action) -> Iterator[Reference]:
    for node in action.configuration.values():
        yield from references(action, node)
    for node in _commands(action):
        yield from references(action, node)
    for variable in action.children("environmentVariables", Spelled):
        value = variable.get("value")
        if value is not None:
            yield from references(action, value)


def _commands(action: Action) -> Iterator[Node]:
    node = action.get("commands")
    if isinstance(node, Sequence):
        yield from (item for item in node.items if isinstance(item, Scalar))


def _scripts(action: Action) -> Iterator[Node]:
    """What a shell will read: the commands of a Commands action, the buildspec that an action gives to CodeBuild."""
    if action.provider == "Commands":
        yield from _commands(action)
    elif action.provider == "CodeBuild" and "BuildspecOverride" in action.configuration:
        yield action.configuration["BuildspecOverride"]


@check("unknown-variable")
def unknown_variable(pipeline: Pipeline) -> Iterator[Finding]:
    """A variable of a namespace that no action before has, or of a key that its provider does not give."""
    producers = [(action.word("namespace"), action) for action in pipeline.actions]
    spaces = {name: action for name, action in producers if name}
    all_known = pipeline.complete and all(map(is_known, spaces))
    for action in pipeline.actions:
        for each in _of_action(action):
            if each.namespace in _OWN:
                yield from _own(pipeline, action, each)
            elif each.namespace not in spaces:
                if all_known:
                    yield Finding(each.span, _no_namespace(each, spaces, pipeline))
            else:
                yield from _key(action, spaces[each.namespace], each)


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


def _key(action: Action, producer: Action, each: Reference) -> Iterator[Finding]:
    if producer.node is action.node or not producer.precedes(action):
        yield Finding(
            each.span,
            f"`{producer.name}`, whose namespace `{each.namespace}` is, has not run when this action starts; put it in "
            "an earlier stage or at a lower run order",
            related=(Related(producer.place_of_name, "the action of the namespace"),),
        )
        return
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


@check("variable-in-command")
def variable_in_command(pipeline: Pipeline) -> Iterator[Finding]:
    """Text that others write (a commit's message, a branch's name) put into a command."""
    sources = {name: action for action in pipeline.actions if (name := action.word("namespace"))}
    for action in pipeline.actions:
        for node in _scripts(action):
            for each in references(action, node):
                producer = sources.get(each.namespace)
                foreign = each.key in _FREE_TEXT or each.key in _NAMED_BY_OTHERS
                if foreign and producer is not None and producer.category == "Source":
                    what = _who(each.key)
                    yield Finding(
                        each.span,
                        f"{what} is put into the command before the shell reads it, so that it can run commands with "
                        f"the role of the {'build' if action.provider == 'CodeBuild' else 'pipeline'}; give it as one "
                        'of the environment variables and write `"$NAME"`',
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
