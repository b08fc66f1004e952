"""Checks of custom actions (Jenkins and others) against the action type that the same template registers.

Of a custom action whose type stands elsewhere nothing is known, and nothing is said.
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-codepipeline-customactiontype.html
"""

from __future__ import annotations

from collections.abc import Iterator

from cilint.core.finding import Finding, Related
from cilint.core.nearest import listed, nearest
from cilint.core.rule import check
from cilint.model.intrinsics import is_known, symbolic
from cilint.model.intrinsics import listed as items
from cilint.model.pipeline import Action, Pipeline
from cilint.model.template import Resource
from cilint.source.nodes import Mapping, Scalar
from cilint.source.text import Span


@check("custom-action-mismatch")
def custom_action_mismatch(pipeline: Pipeline) -> Iterator[Finding]:
    """A custom action with other keys, or another number of artifacts, than its type in the template has."""
    for action in pipeline.actions if pipeline.resource else ():
        kind = _type_of(action, pipeline) if action.owner == "Custom" else None
        if kind is None:
            continue
        related = (Related(kind.key.span, "the action type"),)
        for span, said in (*_keys(action, kind), *_counts(action, kind)):
            yield Finding(span, said, related=related)


def _type_of(action: Action, pipeline: Pipeline) -> Resource | None:
    """The custom action type of the same category, provider and version."""
    kind = action.type
    version = kind.word("version") if kind else None
    wanted = (action.category, action.provider, version)
    types = pipeline.resource.template.of_type("AWS::CodePipeline::CustomActionType") if pipeline.resource else ()
    for each in types:
        found = tuple(symbolic(each.property(key), each.template) for key in ("Category", "Provider", "Version"))
        if found == wanted and all(map(is_known, found)):
            return each
    return None


def _keys(action: Action, kind: Resource) -> Iterator[tuple[Span, str]]:
    node = kind.property("ConfigurationProperties")
    properties = [item.node for item in items(node)]
    names = {symbolic(each.get("Name"), kind.template): each for each in properties if isinstance(each, Mapping)}
    if len(names) != len(properties) or not all(map(is_known, names)) or not action.configuration_known:
        return
    known = [name for name in names if name]
    for name, each in names.items():
        required = each.get("Required")
        asked = isinstance(required, Scalar) and required.value.lower() in ("true", "yes")
        if name and asked and name not in action.configuration:
            yield action.place_of_name, f"actions of `{action.provider}` need `{name}` in their configuration; add it"
    table = action.get("configuration")
    for entry in table.entries if isinstance(table, Mapping) else ():
        if entry.name not in known:
            hint = nearest(entry.name, known)
            advice = f"did you mean `{hint}`?" if hint else f"it has {listed(known) if known else 'none'}"
            yield entry.key.span, f"`{action.provider}` has no configuration key `{entry.name}`; {advice}"


def _counts(action: Action, kind: Resource) -> Iterator[tuple[Span, str]]:
    for key, details, many in (
        ("inputArtifacts", "InputArtifactDetails", len(action.inputs)),
        ("outputArtifacts", "OutputArtifactDetails", len(action.outputs)),
    ):
        texts = (
            symbolic(kind.property(f"{details}.{each}Count"), kind.template) or "" for each in ("Minimum", "Maximum")
        )
        low, high = (int(text) if text.isdigit() else None for text in texts)
        if low is None or high is None or action.open_list(key) or low <= many <= high:
            continue
        wanted = str(low) if low == high else f"{low} to {high}"
        yield (
            action.place_of_name,
            f"actions of `{action.provider}` have {wanted} `{action.spelled(key)}`, this one {many}",
        )
