"""A CodeBuild project, of a template or as `create-project` and `batch-get-projects` have it.

https://docs.aws.amazon.com/codebuild/latest/APIReference/API_Project.html
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import Final

from cilint.model.buildspec import Buildspec
from cilint.model.intrinsics import is_intrinsic, listed
from cilint.model.spelling import CLOUDFORMATION, Place, Spelled
from cilint.model.template import Resource, buildspec
from cilint.model.unit import Unit
from cilint.source.nodes import Document, Mapping, Sequence


class Filter(Spelled):
    """One filter of a webhook: `type`, `pattern`, `excludeMatchedPattern`. All of a group must fit."""

    @property
    def excludes(self) -> bool:
        return self.word("excludeMatchedPattern") in ("true", "True")


class Project(Spelled):
    """A project; keys are named as the API names them. `resource` is None outside templates."""

    def __init__(self, node: Mapping, place: Place, resource: Resource | None = None) -> None:
        super().__init__(node, place)
        self.resource = resource

    @property
    def source(self) -> Spelled | None:
        return self.child("source", Spelled)

    @property
    def artifacts(self) -> Spelled | None:
        return self.child("artifacts", Spelled)

    @property
    def environment(self) -> Spelled | None:
        return self.child("environment", Spelled)

    @property
    def cache(self) -> Spelled | None:
        return self.child("cache", Spelled)

    @property
    def webhook(self) -> Spelled | None:
        """The webhook of `batch-get-projects`, the `Triggers` of a template."""
        return self.child("triggers" if self.place.upper else "webhook", Spelled)

    @property
    def filter_groups(self) -> tuple[tuple[Filter, ...], ...]:
        """The groups of a webhook's filters; any of them may fit. Groups that cannot be read are left out."""
        webhook = self.webhook
        groups = listed(webhook.get("filterGroups")) if webhook is not None else ()
        return tuple(
            tuple(Filter(item.node, self.place) for item in listed(group.node) if isinstance(item.node, Mapping))
            for group in groups
            if isinstance(group.node, Sequence)
        )

    @cached_property
    def inline(self) -> Buildspec | None:
        """The buildspec that stands in the project itself, its spans in a text of its own; None without one."""
        source = self.get("source")
        spec = (source.get("BuildSpec") or source.get("buildspec")) if isinstance(source, Mapping) else None
        environment = self.environment.known("type") if self.environment else None
        for unit in buildspec(spec, self.text, environment) if spec is not None else ():
            if isinstance(unit.view, Buildspec):
                return unit.view
        return None


SUBJECTS: Final = {"Project": lambda view: (view,)}


def of_resource(resource: Resource) -> Iterator[Unit]:
    """The project that an `AWS::CodeBuild::Project` describes."""
    if resource.properties is not None:
        place = Place(resource.text, upper=True, names=resource.template)
        project = Project(resource.properties, place, resource)
        yield Unit("codebuild-project", project, unknown=is_intrinsic, spelling=CLOUDFORMATION)


def units(document: Document, path: str, fragment: bool) -> list[Unit]:
    """The projects of a file: one, or the `projects` of `batch-get-projects`; and the buildspecs they hold."""
    root = document.root
    if not isinstance(root, Mapping):
        return []
    listed = root.get("projects")
    nodes = listed.items if isinstance(listed, Sequence) else [root]
    found: list[Unit] = []
    for node in nodes:
        if isinstance(node, Mapping):
            project = Project(node, Place(document.text))
            found.append(Unit("codebuild-project", project, fragment=fragment))
            source = node.get("source")
            spec = source.get("buildspec") if isinstance(source, Mapping) else None
            environment = project.environment.known("type") if project.environment else None
            found += buildspec(spec, document.text, environment) if spec is not None else ()
    return found
