"""Checks of a pipeline's artifacts: who produces and consumes them, in which order, how many, and who names them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from cilint.catalog.pipeline_actions import Key
from cilint.catalog.pipeline_actions import provider as action_provider
from cilint.checks.pipeline.respell import respell
from cilint.core.finding import Finding, Related
from cilint.core.nearest import listed, nearest
from cilint.core.rule import check
from cilint.model.intrinsics import excluding, is_known, symbolic
from cilint.model.pipeline import Action, Named, Pipeline
from cilint.source.nodes import Mapping, Sequence, walk
from cilint.source.record import NamedTuple

_NAME: Final = re.compile(r"[A-Za-z0-9_-]+\Z")


class Product(NamedTuple):
    """An artifact with the action that outputs it."""

    action: Action
    artifact: Named


@check("artifact-not-produced")
def artifact_not_produced(pipeline: Pipeline) -> Iterator[Finding]:
    """An input that no action before has as output. The order is the stages', then `runOrder`, not the list's."""
    products = _products(pipeline)
    seen_whole = pipeline.complete and not any(action.open_list("outputArtifacts") for action in pipeline.actions)
    guessed = any(not each.artifact.known for each in products)
    for action in pipeline.actions:
        for wanted in action.inputs:
            same = [each for each in products if each.artifact.name == wanted.name]
            together = [each for each in same if not excluding(each.artifact.when, wanted.when)]
            if not same:
                if wanted.known and seen_whole and not guessed:
                    yield _nobody(action, wanted, products)
            elif together and not any(each.action.precedes(action) for each in together):
                first = together[0]
                yield Finding(
                    wanted.span,
                    f"`{wanted.name}` is not there yet: {_order(first.action, action)}",
                    related=(Related(first.artifact.span, "it is produced here"),),
                )


def _products(pipeline: Pipeline) -> list[Product]:
    return [Product(action, artifact) for action in pipeline.actions for artifact in action.outputs]


def _nobody(action: Action, wanted: Named, products: list[Product]) -> Finding:
    names = list(dict.fromkeys(each.artifact.name for each in products if each.action.precedes(action)))
    hint = nearest(wanted.name, names)
    if hint:
        advice = f"did you mean `{hint}`?"
    elif names:
        advice = f"produced before it: {listed(names)}"
    else:
        advice = "no action before it has an output artifact"
    fix = respell(action.text, wanted.node, hint) if hint else None
    return Finding(wanted.span, f"no action outputs an artifact `{wanted.name}`; {advice}", fix=fix)


def _order(producer: Action, consumer: Action) -> str:
    if producer.node is consumer.node:
        return f"`{consumer.name}` itself outputs it"
    if producer.stage.index > consumer.stage.index:
        return f"the stage `{producer.stage.name}` that produces it comes later; move the action or the stage"
    if producer.run_order == consumer.run_order:
        return (
            f"`{producer.name}` produces it at the same run order ({consumer.run_order}), and actions of one run order "
            f"run side by side; give `{consumer.name}` a higher one"
        )
    return (
        f"`{producer.name}` produces it at run order {producer.run_order}, after this action's {consumer.run_order}; "
        "swap the two numbers"
    )


@check("artifact-produced-twice")
def artifact_produced_twice(pipeline: Pipeline) -> Iterator[Finding]:
    """An output name that another action of the pipeline has already."""
    first: list[Product] = []
    for each in _products(pipeline):
        before = next((one for one in first if one.artifact.name == each.artifact.name and _both(one, each)), None)
        if before is None:
            first.append(each)
            continue
        where = "this action" if before.action.node is each.action.node else f"`{before.action.name}`"
        yield Finding(
            each.artifact.span,
            f"{where} already outputs an artifact `{each.artifact.name}`; give this one a name of its own",
            related=(Related(before.artifact.span, "the first one"),),
        )


def _both(one: Product, other: Product) -> bool:
    """Whether some stack surely holds both: the branches of one include those of the other."""
    first, second = set(one.artifact.when), set(other.artifact.when)
    return first <= second or second <= first


@check("artifact-never-consumed")
def artifact_never_consumed(pipeline: Pipeline) -> Iterator[Finding]:
    """An output of a build or another action that no later action and no condition takes."""
    if not pipeline.complete or any(action.open_list("inputArtifacts") for action in pipeline.actions):
        return
    consumed = {wanted.name for action in pipeline.actions for wanted in action.inputs} | _of_conditions(pipeline)
    if not all(map(is_known, consumed)):
        return
    for action, artifact in _products(pipeline):
        if artifact.name not in consumed and _NAME.match(artifact.name):
            yield Finding(
                artifact.span,
                f"no action takes `{artifact.name}`; drop the output, or name it in the "
                f"`{action.spelled('inputArtifacts')}` of the action that should have it",
            )


def _of_conditions(pipeline: Pipeline) -> set[str]:
    """The artifacts that rules of stage conditions take."""
    found: set[str] = set()
    for stage in pipeline.stages:
        for place in ("beforeEntry", "onSuccess", "onFailure"):
            node = stage.get(place)
            for child in walk(node) if node is not None else ():
                listed_ = child.get(stage.spelled("inputArtifacts")) if isinstance(child, Mapping) else None
                for item in listed_.items if isinstance(listed_, Sequence) else ():
                    name = item.get(stage.spelled("name")) if isinstance(item, Mapping) else None
                    found.add(symbolic(name, stage.place.names) or "${}")
    return found


@check("artifact-count")
def artifact_count(action: Action) -> Iterator[Finding]:
    """More or fewer artifacts than the provider takes or gives."""
    known = action_provider(action.category, action.owner, action.provider)
    if known is None:
        return
    for key, what, (low, high), artifacts in (
        ("inputArtifacts", "input", known.inputs, action.inputs),
        ("outputArtifacts", "output", known.outputs, action.outputs),
    ):
        if action.open_list(key):
            continue
        least = sum(artifact.when == action.when for artifact in artifacts)
        many = len(artifacts)
        called = f"a `{action.provider}` action of category {action.category}"
        if many < low:
            yield Finding(
                action.place_of_name,
                f"{called} needs {_range(low, high)} {what} artifact{'s' * (high > 1)}, this one has {many or 'none'} "
                f"(`Action {action.name} declares {many} {what} artifacts which is less than the minimum count "
                f"({low})`); {'say what it works on' if what == 'input' else 'name one'} in `{action.spelled(key)}`",
            )
        elif least > high:
            wanted = f"no {what} artifact" if high == 0 else f"at most {high} {what} artifact{'s' * (high > 1)}"
            yield Finding(artifacts[high].span, f"{called} has {wanted}, this one has {least}; drop what is too many")


_NEEDS_INPUT: Final = (
    # Category/provider, key, value (None for an absent key): the action works on an input artifact then.
    ("Invoke/InspectorScan", "InspectorRunMode", "SourceCodeScan"),
    ("Invoke/StepFunctions", "InputType", "FilePath"),
    ("Deploy/Lambda", "PublishedTargetVersion", None),
)


@check("input-artifact-needed")
def input_artifact_needed(action: Action) -> Iterator[Finding]:
    """An action without an input artifact, which its provider takes for optional and its configuration needs."""
    if action.inputs or action.open_list("inputArtifacts") or not action.configuration_known or action.owner != "AWS":
        return
    for identity, key, value in _NEEDS_INPUT:
        if identity == f"{action.category}/{action.provider}" and action.setting(key) == value:
            node = action.configuration.get(key)
            why = f"`{key}: {value}` works on" if value else f"without `{key}` the action deploys what is in"
            yield Finding(
                node.span if node is not None else action.place_of_name,
                f"{why} an input artifact, and there is none; name one in `{action.spelled('inputArtifacts')}`",
            )


def _range(low: int, high: int) -> str:
    return str(low) if low == high else f"{low} to {high}"


@check("artifact-reference")
def artifact_reference(action: Action) -> Iterator[Finding]:
    """A configuration value that names an artifact which is none of the action's inputs."""
    known = action_provider(action.category, action.owner, action.provider)
    if known is None or known.keys is None or not action.configuration:
        return
    inputs = [artifact.name for artifact in action.inputs]
    open_inputs = action.open_list("inputArtifacts") or not all(map(is_known, inputs))
    for name, node in action.configuration.items():
        key = known.keys.get(name)
        text = symbolic(node, action.place.names)
        if key is None or not text:
            continue
        for said, wrong, right in _reference(name, key, text, inputs, open_inputs, action):
            fix = respell(action.text, node, right, part=wrong) if right else None
            yield Finding(node.span, said, fix=fix)


