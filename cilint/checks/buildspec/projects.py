"""Checks of a buildspec against the build projects that run it: what their image, compute, cache and artifacts allow.

Each speaks where it holds for every project that runs the buildspec; who they are is the delivery room's to say.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

from cilint.catalog.codebuild_images import DATE, RUNTIMES, Image, is_curated, known
from cilint.checks.buildspec.runtimes import is_retired
from cilint.core.context import Context, named
from cilint.core.finding import Finding, Related
from cilint.core.nearest import listed, nearest
from cilint.core.rule import check
from cilint.delivery.facts import BuildProject, Said
from cilint.delivery.world import elsewhere, running
from cilint.model.buildspec import Buildspec
from cilint.shell.dialect import evident, is_posix
from cilint.shell.script import mentions
from cilint.source.nodes import Entry, Mapping, Scalar, Sequence

_Trait = Callable[[BuildProject], "Said | None"]


def _all(projects: tuple[BuildProject, ...], holds: Callable[[BuildProject], bool]) -> bool:
    return bool(projects) and all(holds(project) for project in projects)


def _hosts(buildspec: Buildspec, context: Context) -> tuple[BuildProject, ...]:
    """The projects in whose own environment the commands run: none for a batch, whose builds may have another."""
    return running(buildspec, context) if buildspec.batch is None else ()


def _place(context: Context, projects: tuple[BuildProject, ...], trait: _Trait, what: str) -> tuple[Related, ...]:
    """Where the first of the projects says it, or where it is, when it says it by its silence."""
    first = projects[0]
    said = trait(first)
    return (elsewhere(context, first.path, first.text, said.span if said else first.span, what),)


def _on_lambda(project: BuildProject) -> bool:
    return project.environment is not None and project.environment.value.endswith("_LAMBDA_CONTAINER")


def _on_windows(project: BuildProject) -> bool:
    return project.environment is not None and project.environment.value.startswith("WINDOWS_")


def _on_linux(project: BuildProject) -> bool:
    return project.environment is not None and project.environment.value.startswith(("LINUX_", "ARM_"))


def _image(project: BuildProject) -> Said | None:
    return project.image


def _environment(project: BuildProject) -> Said | None:
    return project.environment


def _runtimes(buildspec: Buildspec) -> list[Entry]:
    phase = buildspec.phase("install")
    node = phase.runtime_versions if phase is not None else None
    tables = node.items if isinstance(node, Sequence) else [node]
    return [entry for table in tables if isinstance(table, Mapping) for entry in table.entries]


@check("runtime-not-in-image")
def runtime_not_in_image(buildspec: Buildspec, context: Context) -> Iterator[Finding]:
    """A runtime, or a version of one, that the project's image does not have."""
    entries = _runtimes(buildspec)
    projects = _hosts(buildspec, context) if entries else ()
    images = [image for project in projects if project.image and (image := known(project.image.value))]
    if not images or len(images) < len(projects) or not all(image.runtimes for image in images):
        return
    name = projects[0].image.value if projects[0].image else ""
    for entry in entries:
        version = entry.value.value if isinstance(entry.value, Scalar) else ""
        if all(entry.name not in image.runtimes for image in images):
            found = _no_runtime(entry, name, images[0])
        elif not is_retired(entry) and all(_lacks(image.runtimes, entry.name, version) for image in images):
            found = _no_version(entry, version, name, images[0])
        else:
            continue
        if found is not None:
            yield found._replace(related=_place(context, projects, _image, "the image"))


def _no_runtime(entry: Entry, image: str, has: Image) -> Finding | None:
    if entry.name not in RUNTIMES:
        return None
    return Finding(
        entry.key.span,
        f"`{image}` has no runtime `{entry.name}` (images of {DATE}), and the build ends before its first command with "
        f"`YAML_FILE_ERROR`; remove it, or take another image: this one has {listed(has.runtimes)}",
    )


def _no_version(entry: Entry, version: str, image: str, has: Image) -> Finding:
    ready = listed(has.runtimes[entry.name].split())
    if has.fetches:
        message = f"`{image}` has no {entry.name} {version} ready, so every build installs it anew; it has {ready}"
        return Finding(entry.value.span, message, severity="note")
    return Finding(
        entry.value.span,
        f"`{image}` does not have {entry.name} {version}, and the build ends before its first command: "
        f"`YAML_FILE_ERROR Message: Unknown runtime version named '{version}' of {entry.name}`; it has {ready}",
    )


def _lacks(runtimes: dict[str, str], name: str, version: str) -> bool:
    """Whether a version is none of the image's; False for those that are not written out, such as `latest`."""
    bare = version.removesuffix(".x")
    if not bare.replace("corretto", "").replace("openjdk", "").replace(".", "").isdigit():
        return False
    ready = runtimes.get(name, "").split()
    return not any(bare == each or bare.startswith(f"{each}.") or each.startswith(f"{bare}.") for each in ready)


