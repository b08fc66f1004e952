"""Facts drawn from the views of a file's units. Imported when a world is read, not before."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from cilint.delivery.facts import BuildAction, BuildProject, Fact
from cilint.model.pipeline import Pipeline
from cilint.model.project import Project
from cilint.model.unit import Unit
from cilint.source.nodes import Mapping, Node, Scalar

DEFAULT_BUILDSPEC: Final = "buildspec.yml"


def facts_of(unit: Unit, path: str) -> Iterator[Fact]:
    """The facts of one unit of the file at `path`."""
    match unit.view:
        case Project() as project:
            yield BuildProject(path, tuple(_names(project)), _buildspec(project), _caches(project))
        case Pipeline() as pipeline:
            for action in pipeline.actions:
                if action.provider == "CodeBuild":
                    name = _called(action.configuration.get("ProjectName"))
                    if name:
                        known = all(output.known for output in action.outputs)
                        known = known and not action.open_list("outputArtifacts")
                        outputs = tuple(output.name for output in action.outputs) if known else None
                        yield BuildAction(path, name, outputs)


def _names(project: Project) -> Iterator[str]:
    if project.resource is not None:
        yield project.resource.logical_id
    name = project.get("name")
    if isinstance(name, Scalar) and name.tag is None:
        yield name.value


def _called(node: Node | None) -> str:
    """The name that a value is, or the logical id that it refers to."""
    if isinstance(node, Scalar):
        return node.value if node.tag in (None, "!Ref") else ""
    reference = node.get("Ref") if isinstance(node, Mapping) else None
    return reference.value if isinstance(reference, Scalar) else ""


def _buildspec(project: Project) -> str | None:
    source = project.get("source")
    if not isinstance(source, Mapping):
        return None
    node = source.get("BuildSpec") or source.get("buildspec")
    if node is None:
        return DEFAULT_BUILDSPEC
    if not isinstance(node, Scalar) or node.tag is not None or "\n" in node.value:
        return None
    path = node.value.strip().removeprefix("./")
    return None if not path or path.startswith(("arn:", "{", "$", "version")) else path


def _caches(project: Project) -> bool | None:
    cache = project.get("cache")
    if cache is None:
        return False
    kind = (cache.get("Type") or cache.get("type")) if isinstance(cache, Mapping) else None
    if not isinstance(kind, Scalar) or kind.tag is not None:
        return None
    return kind.value != "NO_CACHE"
