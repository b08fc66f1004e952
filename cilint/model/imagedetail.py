"""imageDetail.json: the image for a blue/green deployment to ECS, written by hand or by CodePipeline's ECR source
(https://docs.aws.amazon.com/codepipeline/latest/userguide/file-reference.html).
"""

from __future__ import annotations

from typing import Final

from cilint.model.unit import Unit
from cilint.model.view import View, Word
from cilint.source.nodes import Document


class ImageDetail(View):
    """The whole file."""

    image = Word("ImageURI")


SUBJECTS: Final = {"ImageDetail": lambda view: (view,)}


def units(document: Document, path: str, fragment: bool) -> list[Unit]:
    """The file is one unit."""
    return [Unit("imagedetail", ImageDetail(root, document.text), fragment=fragment) for root in document.roots[:1]]
