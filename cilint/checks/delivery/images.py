"""Checks of images on their way from a pipeline into the task definition that it deploys."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from cilint.core.context import Context, Surroundings
from cilint.core.finding import Finding
from cilint.core.nearest import listed
from cilint.core.rule import check
from cilint.core.schema import shown
from cilint.model.intrinsics import is_known
from cilint.model.pipeline import Action
from cilint.source.pattern import lazy
from cilint.source.text import decode

DEFAULT_PATH: Final = "taskdef.json"
_NAMES: Final = tuple(f"Image{number}ContainerName" for number in range(1, 5))
_IMAGE: Final = lazy(r"\"image\"\s*:\s*\"<([A-Za-z0-9_-]+)>\"")


@check("image-placeholder-missing")
def image_placeholder_missing(action: Action, context: Context) -> Iterator[Finding]:
    """A blue/green action for ECS whose name for the image is no placeholder of the task definition."""
    path = action.setting("TaskDefinitionTemplatePath") or DEFAULT_PATH
    if action.provider != "CodeDeployToECS" or context.embedded or not is_known(path):
        return
    found = _placeholders(context.tree.project(), path)
    for key in _NAMES:
        node, name = action.configuration.get(key), action.setting(key)
        if node is not None and name and is_known(name) and found and re.sub("[<>]", "", name) not in found:
            yield Finding(
                node.span,
                f"{path} has no `<{shown(name)}>`; it has {listed([f'<{each}>' for each in found])}. The action writes "
                "the image where this name stands in angle brackets; give both the same name",
            )


def _placeholders(around: Surroundings, path: str) -> tuple[str, ...]:
    """The placeholders for images in the project's one task definition of that path; none where there are several."""
    paths = [each for each in around.paths if each == path or each.endswith(f"/{path}")]
    data = around.read(paths[0]) if len(paths) == 1 and around.complete else None
    return tuple(dict.fromkeys(_IMAGE.findall(decode(data).content))) if data is not None else ()
