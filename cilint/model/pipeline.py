"""A pipeline of CodePipeline: of a template, or as `get-pipeline` gives it and `create-pipeline` takes it.

Views only; which action providers there are is said in `cilint.catalog`.
https://docs.aws.amazon.com/codepipeline/latest/userguide/reference-pipeline-structure.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cached_property
from typing import Final

from cilint.model.intrinsics import Branch, intrinsic, is_intrinsic, is_known, listed, resolve, symbolic
from cilint.model.spelling import CLOUDFORMATION, Place, Spelled
from cilint.model.template import Resource, buildspec
from cilint.model.unit import Unit
from cilint.source.nodes import Document, Mapping, Node, Sequence
from cilint.source.record import NamedTuple
from cilint.source.text import Span

_WHOLE_NUMBER: Final = re.compile(r"[0-9]{1,6}\Z")


class Named(NamedTuple):
    """A name in a list (an artifact, an output variable). `name` is symbolic; `when` its `Fn::If` branches."""

    name: str
    node: Node
    when: tuple[Branch, ...]

    @property
    def span(self) -> Span:
        return self.node.span

    @property
    def known(self) -> bool:
        return is_known(self.name)


class _WithName(Spelled):
    """A part of a pipeline that has a name of its own."""

    @cached_property
    def name(self) -> str:
        """Its name, symbolic; empty where it is absent."""
        return self.word("name") or ""

    @property
    def place_of_name(self) -> Span:
        """Where a finding about the whole part is shown: the value of its name."""
        node = self.get("name")
        return node.span if node is not None else _first_key(self.node)


class Action(_WithName):
    """An action. `when` are the `Fn::If` branches that it and its stage stand under."""

    def __init__(self, node: Mapping, place: Place, stage: Stage, index: int, when: tuple[Branch, ...]) -> None:
        super().__init__(node, place)
        self.stage = stage
        self.index = index
        self.when = when

    @cached_property
    def type(self) -> ActionType | None:
        return self.child("actionTypeId", ActionType)

    @cached_property
    def provider(self) -> str:
        """The provider, empty where it is absent or unknown."""
        return (self.type.known("provider") if self.type else None) or ""

    @cached_property
    def category(self) -> str:
        return (self.type.known("category") if self.type else None) or ""

    @cached_property
    def owner(self) -> str:
        return (self.type.known("owner") if self.type else None) or ""

    @cached_property
    def run_order(self) -> int | None:
        """Its place in the stage, 1 where none is given, None where only a stack knows."""
        node = self.get("runOrder")
        if node is None:
            return 1
        found = resolve(node, self.place.names)
        return int(found) if isinstance(found, str) and _WHOLE_NUMBER.match(found) else None

    @cached_property
    def configuration(self) -> dict[str, Node]:
        """The configuration's keys as written to their values."""
        return self.entries("configuration")

    @property
    def configuration_known(self) -> bool:
        """Whether all keys of the configuration can be seen: it is absent or a plain table."""
        node = self.get("configuration")
        return node is None or (
            isinstance(node, Mapping) and not is_intrinsic(node) and not any(e.merged for e in node.entries)
        )

    @property
    def place_of_configuration(self) -> Span:
        """Where a missing key of the configuration is shown: at the configuration, or at the action's name."""
        return self.key_span("configuration") if self.get("configuration") is not None else self.place_of_name

    def setting(self, key: str) -> str | None:
        """A value of the configuration, symbolic; None where it is absent or no text."""
        return symbolic(self.configuration.get(key), self.place.names)

    @cached_property
    def inputs(self) -> tuple[Named, ...]:
        return self._artifacts("inputArtifacts")

    @cached_property
    def outputs(self) -> tuple[Named, ...]:
        return self._artifacts("outputArtifacts")

    def precedes(self, other: Action) -> bool:
        """Whether this action has run when `other` starts: by stage, then by run order; the order in a list says
        nothing. True where only a stack knows the order."""
        if self.stage.index != other.stage.index:
            return self.stage.index < other.stage.index
        return self.run_order is None or other.run_order is None or self.run_order < other.run_order

    def open_list(self, key: str) -> bool:
        """Whether a list has items that only a stack knows."""
        return any(intrinsic(item.node) is not None for item in listed(self.get(key)))

    def _artifacts(self, key: str) -> tuple[Named, ...]:
        """The artifacts of a list. A bare name instead of `name: X` is malformed, but names one all the same."""
        found = []
        for item in listed(self.get(key), self.when):
            node = item.node.get(self.spelled("name")) if isinstance(item.node, Mapping) else item.node
            name = symbolic(node, self.place.names)
            if node is not None and name and (node is not item.node or intrinsic(node) is None):
                found.append(Named(name, node, item.when))
        return tuple(found)


class ActionType(Spelled):
    """An action's `actionTypeId`."""


