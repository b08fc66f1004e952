"""The facts of a whole project, joined: which project runs a buildspec, and which actions run that project.

The world is read when a check first asks for it, and kept for the process. `complete` is False when the project could
not be seen whole; rules about absence then hold their tongue.
"""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING, Final

from cilint.core.context import Context, Surroundings
from cilint.core.finding import Elsewhere, Related
from cilint.delivery.facts import Build, BuildAction, BuildProject, Fact
from cilint.model.buildspec import Buildspec
from cilint.model.kinds import recognise
from cilint.model.subjects import units
from cilint.source.read import read
from cilint.source.record import NamedTuple
from cilint.source.text import Span, Text, decode

if TYPE_CHECKING:
    from cilint.model.project import Project

KINDS: Final = ("template", "pipeline", "codebuild-project")
_WORDS: Final = (b"AWS::CodeBuild::Project", b"AWS::CodePipeline::Pipeline", b"actionTypeId", b"serviceRole")

_worlds: dict[str, World] = {}


class World(NamedTuple):
    """What the files of one project say together. Paths are relative to the project's root.

    `paths` are the files that could be of interest. `named` says, by the names of projects, which buildspec they run
    where the configuration says so; else paths decide (`meant`).
    """

    projects: tuple[BuildProject, ...]
    actions: tuple[BuildAction, ...]
    complete: bool
    paths: tuple[str, ...] = ()
    named: tuple[tuple[str, str], ...] = ()

    def projects_running(self, buildspec: str) -> tuple[BuildProject, ...]:
        """The projects whose buildspec is the file at this path."""
        return tuple(each for each in self.projects if self.buildspec_of(each) == buildspec) if buildspec else ()

    def buildspec_of(self, project: BuildProject) -> str | None:
        """The path of the file that the project runs; None where it is none of these files, or cannot be told."""
        named = next((path for name, path in self.named if name in project.names), None)
        return named or (meant(project.buildspec, project.path, self.paths) if project.buildspec else None)

    def actions_running(self, project: BuildProject) -> tuple[BuildAction, ...]:
        """The actions of the project's own file that run it."""
        return tuple(each for each in self.actions if each.path == project.path and each.project in project.names)


_NOTHING: Final = World((), (), False)


def world(context: Context) -> World:
    """The world around the file under check; an empty, incomplete one where nothing can be seen."""
    if context.embedded:
        return _NOTHING  # no project names a text inside a file by its path
    around = context.tree.project()
    if not around.root:
        found = _read(around)
    else:
        found = _worlds.get(around.root) or _worlds.setdefault(around.root, _read(around))
    return found._replace(named=_named(context, around)) if context.names.projects else found


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


def running(buildspec: Buildspec, context: Context) -> tuple[BuildProject, ...]:
    """The projects that run the buildspec under check: the one that holds it, its path empty, or those that name its
    file."""
    if buildspec.project is not None:
        from cilint.delivery.drawing import project_fact
        from cilint.model.project import Project

        own = buildspec.project
        return (project_fact(own, ""),) if isinstance(own, Project) else ()
    return world(context).projects_running(path_in(context))


def build_of(project: Project, context: Context) -> Build | None:
    """What the buildspec asks for that a project of the file under check holds, its path empty, or names; None where it
    is not to be found."""
    from cilint.delivery.drawing import build_fact

    unit = project.inline_unit
    if unit is not None and isinstance(unit.view, Buildspec):
        return build_fact(unit.view, "", project.text, unit.outward)
    found = buildspec_file(project, context)
    return build_fact(found[1], found[0], found[1].text) if found else None


def buildspec_file(project: Project, context: Context) -> tuple[str, Buildspec] | None:
    """The path and content of the file that a project of the file under check names as its buildspec; None where it is
    not to be found."""
    from cilint.delivery.drawing import project_fact

    around = context.tree.project()
    known = World((), (), False, around.paths, _named(context, around))
    path = known.buildspec_of(project_fact(project, path_in(context)))
    data = around.read(path) if path else None
    if path is None or data is None:
        return None
    document = read(decode(data), path)
    kind = recognise(document, path)
    if kind is None or kind.kind != "buildspec" or kind.fragment:
        return None
    views = [unit.view for unit in units(document, kind.kind, path, False)]
    return next(((path, each) for each in views if isinstance(each, Buildspec)), None)


def buildspec_named(project: Project, context: Context) -> tuple[str, tuple[str, ...]]:
    """The path of the buildspec that a project of the file under check runs, empty where it is no file or not known,
    and the files that could be one; none of them where not all can be seen."""
    from cilint.delivery.drawing import project_fact

    around = context.tree.project()
    fact = project_fact(project, "")
    named = next((path for name, path in _named(context, around) if name in fact.names), None)
    return named or fact.buildspec or "", around.paths if around.complete else ()


def elsewhere(context: Context, path: str, text: Text, span: Span, message: str) -> Related:
    """A related place in a file whose path is relative to the project's root (empty: the checked file's own), its path
    written as the checked file's is."""
    if not path:
        return Related(span, message, Elsewhere(context.path, text))
    here = context.tree.project().here
    directory = posixpath.dirname(context.path.replace("\\", "/"))
    shown = posixpath.normpath(posixpath.join(directory, posixpath.relpath(path, here or ".")))
    return Related(span, message, Elsewhere(shown, text))


def _named(context: Context, around: Surroundings) -> tuple[tuple[str, str], ...]:
    """The configuration's `projects`, as far as their buildspecs lie in this project."""
    root = around.root.replace("\\", "/").rstrip("/") + "/"
    pairs = ((name, path.replace("\\", "/")) for name, path in context.names.projects)
    return tuple((name, path[len(root) :]) for name, path in pairs if path.startswith(root))


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
    return World(
        tuple(fact for fact in facts if isinstance(fact, BuildProject)),
        tuple(fact for fact in facts if isinstance(fact, BuildAction)),
        around.complete,
        around.paths,
    )


def meant(path: str, by: str, paths: tuple[str, ...]) -> str | None:
    """The file that a project in the file `by` means by the path of its buildspec; None where that cannot be told.

    A project's path is relative to its source, which need not be the root of this project, so a longer path that ends
    in it counts when no other file could be meant. A file beside the project's own, or on the way up from there, keeps
    the one at the root from being meant for sure.
    """
    found = [each for each in paths if each == path or each.endswith(f"/{path}")]
    if len(found) == 1:
        return found[0]
    near = (each for each in found if each != path and by.startswith(each[: -len(path)]))
    return path if path in found and not any(near) else None
