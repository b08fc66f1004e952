"""A CodeBuild project, of a template or as `create-project` and `batch-get-projects` have it.

https://docs.aws.amazon.com/codebuild/latest/APIReference/API_Project.html
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from cilint.model.intrinsics import is_intrinsic
from cilint.model.spelling import CLOUDFORMATION, Place, Spelled
from cilint.model.template import Resource, buildspec
from cilint.model.unit import Unit
from cilint.source.nodes import Document, Mapping, Sequence


class Project(Spelled):
    """A project; keys are named as the API names them. `resource` is None outside templates."""

    def __init__(self, node: Mapping, place: Place, resource: Resource | None = None) -> None:
        super().__init__(node, place)
        self.resource = resource


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
            found.append(Unit("codebuild-project", Project(node, Place(document.text)), fragment=fragment))
            source = node.get("source")
            spec = source.get("buildspec") if isinstance(source, Mapping) else None
            found += buildspec(spec, document.text) if spec is not None else ()
    return found
