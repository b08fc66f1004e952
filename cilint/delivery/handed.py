"""What a build hands on to the pipeline that runs it: the variables it exports, the files of its artifacts.

Drawn when a check of a pipeline asks, from the buildspec that the build's project names or holds. What the project is
otherwise, and who else runs it, is `world`'s.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Final

from cilint.core.context import Context
from cilint.delivery.world import path_in, world
from cilint.model.buildspec import Artifacts, Buildspec
from cilint.model.intrinsics import symbolic
from cilint.model.pipeline import Action, Pipeline
from cilint.model.template import Template, buildspec
from cilint.source.nodes import Mapping, Scalar
from cilint.source.read import read
from cilint.source.record import NamedTuple
from cilint.source.text import decode

_UNKNOWN: Final = re.compile(r"[$`{]")  # a variable of the build, or what a stack puts in


class Files(NamedTuple):
    """What the patterns of an artifact let through: `flat` says that directories are taken away."""

    patterns: tuple[str, ...]
    flat: bool

    def may_hold(self, path: str) -> bool:
        """Whether a file of that path, as the consumer sees it, may be among them."""
        return any(_UNKNOWN.search(each) or self._lets_through(each, path) for each in self.patterns)

    def _lets_through(self, pattern: str, path: str) -> bool:
        if self.flat:
            pattern, path = pattern.rsplit("/", 1)[-1], path.rsplit("/", 1)[-1]
        elif pattern.startswith("/"):
            return True  # where such a file lands in the artifact is not documented
        return path.startswith(f"{pattern}/") or _glob(pattern).fullmatch(path) is not None


class Handed(NamedTuple):
    """What a build hands on. `where` names its buildspec for people; `exports` are the variables, None where not all
    are known; `artifact` is the one of a build with one output, None where its files are unknown; `secondary` are the
    others by name."""

    where: str
    exports: tuple[str, ...] | None
    artifact: Files | None
    secondary: dict[str, Files | None]

    def files(self, name: str, outputs: int) -> Files | None:
        """The files of an action's output artifact, None where they are unknown."""
        return self.artifact if outputs == 1 else self.secondary.get(name)


def handed_by(action: Action, pipeline: Pipeline, context: Context) -> Handed | None:
    """What the build hands on that an action runs; None where its buildspec cannot be told or read."""
    called = action.setting("ProjectName")
    if action.provider != "CodeBuild" or not called or "BuildspecOverride" in action.configuration:
        return None
    logical_id = called.removeprefix("${").removesuffix("}").removesuffix(".Name")
    template = pipeline.resource.template if pipeline.resource is not None else None
    inline = _inline(logical_id, template) if template is not None else None
    if inline is not None:
        return _handed(inline, f"the buildspec of `{logical_id}`")
    path = _path(logical_id, called == logical_id, context)
    data = context.tree.project().read(path) if path else None
    document = read(decode(data), path) if data is not None and path else None
    if document is None or document.root is None or document.problems or not isinstance(document.root, Mapping):
        return None
    return _handed(Buildspec(document.root, document.text), path or "")


def _inline(name: str, template: Template) -> Buildspec | None:
    """The buildspec that a project of the template holds itself."""
    for project in template.of_type("AWS::CodeBuild::Project"):
        node = project.property("Source.BuildSpec")
        if node is not None and name in (project.logical_id, symbolic(project.property("Name"))):
            for unit in buildspec(node, project.text):
                return unit.view if isinstance(unit.view, Buildspec) and not unit.problems else None
    return None


def _path(name: str, literal: bool, context: Context) -> str | None:
    """The buildspec of the project of that name: one of the same file, or of any where it has that very name."""
    here, seen = path_in(context), world(context)
    found = {
        seen.buildspec_of(project)
        for project in seen.projects
        if name in project.names and (project.path == here or literal)
    }
    return found.pop() if len(found) == 1 else None


def _handed(view: Buildspec, where: str) -> Handed:
    artifacts = view.artifacts
    table = artifacts.secondary if artifacts is not None else None
    secondary = {
        entry.name: _files(Artifacts(entry.value, view.text))
        for entry in (table.entries if table is not None else ())
        if isinstance(entry.value, Mapping)
    }
    own = _files(artifacts) if artifacts is not None else Files((), False)
    if own is not None and not own.patterns and secondary:
        own = None
    return Handed(where, _exports(view), own, secondary)


def _exports(view: Buildspec) -> tuple[str, ...] | None:
    if view.env is None:
        return () if view.get("env") is None else None
    names = [item.value for item in view.env.exported_variables if isinstance(item, Scalar)]
    known = len(names) == len(view.env.exported_variables) and not any(map(_UNKNOWN.search, names))
    return tuple(names) if known else None


def _files(artifacts: Artifacts) -> Files | None:
    """The files of an artifact; None where a base directory with variables or stars moves them."""
    base = artifacts.base_directory.value if artifacts.base_directory is not None else ""
    if _UNKNOWN.search(base) or "*" in base:
        return None
    patterns = [item.value.strip().removeprefix("./") for item in artifacts.files if isinstance(item, Scalar)]
    return Files(tuple(patterns), artifacts.flat)


@cache
def _glob(pattern: str) -> re.Pattern[str]:
    """A pattern of CodeBuild; a star stands for directories, too, so that nothing is held to be missing too early."""
    parts = re.split(r"(\*\*/|\*+|\?)", pattern)
    return re.compile("".join({"": "", "?": "."}.get(each, ".*" if "*" in each else re.escape(each)) for each in parts))
