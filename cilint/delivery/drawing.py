"""Facts drawn from the views of a file's units. Imported when a world is read, not before."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

from cilint.delivery.facts import Build, BuildAction, BuildProject, Fact, Said, Use
from cilint.model.buildspec import Buildspec
from cilint.model.pipeline import Action, Pipeline
from cilint.model.project import Project
from cilint.model.spelling import Spelled
from cilint.model.unit import Unit
from cilint.shell.dialect import is_posix
from cilint.source.nodes import Mapping, Node, Scalar, Sequence
from cilint.source.text import Span, Text

DEFAULT_BUILDSPEC: Final = "buildspec.yml"


def facts_of(unit: Unit, path: str) -> Iterator[Fact]:
    """The facts of one unit of the file at `path`."""
    match unit.view:
        case Project() as project:
            yield project_fact(project, path)
        case Pipeline() as pipeline:
            yield from _build_actions(pipeline, path)


def _build_actions(pipeline: Pipeline, path: str) -> Iterator[BuildAction]:
    for action in pipeline.actions:
        name = _called(action.configuration.get("ProjectName")) if action.provider == "CodeBuild" else ""
        if not name or action.configuration.get("BuildspecOverride") is not None:
            continue  # which then is no action of the project's own buildspec
        known = all(output.known for output in action.outputs) and not action.open_list("outputArtifacts")
        outputs = tuple(output.name for output in action.outputs)
        # a function is told where its input lies, and need not look
        taken = {each.name for other in pipeline.actions if other.provider != "Lambda" for each in other.inputs}
        yield BuildAction(
            path,
            name,
            outputs if known else None,
            _zipped(pipeline, action),
            tuple(each for each in outputs if each in taken),
        )


def project_fact(project: Project, path: str) -> BuildProject:
    """What is known of a project of the file at `path`."""
    environment, cache, artifacts = project.environment, project.cache, project.artifacts
    batch = project.child("buildBatchConfig", Spelled)
    return BuildProject(
        path,
        tuple(_names(project)),
        _buildspec(project),
        _caches(project),
        project.text,
        project.resource.key.span if project.resource is not None else project.key_span("name"),
        environment=_said(environment, "type"),
        image=_said(environment, "image"),
        reserved=environment is None or environment.get("fleet") is not None,
        cache=_said(cache, "type"),
        modes=_words(cache.get("modes")) if cache is not None else (),
        source=_said(project.source, "type"),
        depth=_said(project.source, "gitCloneDepth"),
        artifacts=_said(artifacts, "type"),
        renames=_switch(artifacts, "overrideArtifactName"),
        secondary=_secondary(project),
        batches=_is_there(project, "buildBatchConfig"),
        most_builds=_said(batch.child("restrictions", Spelled), "maximumBuildsAllowed") if batch is not None else None,
    )


def build_fact(buildspec: Buildspec, path: str, text: Text, outward: Callable[[Span], Span] | None = None) -> Build:
    """What a buildspec asks of its project. `outward` leads from its spans to those of `text`."""
    batch = buildspec.batch is not None  # whose builds may have environments of their own
    docker = None if batch else first_docker(buildspec)
    if docker is not None and outward is not None:
        docker = docker._replace(span=outward(docker.span))
    may = (
        batch
        or not is_posix(buildspec.dialect)
        or any(word in command.script for command in buildspec.commands for word in _HIDE_DOCKER)
    )
    posix = is_posix(buildspec.dialect) if buildspec.commands else None
    return Build(path, text, docker, may, posix, bool(buildspec.cache and buildspec.cache.paths))


_HIDE_DOCKER: Final = (
    *("docker", "podman", "buildah", "sam", "cdk", "pack", "kind", "localstack", "amplify", "copilot", "serverless"),
    *("sls", ".sh", "make", "mvn", "gradle", "task", "just", "bazel", "molecule", "earthly", "skaffold"),
)
"""Words of commands that may use a Docker daemon though they do not say so."""


def first_docker(buildspec: Buildspec) -> Use | None:
    """The first command that needs a Docker daemon, as far as that is known."""
    for step in buildspec.steps:
        simple = step.simple
        if simple.matches("docker", "build|run|compose|buildx|push|pull|tag|load") or simple.name == "dockerd":
            words = " ".join(["docker", *(word.text or "" for word in simple.operands[:1])]).strip()
            return Use(words, step.span)
        if simple.name == "docker-compose":
            return Use("docker-compose", step.span)
        if simple.matches("sam", "build") and simple.has("--use-container", "-u"):
            return Use("sam build --use-container", step.span)
    return None


def _said(view: Spelled | None, key: str) -> Said | None:
    value = view.known(key) if view is not None else None
    node = view.get(key) if view is not None else None
    return Said(value, node.span) if value is not None and node is not None else None


def _words(node: Node | None) -> tuple[str, ...] | None:
    """The texts of a list, None where one of them is not known."""
    if node is None:
        return ()
    items = node.items if isinstance(node, Sequence) and node.tag is None else [node]
    words = [item.value for item in items if isinstance(item, Scalar) and item.tag is None]
    return tuple(words) if len(words) == len(items) else None


def _switch(view: Spelled | None, key: str) -> bool | None:
    """Whether a switch is on; None where only a stack knows."""
    if view is None:
        return None
    if view.get(key) is None:
        return False
    value = view.known(key)
    return None if value is None else value.lower() in ("true", "yes")


def _is_there(view: Spelled, key: str) -> bool | None:
    """Whether a structure is there; None where only a stack knows."""
    node = view.get(key)
    return None if node is not None and view.child(key, Spelled) is None else node is not None


def _secondary(project: Project) -> tuple[str, ...] | None:
    node = project.get("secondaryArtifacts")
    if node is None:
        return ()
    if not isinstance(node, Sequence) or node.tag is not None:
        return None
    found = [each.known("artifactIdentifier") for each in project.children("secondaryArtifacts", Spelled)]
    return tuple(name for name in found if name) if all(found) and len(found) == len(node.items) else None


_ZIPPED: Final = ("CodeCommit", "CodeStarSourceConnection", "GitHub")
"""Source actions that hand over a ZIP file, unless the first two are told to clone."""


def _zipped(pipeline: Pipeline, action: Action) -> tuple[str, ...] | None:
    """The source actions whose ZIP files the action gets; None where any of them may give more."""
    found: list[str] = []
    for wanted in action.inputs:
        makers = [each for each in pipeline.actions if any(made.name == wanted.name for made in each.outputs)]
        if len(makers) != 1 or not wanted.known or makers[0].provider not in _ZIPPED:
            return None
        form = makers[0].configuration.get("OutputArtifactFormat")
        if form is not None and not (isinstance(form, Scalar) and form.tag is None and form.value == "CODE_ZIP"):
            return None
        found.append(makers[0].provider or "")
    return tuple(found) or None


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
        return None if (project.source and project.source.known("type")) == "NO_SOURCE" else DEFAULT_BUILDSPEC
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
