"""The Dockerfiles that a build's commands name, and what their images carry.

The checks are in `secrets` and `supply`, which import this where a build has a `docker build`; a finding stands there,
since a Dockerfile has no rules of its own.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from typing import Final

from cilint.catalog.secrets import credential, secret_by_name
from cilint.checks.commands.places import beside, located
from cilint.core.context import Context
from cilint.core.finding import Finding
from cilint.model.buildspec import Buildspec, Step
from cilint.model.dockerfile import Instruction, Stage, shipped, stages
from cilint.shell.words import Word
from cilint.source.record import NamedTuple

_WITH_VALUE: Final = frozenset(
    (
        *("--add-host", "--allow", "--annotation", "--attest", "--build-arg", "--build-context", "--builder"),
        *("--cache-from", "--cache-to", "--cgroup-parent", "--cpuset-cpus", "-f", "--file", "--iidfile", "--isolation"),
        *("--label", "-m", "--memory", "--metadata-file", "--network", "-o", "--output", "--platform", "--progress"),
        *("--provenance", "--sbom", "--secret", "--shm-size", "--ssh", "-t", "--tag", "--target", "--ulimit"),
    )
)

# Files that hold credentials -> what stands in one that does.
_HOLDERS: Final[dict[str, tuple[str, ...]]] = {
    ".env": ("PASSWORD=", "SECRET=", "SECRET_KEY=", "TOKEN=", "API_KEY="),
    ".npmrc": ("_authToken=", "_auth=", "_password="),
    ".yarnrc.yml": ("npmAuthToken:", "npmAuthIdent:"),
    ".netrc": ("password",),
    ".pypirc": ("password",),
    "pip.conf": ("@",),
    ".git-credentials": ("@",),
    "credentials": ("aws_secret_access_key",),
    "settings.xml": ("<password>",),
    "config.json": ('"auth"', '"identitytoken"'),
    "id_rsa": ("PRIVATE KEY-----",),
    "id_ed25519": ("PRIVATE KEY-----",),
}


class Built(NamedTuple):
    """A `docker build` and its Dockerfile: the file's path from the source directory, its stages, the wanted one."""

    step: Step
    path: str
    stages: list[Stage]
    target: str


def built(buildspec: Buildspec, context: Context) -> Iterator[Built]:
    """The images that the commands build from a Dockerfile that is there."""
    for step, here in located(buildspec):
        simple = step.simple
        is_build = simple.matches("docker|podman|buildah", "build|bud") or simple.matches("docker", "buildx", "build")
        if not is_build or here is None:
            continue
        path = _dockerfile(step, here)
        data = _read(context, path) if path is not None else None
        if path is not None and data is not None:
            target = simple.option("--target")
            wanted = target.text or "" if isinstance(target, Word) else ""
            yield Built(step, path, stages(data.decode("utf-8", "replace")), wanted)


def _dockerfile(step: Step, here: str) -> str | None:
    """The path of the Dockerfile that the command names, or means."""
    simple = step.simple
    if any(each.operator == "<" or each.heredoc is not None for each in simple.redirects):
        return None
    named = simple.option("-f", "--file")
    if isinstance(named, Word):
        return posixpath.normpath(posixpath.join(here, named.text)) if named.text and named.text != "-" else None
    operands: list[Word] = []
    words = iter(simple.args)
    for word in words:
        if word.raw in _WITH_VALUE:
            next(words, None)
        elif not word.raw.startswith("-") and word.text not in ("build", "buildx", "bud", "image"):
            operands.append(word)
    root = operands[-1].text if len(operands) == 1 else None
    return posixpath.normpath(posixpath.join(here, root, "Dockerfile")) if root else None


def _read(context: Context, path: str) -> bytes | None:
    found = beside(context, path)
    return context.tree.read(found) if found is not None else None


def left_in_images(buildspec: Buildspec, context: Context) -> Iterator[Finding]:
    """The secrets that the Dockerfiles leave in the images which they make."""
    for each in built(buildspec, context):
        arguments = {
            name
            for stage in each.stages
            for instruction in stage.instructions
            if instruction.name == "ARG"
            for name, _ in instruction.pairs()
        }
        for stage in shipped(each.stages, each.target):
            for instruction in stage.instructions:
                said = _leaves(instruction, arguments) or _copied(instruction, each, buildspec, context)
                if said:
                    yield Finding(
                        each.step.span,
                        f"line {instruction.line} of {each.path}: {said}",
                        severity="error" if said.startswith("this holds") else None,
                    )


def _leaves(instruction: Instruction, arguments: set[str]) -> str:
    """What an `ENV` or `ARG` leaves in the image; empty where it is no secret."""
    if instruction.name not in ("ENV", "ARG"):
        return ""
    what = credential(instruction.value)
    if what:
        return f"this holds {what} in plain text; revoke it, and mount a secret (`RUN --mount=type=secret`) instead"
    for name, value in instruction.pairs():
        if value is None or not secret_by_name(name, "of the build" if value.startswith("$") else value):
            continue
        if not value.startswith("$"):
            return f"`{name}` looks like a secret in plain text, which whoever can pull the image reads; mount a secret"
        if instruction.name == "ENV" and value.strip("${}") in arguments:
            return (
                f"`ENV {name}` keeps the build argument in the image, where whoever can pull it reads it; mount a "
                "secret (`RUN --mount=type=secret`) instead"
            )
    return ""


def _copied(instruction: Instruction, each: Built, buildspec: Buildspec, context: Context) -> str:
    """What a `COPY` or `ADD` of a file with credentials leaves in the image."""
    if instruction.name not in ("COPY", "ADD"):
        return ""
    for source in instruction.sources():
        name = posixpath.basename(source)
        marks = _HOLDERS.get(name)
        if marks is None or (name == "config.json" and ".docker" not in source):
            continue
        path = posixpath.normpath(posixpath.join(posixpath.dirname(each.path), source))
        data = _read(context, path)
        held = data is not None and any(mark.encode() in data for mark in marks) and b"${" not in data
        if held or _written(buildspec, name, marks):
            return (
                f"`{name}` with its credentials stays in a layer of the image, even where a later line removes it; "
                "mount it (`RUN --mount=type=secret`) for the one command that needs it"
            )
    return ""


def _written(buildspec: Buildspec, name: str, marks: tuple[str, ...]) -> bool:
    """Whether a command writes the file, with credentials in it."""
    for step in buildspec.steps:
        for redirect in step.simple.redirects:
            target = redirect.target
            if target is None or redirect.operator not in (">", ">>"):
                continue
            if posixpath.basename(target.raw.strip("\"'")) == name:
                text = step.command.script[step.simple.start : step.simple.end]
                bodies = [each.heredoc.text for each in step.simple.redirects if each.heredoc]
                if any(mark in text or any(mark in body for body in bodies) for mark in marks):
                    return True
    return False