class Stage(_WithName):
    """A stage, at `index` among the stages as written."""

    def __init__(self, node: Mapping, place: Place, index: int, when: tuple[Branch, ...]) -> None:
        super().__init__(node, place)
        self.index = index
        self.when = when

    @cached_property
    def actions(self) -> tuple[Action, ...]:
        """The actions in the order written; those under `Fn::If` with their branches."""
        return tuple(
            Action(item.node, self.place, self, index, item.when)
            for index, item in enumerate(listed(self.get("actions"), self.when))
            if isinstance(item.node, Mapping) and intrinsic(item.node) is None
        )

    @property
    def complete(self) -> bool:
        """Whether all actions can be seen."""
        return _all_seen(self.get("actions"))


class Pipeline(Spelled):
    """A pipeline. `resource` is None outside templates; `envelope` is the mapping around `pipeline:`, if any;
    `fragment` says that it is stages shown alone, without the pipeline around them."""

    def __init__(
        self,
        node: Node,
        place: Place,
        resource: Resource | None = None,
        envelope: Mapping | None = None,
        fragment: bool = False,
    ) -> None:
        super().__init__(node, place)
        self.resource = resource
        self.envelope = envelope
        self.fragment = fragment

    @cached_property
    def stages(self) -> tuple[Stage, ...]:
        """The stages in the order written; those under `Fn::If` with their branches."""
        node = self.node if isinstance(self.node, Sequence) else self.get("stages")
        return tuple(
            Stage(item.node, self.place, index, item.when)
            for index, item in enumerate(listed(node))
            if isinstance(item.node, Mapping) and intrinsic(item.node) is None
        )

    @cached_property
    def actions(self) -> tuple[Action, ...]:
        return tuple(action for stage in self.stages for action in stage.actions)

    @cached_property
    def complete(self) -> bool:
        """Whether all stages and actions can be seen, so that what is not there is absent."""
        stages = None if self.fragment else self.get("stages")
        return stages is not None and _all_seen(stages) and all(stage.complete for stage in self.stages)

    @cached_property
    def store_regions(self) -> tuple[str, ...] | None:
        """The Regions of `artifactStores`, None where there is no such key or only a stack knows them."""
        node = self.get("artifactStores")
        if isinstance(node, Mapping) and not is_intrinsic(node):
            regions: list[str | None] = [entry.name for entry in node.entries]
        elif isinstance(node, Sequence) and node.tag is None:
            regions = [
                symbolic(item.node.get("Region") if isinstance(item.node, Mapping) else None, self.place.names)
                for item in listed(node)
            ]
        else:
            return None
        return tuple(each for each in regions if each) if all(map(is_known, regions)) else None

    @property
    def place_of_name(self) -> Span:
        """Where a finding about the whole pipeline is shown: its name, or its first key."""
        node = self.get("name")
        if node is not None:
            return node.span
        return self.resource.key.span if self.resource else _first_key(self.node)


SUBJECTS: Final = {
    "Pipeline": lambda view: (view,),
    "Stage": lambda view: view.stages,
    "Action": lambda view: view.actions,
}


def of_resource(resource: Resource) -> Iterator[Unit]:
    """The pipeline that an `AWS::CodePipeline::Pipeline` describes."""
    if resource.properties is not None:
        place = Place(resource.text, upper=True, names=resource.template)
        view = Pipeline(resource.properties, place, resource)
        yield Unit("pipeline", view, unknown=is_intrinsic, spelling=CLOUDFORMATION)
        yield from _buildspecs(view)


def units(document: Document, path: str, fragment: bool) -> list[Unit]:
    """The pipeline of a file, with or without `pipeline:` around it; or a fragment: stages, a list of them."""
    root = document.root
    if root is None:
        return []
    inner = root.get("pipeline") if isinstance(root, Mapping) else None
    envelope = root if isinstance(root, Mapping) and isinstance(inner, Mapping) else None
    node = inner if inner is not None and envelope is not None else root
    stages = node if isinstance(node, Sequence) else node.get("Stages") if isinstance(node, Mapping) else None
    first = stages.items[0] if isinstance(stages, Sequence) and stages.items else None
    upper = isinstance(first, Mapping) and first.get("Name") is not None
    view = Pipeline(node, Place(document.text, upper), envelope=envelope, fragment=fragment)
    spelling = ("fragment/" if fragment else "") + (CLOUDFORMATION if upper else "")
    return [Unit("pipeline", view, fragment=fragment, unknown=is_intrinsic, spelling=spelling), *_buildspecs(view)]


def _buildspecs(pipeline: Pipeline) -> Iterator[Unit]:
    """The buildspecs that actions give to CodeBuild in place of the project's own."""
    for action in pipeline.actions:
        node = action.configuration.get("BuildspecOverride")
        if node is not None:
            yield from buildspec(node, pipeline.text)


def _all_seen(node: Node | None) -> bool:
    return node is None or (
        not any(intrinsic(item.node) is not None for item in listed(node))
        and (isinstance(node, Sequence) or intrinsic(node) is not None)
    )


def _first_key(node: Node) -> Span:
    return node.entries[0].key.span if isinstance(node, Mapping) and node.entries else Span(node.start, node.start + 1)
