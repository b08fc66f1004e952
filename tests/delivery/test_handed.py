"""What a build hands on, told from the patterns of its artifacts: a file is missing only where none lets it through."""

from __future__ import annotations

import pytest

from cilint.delivery.handed import Files


@pytest.mark.parametrize(
    ("patterns", "flat", "path", "may"),
    [
        (["imagedefinitions.json"], False, "imagedefinitions.json", True),
        (["images.json"], False, "imagedefinitions.json", False),
        (["**/*"], False, "deploy/appspec.yml", True),
        (["deploy/**/*"], False, "appspec.yml", False),
        (["deploy/**/*"], True, "appspec.yml", True),
        (["*.json"], False, "appspec.yml", False),
        (["*.y?l"], False, "appspec.yml", True),
        (["deploy"], False, "deploy/appspec.yml", True),  # a directory: whether it counts is another rule's
        (["out/template.yml"], False, "template.yml", False),
        (["out/template.yml"], True, "template.yml", True),
        (["/tmp/template.yml"], False, "template.yml", True),
        (["$OUTPUT"], False, "template.yml", True),
        ([], False, "template.yml", False),
    ],
)
def test_a_file_may_be_among_the_artifacts(patterns: list[str], flat: bool, path: str, may: bool) -> None:
    assert Files(tuple(patterns), flat).may_hold(path) == may
