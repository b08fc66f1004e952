"""imagedefinitions.json: which image each container of an ECS service gets, read by CodePipeline's ECS action
(https://docs.aws.amazon.com/codepipeline/latest/userguide/file-reference.html).
"""

from __future__ import annotations

from functools import cached_property
from typing import Final

from cilint.model.unit import Unit
from cilint.model.view import View, Word
from cilint.source.nodes import Document, Mapping, Sequence


class ImageDefinition(View):
    """One item: a container and its image."""

    name = Word("name")
    image = Word("imageUri")


class ImageDefinitions(View):
    """The whole file."""

    @cached_property
    def items(self) -> tuple[ImageDefinition, ...]:
        found = self.node.items if isinstance(self.node, Sequence) else ()
        return tuple(ImageDefinition(item, self.text) for item in found if isinstance(item, Mapping))


SUBJECTS: Final = {
    "ImageDefinitions": lambda view: (view,),
    "ImageDefinition": lambda view: view.items,
}


def units(document: Document, path: str, fragment: bool) -> list[Unit]:
    """The file is one unit."""
    roots = document.roots[:1]
    return [Unit("imagedefinitions", ImageDefinitions(root, document.text), fragment=fragment) for root in roots]