_NO_FILE: Final = ("{", "[", '"')


def _reference(
    name: str, key: Key, text: str, inputs: list[str], open_inputs: bool, action: Action
) -> Iterator[tuple[str, str, str | None]]:
    """What is wrong, the beginning of the value that is, and what to write for it."""
    if key.form == "artifact":
        artifact = text
    elif key.form == "path" and "::" not in text.replace("AWS::", ""):
        if is_known(text) and _reads(action, name):
            first = inputs[0] if len(inputs) == 1 and is_known(inputs[0]) else None
            said = f"`{name}` names a file in an artifact: write `{first or 'InputArtifact'}::{text}`"
            yield said, "", f"{first}::" if first else None
        return
    elif key.form == "path" or (key.form == "maybe-path" and "::" in text and not text.startswith(_NO_FILE)):
        artifact = text.rpartition("::")[0]
    else:
        return
    if not is_known(artifact) or open_inputs or artifact in inputs or not _reads(action, name):
        return
    hint = nearest(artifact, inputs)
    if hint:
        advice = f"did you mean `{hint}`?"
    elif inputs:
        advice = f"its input{'s are' if len(inputs) > 1 else ' is'} {listed(inputs)}"
    else:
        advice = f"it has none; add it to `{action.spelled('inputArtifacts')}`"
    yield f"`{name}` names `{artifact}`, which is no input artifact of this action; {advice}", artifact, hint


def _reads(action: Action, key: str) -> bool:
    """Whether the action reads the key at all: executing a change set and deleting a stack ignore the template."""
    return key not in ("TemplatePath", "TemplateConfiguration") or action.setting("ActionMode") not in (
        "CHANGE_SET_EXECUTE",
        "DELETE_ONLY",
    )


@check("primary-source-missing")
def primary_source_missing(action: Action) -> Iterator[Finding]:
    """A CodeBuild action with several inputs that does not say which of them holds the buildspec."""
    several = [artifact for artifact in action.inputs if artifact.when == action.when]
    if action.provider != "CodeBuild" or len(several) < 2 or not action.configuration_known:
        return
    if "PrimarySource" not in action.configuration:
        yield Finding(
            action.place_of_configuration,
            f"with {len(several)} input artifacts CodeBuild must know which one holds the buildspec; add "
            f"`PrimarySource: {several[0].name}`",
        )