@check("runtime-selection-ignored")
def runtime_selection_ignored(buildspec: Buildspec, context: Context) -> Iterator[Finding]:
    """Runtimes that are asked of an image or of compute that has none to choose."""
    phase = buildspec.phase("install")
    if phase is None or phase.runtime_versions is None:
        return
    projects = _hosts(buildspec, context)
    if _all(projects, _on_lambda):
        yield Finding(
            phase.key_span("runtime-versions"),
            "Lambda compute has no runtimes to choose; remove this, and take the image of the language",
            related=_place(context, projects, _environment, "Lambda compute"),
        )
    elif _all(projects, lambda project: _own(project, context)):
        yield Finding(
            phase.key_span("runtime-versions"),
            "the project's image is none of CodeBuild's, and unless it is made from one the choice is skipped "
            "(`runtime version selection is not supported by this build image`); remove this, or install it yourself",
            severity="note",
            confidence="low",
            related=_place(context, projects, _image, "the image"),
        )


def _own(project: BuildProject, context: Context) -> bool:
    """Whether the project's image is none of CodeBuild's, nor one that the user vouches for."""
    image = project.image.value if project.image is not None else ""
    return bool(image) and not is_curated(image) and not named(context.names.images, image)


_AS_ROOT: Final = (
    "yum",
    "dnf",
    "microdnf",
    "rpm",
    "apt",
    "apt-get",
    "dpkg",
    "apk",
    "sudo",
    "su",
    "useradd",
    "groupadd",
)
_DOCKER: Final = ("docker", "docker-compose", "dockerd", "podman", "buildah", "nerdctl")


@check("command-not-on-lambda-compute")
def command_not_on_lambda_compute(buildspec: Buildspec, context: Context) -> Iterator[Finding]:
    """A command for which Lambda compute lacks Docker or root."""
    steps = [step for step in buildspec.steps if (step.simple.name in (*_AS_ROOT, *_DOCKER) or step.simple.prefixes)]
    users = [view for view in (buildspec, *buildspec.phases) if view.get("run-as") is not None]
    projects = _hosts(buildspec, context) if steps or users else ()
    if not _all(projects, _on_lambda):
        return
    where = _place(context, projects, _environment, "Lambda compute")
    for step in steps:
        name, sudo = step.simple.name, any(word.text == "sudo" for word in step.simple.prefixes)
        if name in _DOCKER:
            yield Finding(
                step.span,
                f"`{name}` needs a daemon or rights that Lambda compute does not give; build images in an environment "
                "of another type",
                related=where,
            )
        elif name in _AS_ROOT or sudo:
            yield Finding(
                step.span,
                f"`{'sudo' if sudo else name}` needs root, which commands on Lambda compute are not; put the tool into "
                "the image, or take another environment type",
                related=where,
            )
    for view in users:
        yield Finding(
            view.key_span("run-as"), "commands on Lambda compute run as one user only; remove `run-as`", related=where
        )


@check("on-failure-not-supported")
def on_failure_not_supported(buildspec: Buildspec, context: Context) -> Iterator[Finding]:
    """A reaction to failure on compute that does not know it."""
    phases = [phase for phase in buildspec.phases if phase.on_failure is not None]
    projects = _hosts(buildspec, context) if phases else ()
    if _all(projects, _on_lambda):
        what, trait = "on Lambda compute", _environment
    elif _all(projects, lambda project: project.reserved and project.environment is not None):
        what, trait = "on reserved capacity", _environment
    elif _all(projects, lambda project: _own(project, context)):
        what, trait = "in images that are not CodeBuild's", _image
    else:
        return
    for phase in phases:
        yield Finding(
            phase.key_span("on-failure"),
            f"`on-failure` is not supported {what}; test `$CODEBUILD_BUILD_SUCCEEDING` in the commands",
            severity="note" if trait is _image else None,
            confidence="low" if trait is _image else None,
            related=_place(context, projects, trait, "the image" if trait is _image else "the environment"),
        )


@check("shell-not-in-environment")
def shell_not_in_environment(buildspec: Buildspec, context: Context) -> Iterator[Finding]:
    """A shell, or commands for one, that the project's system does not have."""
    shell = buildspec.env.shell if buildspec.env else None
    scripts = [command.script for command in buildspec.commands]
    told = shell is not None or any(mentions(script, ("pwsh", "wsl", "bash", "powershell")) for script in scripts)
    looks = "" if told else evident(scripts)
    if shell is None and not looks:
        return
    projects = _hosts(buildspec, context)
    posix = is_posix(looks or buildspec.dialect)
    if posix and _all(projects, _on_windows):
        system, default = "Windows", "`powershell.exe` or `cmd.exe`"
    elif not posix and _all(projects, _on_linux):
        system, default = "Linux", "`bash` or `/bin/sh`"
    else:
        return
    where = _place(context, projects, _environment, "the environment")
    if shell is not None:
        yield Finding(
            shell.span,
            f"the project's environment is {system}, where CodeBuild knows no shell `{shell.value}`; use {default}",
            related=where,
        )
    else:
        kind = {"sh": "a POSIX shell", "powershell": "PowerShell", "cmd": "cmd.exe"}[looks]
        yield Finding(
            buildspec.key_span("phases"),
            f"the commands are written for {kind}, and the project's environment is {system}; change one of the two",
            confidence="low",
            related=where,
        )


