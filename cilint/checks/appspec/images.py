"""Checks of what ECS deployments take beside the appspec: task definitions, imagedefinitions.json, imageDetail.json.

What an appspec and a task definition say of each other is looked at in `traffic`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from cilint.catalog.secrets import credential, secret_by_name
from cilint.core.context import Context, Tree
from cilint.core.finding import Finding, Related
from cilint.core.nearest import listed
from cilint.core.rule import check
from cilint.core.schema import shown
from cilint.model.agent import placeholder
from cilint.model.imagedefinitions import ImageDefinition, ImageDefinitions
from cilint.model.imagedetail import ImageDetail
from cilint.model.taskdef import Container, TaskDefinition
from cilint.source.nodes import Scalar
from cilint.source.pattern import lazy
from cilint.source.read import read
from cilint.source.text import Span, decode

_DIGEST: Final = lazy(r"@sha256:[0-9a-f]{64}\Z")
_TAG: Final = lazy(r":([\w.-]{1,128})\Z", re.ASCII)
_STAND_IN: Final = lazy(r"placeholder|filled|replace|change.?me|\byour|\btodo\b|\bx{3,}\b|[\[\]]", re.IGNORECASE)
_RENDERED: Final = frozenset((".aws", ".github"))  # folders of workflows, which write the image before they register
_PUT_IN: Final = lazy(rb"<\w+>")
_SECRETS: Final = "keep the new one in Secrets Manager or Parameter Store and name it under `secrets` with `valueFrom`"

TASKDEF: Final = "taskdef.json"
APPSPECS: Final = ("appspec.yaml", "appspec.yml", "appspec.json")
MAX_IMAGE_DEFINITIONS: Final = 100 * 1024
"""Bytes of imagedefinitions.json that the ECS action reads (CodePipeline user guide, quotas)."""

FARGATE_MEMORY: Final = {
    256: (512, 1024, 2048),
    512: tuple(range(1024, 4097, 1024)),
    1024: tuple(range(2048, 8193, 1024)),
    2048: tuple(range(4096, 16385, 1024)),
    4096: tuple(range(8192, 30721, 1024)),
    8192: tuple(range(16384, 61441, 4096)),
    16384: tuple(range(32768, 122881, 8192)),
}
"""Memory in MiB that Fargate has for each number of CPU units (ECS developer guide, task size, 2026-11)."""


def _moving_tag(image: str) -> str | None:
    """Why an image may be another one tomorrow (`the tag latest`, `no tag`), or None."""
    if "@" in image or placeholder(image) or not image.strip() or _STAND_IN.search(image):
        return None
    tag = _TAG.search(image)
    if tag is None:
        return "no tag, which means latest"
    return "the tag latest" if tag[1] == "latest" else None


def _middle_cut(image: str, limit: int = 60) -> str:
    """An image for a message; of a long one the registry's end and the name's begin are left out, its tag stays."""
    line = shown(image, 1000)
    return line if len(line) <= limit else f"{line[: limit // 3]}…{line[len(line) - limit * 2 // 3 + 1 :]}"


def _moving(node: Scalar | None) -> Iterator[Finding]:
    why = _moving_tag(node.value) if node else None
    if node and why:
        yield Finding(
            node.span,
            f"`{_middle_cut(node.value)}` has {why}: what runs is what `latest` means when a deployment starts, and "
            "nobody can tell later which image that was; name a tag of its own, or the digest",
        )


@check("container-image-latest")
def container_image_latest(container: Container, context: Context) -> Iterator[Finding]:
    """A container whose image is `latest`."""
    rendered = not _RENDERED.isdisjoint(context.path.replace("\\", "/").split("/")[:-1])
    for finding in _moving(container.image):
        yield finding._replace(severity="note", confidence="medium") if rendered else finding


@check("image-definition-latest")
def image_definition_latest(definition: ImageDefinition, context: Context) -> Iterator[Finding]:
    """An item of imagedefinitions.json whose image is `latest`, of a file that no build of the project writes."""
    found = list(_moving(definition.image))
    return iter(()) if found and _build_writes("imagedefinitions.json", context.tree) else iter(found)


@check("image-detail-latest")
def image_detail_latest(detail: ImageDetail, context: Context) -> Iterator[Finding]:
    """An imageDetail.json whose image is `latest`, of a file that no build writes and a task definition asks for."""
    found = list(_moving(detail.image))
    if found and (_build_writes("imageDetail.json", context.tree) or not _may_be_put_in(context.tree)):
        return iter(())
    return iter(found)


def _build_writes(name: str, tree: Tree) -> bool:
    """Whether a buildspec of the project writes the file: by `>`, `tee`, or as what is copied or moved to."""
    project = tree.project()
    files = [project.read(path) for path in project.paths if "buildspec" in path.rsplit("/", 1)[-1].lower()]
    path = rb"[\"']?[\w./${}-]*\b" + re.escape(name.encode())
    ends = rb"[\"']*[ \t]*(?:[;&|\r\n]|\Z)"
    form = re.compile(
        rb">[ \t]*" + path + rb"|\btee\b[^\n;&|]*[ \t]" + path + rb"|\b(?:cp|mv)\b[^\n;&|]*[ \t]" + path + ends
    )
    return any(data and form.search(data) for data in files)


def _may_be_put_in(tree: Tree) -> bool:
    """Whether a task definition of the project has a placeholder that CodePipeline replaces, or none can be seen."""
    project = tree.project()
    found = [project.read(path) for path in project.paths if path.rsplit("/", 1)[-1] == TASKDEF]
    return not found or any(data is None or _PUT_IN.search(data) for data in found)


@check("container-image-not-pinned")
def container_image_not_pinned(container: Container) -> Iterator[Finding]:
    """A container whose image is named by a tag and not by its digest."""
    image = container.image
    if image is None or not image.value.strip() or placeholder(image.value):
        return
    if not _DIGEST.search(image.value) and _moving_tag(image.value) is None:
        yield Finding(
            image.span,
            f"`{shown(image.value)}` is named by a tag, which can be moved to another image; name the digest "
            "(`@sha256:...`), or make the repository's tags immutable",
        )


@check("container-plaintext-secret")
def container_plaintext_secret(container: Container) -> Iterator[Finding]:
    """A variable of a container whose value is a credential, or whose name says that it is one."""
    for variable in container.environment:
        if variable.name is None or variable.value is None or variable.value.is_null:
            continue
        name, value = variable.name.value, variable.value
        if what := credential(value.value):
            undo = "change the password" if what == "a password in a URL" else "revoke it"
            message = f"`{shown(name)}` holds {what} in plain text; {undo}, then {_SECRETS}"
            yield Finding(value.span, message, severity="error", secret=True)
        elif not placeholder(value.value) and secret_by_name(name, value.value):
            yield Finding(
                value.span,
                f"`{shown(name)}` looks like a secret in plain text, readable in the repository and by whoever may "
                f"describe the task definition; replace it, then {_SECRETS}",
                secret=True,
            )


@check("container-without-logs")
def container_without_logs(container: Container) -> Iterator[Finding]:
    """A container whose output is kept nowhere."""
    if container.log_configuration is None and container.name is not None:
        yield Finding(
            container.key_span("name"),
            f"`{shown(container.name.value)}` has no `logConfiguration`, so its output is gone when the task stops, "
            "the reason of a failed deployment included; add one, for example with the driver `awslogs`",
        )


@check("fargate-size")
def fargate_size(task: TaskDefinition) -> Iterator[Finding]:
    """A number of CPU units and an amount of memory that Fargate does not have together."""
    cpu, memory = task.cpu, task.memory
    if not task.on_fargate or cpu is None or memory is None:
        return
    units, size = _number(cpu.value, "vcpu", 1024), _number(memory.value, "gb", 1024)
    if units is None or size is None or units not in FARGATE_MEMORY or size in FARGATE_MEMORY[units]:
        return
    fitting = FARGATE_MEMORY[units]
    step = f" in steps of {fitting[1] - fitting[0]}" if units > 256 else ""
    yield Finding(
        memory.span,
        f'Fargate has no size with {units} CPU units and {size} MiB: "No Fargate configuration exists for given '
        f'values"; with {units} units it has {fitting[0]} to {fitting[-1]} MiB{step}',
    )


def _number(text: str, unit: str, factor: int) -> int | None:
    plain = text.strip().lower()
    if plain.isdigit():
        return int(plain)
    number = plain.removesuffix(unit).strip()
    try:
        return round(float(number) * factor) if plain.endswith(unit) else None
    except ValueError:
        return None


@check("fargate-network-mode")
def fargate_network_mode(task: TaskDefinition) -> Iterator[Finding]:
    """A task for Fargate whose network mode is not awsvpc."""
    mode = task.network_mode
    known = mode is not None and not mode.is_null
    if not task.on_fargate or (mode is not None and known and (mode.value == "awsvpc" or placeholder(mode.value))):
        return
    said = f"not `{shown(mode.value)}`" if mode is not None and known else "and without `networkMode` it is `bridge`"
    yield Finding(
        mode.span if mode is not None and known else task.key_span("requiresCompatibilities"),
        f'on Fargate the network mode is `awsvpc`, {said}; write `"networkMode": "awsvpc"`',
    )


@check("container-twice")
def container_twice(definitions: ImageDefinitions) -> Iterator[Finding]:
    """A container that imagedefinitions.json names twice."""
    seen: dict[str, Scalar] = {}
    for item in definitions.items:
        if item.name is None:
            continue
        first = seen.setdefault(item.name.value, item.name)
        if first is not item.name:
            yield Finding(
                item.name.span,
                f"the container `{shown(item.name.value)}` is named twice, with one image each; remove one",
                related=(Related(first.span, "the first is here"),),
            )


@check("imagedefinitions-too-large")
def imagedefinitions_too_large(definitions: ImageDefinitions) -> Iterator[Finding]:
    """An imagedefinitions.json over the quota."""
    size = len(definitions.text.content.encode())
    if size > MAX_IMAGE_DEFINITIONS:
        yield Finding(
            Span(definitions.node.start, definitions.node.start + 1),
            f"the file has {size} bytes, and the ECS action reads {MAX_IMAGE_DEFINITIONS} at most (100 KB); leave out "
            "what is not a container of the service",
        )


@check("image-for-unknown-container")
def image_for_unknown_container(definition: ImageDefinition, context: Context) -> Iterator[Finding]:
    """An item of imagedefinitions.json for a container that the taskdef.json beside it lacks."""
    name = definition.name
    names = container_names(context.tree) if name is not None and not placeholder(name.value) else None
    if name is not None and names and name.value not in names:
        yield Finding(
            name.span,
            f"{TASKDEF} beside this file has no container `{shown(name.value)}`; it has {listed(names)}. The ECS "
            f'action ends with "The AWS ECS container {shown(name.value)} does not exist" if the service lacks it, too',
        )


def containers_beside(tree: Tree) -> tuple[Container, ...]:
    """The containers of the taskdef.json beside a file; none where there is no such file or it cannot be read."""
    data = tree.read(TASKDEF)
    document = read(decode(data), TASKDEF) if data is not None else None
    if document is None or document.root is None or document.problems:
        return ()
    return TaskDefinition(document.root, document.text).containers


def container_names(tree: Tree) -> list[str]:
    """Their names; none where one of them is missing or filled in later."""
    names = [each.name.value if each.name is not None else "" for each in containers_beside(tree)]
    return names if all(name and not placeholder(name) for name in names) else []


@check("image-not-replaced")
def image_not_replaced(task: TaskDefinition, context: Context) -> Iterator[Finding]:
    """A task definition for CodePipeline's blue/green action whose images it cannot replace."""
    name = context.path.replace("\\", "/").rsplit("/", 1)[-1]
    images = [each.image for each in task.containers if each.image is not None]
    open_ = any(placeholder(image.value) or _STAND_IN.search(image.value) for image in images)
    if name != TASKDEF or not images or open_:
        return
    appspecs = [context.tree.read(each) for each in APPSPECS]
    if any(data and b"<TASK_DEFINITION>" in data for data in appspecs) and not _is_rewritten(context.tree):
        yield Finding(
            images[0].span,
            "CodePipeline registers this file for the appspec beside it, and no image is a placeholder, so each "
            f"deployment brings `{shown(images[0].value)}` again; write `<IMAGE1_NAME>`, and that name as "
            "`Image1ContainerName` of the action",
        )


def _is_rewritten(tree: Tree) -> bool:
    """Whether the buildspec beside it speaks of the file, as one does that writes the image into it."""
    return any(b"taskdef" in (tree.read(each) or b"") for each in ("buildspec.yml", "buildspec.yaml"))
