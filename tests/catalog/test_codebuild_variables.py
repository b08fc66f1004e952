"""Who decides what is in CodeBuild's variables, and which names are known."""

from __future__ import annotations

import pytest

from cilint.catalog.codebuild_variables import ARBITRARY, FIXED, STRUCTURED, is_known, who_decides


@pytest.mark.parametrize(
    ("name", "level"),
    [
        ("CODEBUILD_WEBHOOK_HEAD_REF", STRUCTURED),
        ("CODEBUILD_SOURCE_VERSION", STRUCTURED),
        ("CODEBUILD_SOURCE_VERSION_Tools", STRUCTURED),
        ("CODEBUILD_CURRENT_SHARD_FILES", ARBITRARY),
        ("CODEBUILD_RESOLVED_SOURCE_VERSION", FIXED),
        ("CODEBUILD_WEBHOOK_ACTOR_ACCOUNT_ID", FIXED),
        ("STAGE", FIXED),
    ],
)
def test_who_decides(name: str, level: str) -> None:
    assert who_decides(name) == level


@pytest.mark.parametrize(
    ("name", "known"),
    [
        ("CODEBUILD_SRC_DIR", True),
        ("CODEBUILD_SRC_DIR_Tools", True),
        ("CODEBUILD_CONFIG_AUTO_DISCOVER", True),
        ("CODEBUILD_COLOUR", False),
    ],
)
def test_known_names(name: str, known: bool) -> None:
    assert is_known(name) is known
