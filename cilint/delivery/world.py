"""The facts of a whole project, joined: which project runs a buildspec, and which actions run that project.

The world is read when a check first asks for it, and kept for the process. `complete` is False when the project could
not be seen whole; rules about absence then hold their tongue.
"""

from __future__ import annotations

from typing import Final

from cilint.core.context import Context, Surroundings
from cilint.delivery.facts import BuildAction, BuildProject, Fact
from cilint.model.kinds import recognise
from cilint.model.subjects import units
from cilint.source.read import read
from cilint.source.record import NamedTuple
from cilint.source.text import decode

KINDS: Final = ("template", "pipeline", "codebuild-project")
_WORDS: Final = (b"AWS::CodeBuild::Project", b"AWS::CodePipeline::Pipeline", b"actionTypeId", b"serviceRole")

_worlds: dict[str, World] = {}


class World(NamedTuple):
    """What the files of one project say together. Paths are relative to the project's root.

    `projects` holds, by the path of a buildspec, the projects that run it, as far as paths alone can tell: a project's
    path is relative to its source, which need not be the root of this one, so a longer path that ends in it counts
    when no other file could be meant.
    """

    projects: dict[str, tuple[BuildProject, ...]]
    actions: tuple[BuildAction, ...]
    complete: bool

    def projects_running(self, buildspec: str) -> tuple[BuildProject, ...]:
        """The projects whose buildspec is the file at this path."""
        return self.projects.get(buildspec, ())

    def actions_running(self, project: BuildProject) -> tuple[BuildAction, ...]:
        """The actions of the project's own file that run it."""
        return tuple(each for each in self.actions if each.path == project.path and each.project in project.names)


_NOTHING: Final = World({}, (), False)


def world(context: Context) -> World:
    """The world around the file under check; an empty, incomplete one where nothing can be seen."""
    if context.embedded:
        return _NOTHING  # no project names a text inside a file by its path
    around = context.tree.project()
    if not around.root:
        return _read(around)
    if around.root not in _worlds:
        _worlds[around.root] = _read(around)
    return _worlds[around.root]


def forget() -> None:
    """Read every world anew when it is next asked for (a server whose files change)."""
    _worlds.clear()


def path_in(context: Context) -> str:
    """The path of the file under check relative to its project's root; empty for a text inside it."""
    if context.embedded:
        return ""
    here = context.tree.project().here
    name = context.path.rsplit("/", 1)[-1]
    return f"{here}/{name}" if here else name


def _read(around: Surroundings) -> World:
    facts: list[Fact] = []
    for path in around.paths:
        data = around.read(path)
        if data is None or not any(word in data for word in _WORDS):
            continue
        document = read(decode(data), path)
        kind = recognise(document, path)
        if kind is not None and kind.kind in KINDS and not kind.fragment:
            from cilint.delivery.drawing import facts_of

            for unit in units(document, kind.kind, path, False):
                facts.extend(facts_of(unit, path))
    projects: dict[str, tuple[BuildProject, ...]] = {}
    for fact in facts:
        if isinstance(fact, BuildProject) and fact.buildspec:
            meant = _meant(fact.buildspec, around.paths)
            if meant:
                projects[meant] = (*projects.get(meant, ()), fact)
    return World(projects, tuple(fact for fact in facts if isinstance(fact, BuildAction)), around.complete)


def _meant(path: str, paths: tuple[str, ...]) -> str | None:
    if path in paths:
        return path
    found = [each for each in paths if each.endswith(f"/{path}")]
    return found[0] if len(found) == 1 else None