@check("cache-without-effect")
def cache_without_effect(buildspec: Buildspec, context: Context) -> Iterator[Finding]:
    """Paths or keys of a cache that no project that runs the buildspec has."""
    cache = buildspec.cache
    if cache is None or not cache.paths:
        return
    projects = running(buildspec, context)
    if _all(projects, _on_lambda):
        yield Finding(
            buildspec.key_span("cache"),
            "Lambda compute has no cache, so nothing is kept; remove this",
            related=_place(context, projects, _environment, "Lambda compute"),
        )
    elif _all(projects, lambda project: project.caches is False):
        yield Finding(
            buildspec.key_span("cache"),
            "the build project has no cache, so nothing is kept; give it one in S3, or a local one with "
            "LOCAL_CUSTOM_CACHE",
            related=_place(context, projects, lambda project: project.cache, "the project"),
        )
    elif _all(projects, _without_custom):
        yield Finding(
            cache.key_span("paths"),
            "the project's local cache does not keep paths of the buildspec; add LOCAL_CUSTOM_CACHE to its modes",
            related=_place(context, projects, lambda project: project.cache, "the cache"),
        )
    elif cache.key is not None and _all(projects, _caches_locally):
        yield Finding(
            cache.key_span("key"),
            "keys work with a cache in S3 only, and the project's is local; remove `key`, or change the cache's type",
            related=_place(context, projects, lambda project: project.cache, "the cache"),
        )


def _caches_locally(project: BuildProject) -> bool:
    return project.cache is not None and project.cache.value == "LOCAL"


def _without_custom(project: BuildProject) -> bool:
    return _caches_locally(project) and bool(project.modes) and "LOCAL_CUSTOM_CACHE" not in (project.modes or ())


@check("artifacts-not-taken")
def artifacts_not_taken(buildspec: Buildspec, context: Context) -> Iterator[Finding]:
    """Artifacts, or names of artifacts, that the projects do not take."""
    artifacts = buildspec.artifacts
    if artifacts is None:
        return
    projects = running(buildspec, context)
    where = _place(context, projects, lambda project: project.artifacts, "the artifacts") if projects else ()
    if _all(projects, lambda project: project.artifacts is not None and project.artifacts.value == "NO_ARTIFACTS"):
        if all(project.secondary == () for project in projects):
            yield Finding(
                buildspec.key_span("artifacts"),
                "the project's type of artifacts is `NO_ARTIFACTS`, so nothing is uploaded; change it, or remove these",
                related=where,
            )
        return
    if artifacts.get("name") is not None and _all(projects, _keeps_its_name):
        yield Finding(
            artifacts.key_span("name"),
            "the project keeps its own name for the artifact, so this one is not used; set `overrideArtifactName`, or "
            "remove it",
            related=where,
        )


def _keeps_its_name(project: BuildProject) -> bool:
    return project.renames is False and project.artifacts is not None and project.artifacts.value == "S3"


@check("secondary-artifact-unknown")
def secondary_artifact_unknown(buildspec: Buildspec, context: Context) -> Iterator[Finding]:
    """Secondary artifacts by other identifiers than the project's."""
    table = buildspec.artifacts.secondary if buildspec.artifacts else None
    if table is None or not table.entries:
        return
    projects = running(buildspec, context)
    if not _all(projects, _takes_itself):
        return
    known_ids = sorted({name for project in projects for name in project.secondary or ()})
    for entry in table.entries:
        if entry.name not in known_ids and "$" not in entry.name:
            near = nearest(entry.name, known_ids)
            advice = f"did you mean `{near}`?" if near else f"the project has {listed(known_ids) or 'none'}"
            yield Finding(
                entry.key.span,
                f"no secondary artifact of the project has the identifier `{entry.name}`, so it stays behind; {advice}",
                related=_place(context, projects, lambda project: project.artifacts, "the project's artifacts"),
            )


def _takes_itself(project: BuildProject) -> bool:
    """Whether the project, not a pipeline, says which artifacts there are."""
    source = project.artifacts
    return source is not None and source.value != "CODEPIPELINE" and project.secondary is not None


@check("batch-not-set-up")
def batch_not_set_up(buildspec: Buildspec, context: Context) -> Iterator[Finding]:
    """A batch in a project that cannot start one."""
    if buildspec.batch is None:
        return
    projects = running(buildspec, context)
    if _all(projects, lambda project: project.batches is False):
        yield Finding(
            buildspec.key_span("batch"),
            "the build project has no batch configuration, so no batch can be started; add `BuildBatchConfig` with a "
            "service role",
            related=_place(context, projects, lambda project: None, "the project"),
        )
