"""Every value of every real file has an exact source map. The corpus is not part of the project."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from cilint.source.comments import comments
from cilint.source.edits import apply
from cilint.source.maps import ATOMIC, LINEAR, scalar_map
from cilint.source.nodes import Scalar, walk
from cilint.source.read import read
from cilint.source.text import decode

CORPUS = Path(os.environ.get("CILINT_CORPUS") or Path(__file__).parents[3] / "shared" / "corpus")
SUFFIXES = (".yml", ".yaml", ".json", ".template")

pytestmark = pytest.mark.skipif(not CORPUS.is_dir(), reason="no corpus: set CILINT_CORPUS to a folder of real files")


@pytest.fixture(scope="module")
def files() -> list[Path]:
    return sorted(path for path in CORPUS.rglob("*") if path.suffix in SUFFIXES and path.is_file())


def test_every_scalar_is_followed_to_its_characters(files: list[Path]) -> None:
    followed = 0
    for path in files:
        text = decode(path.read_bytes())
        for root in read(text, path.name).roots:
            for node in walk(root):
                if isinstance(node, Scalar) and not node.is_alias:
                    followed += 1
                    for segment in scalar_map(text, node).segments:
                        inner = node.value[segment.start : segment.end]
                        if segment.kind == LINEAR:
                            assert text.content[segment.low : segment.high] == inner, (path, node)
                        else:
                            assert (segment.kind, len(inner)) == (ATOMIC, 1), (path, node)
    assert followed > len(files)


def test_comments_are_outside_of_all_scalars_and_files_encode_back(files: list[Path]) -> None:
    for path in files:
        data = path.read_bytes()
        text = decode(data)
        assert apply(text, []) == data
        for comment in comments(text, read(text, path.name)):
            assert text.content[comment.span.start] in "#/", path
