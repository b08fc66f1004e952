"""The deployment configurations that CodeDeploy brings along, by compute platform.

The names and their age stand in `data/codedeploy-configurations.json`; what a group may do with one is a check's
business.
"""

from __future__ import annotations

import json
from functools import cache
from typing import Any, Final

from cilint.catalog import data_files

PREFIX: Final = "CodeDeployDefault."
"""What the names of CodeDeploy's own configurations begin with, and those of nobody else."""

PLATFORMS: Final = ("Server", "ECS", "Lambda")


def predefined(platform: str) -> tuple[str, ...]:
    """The full names of a platform's own configurations."""
    return tuple(PREFIX + name for name in _data()[platform])


def every() -> tuple[str, ...]:
    """The full names for all platforms."""
    return tuple(name for platform in PLATFORMS for name in predefined(platform))


def platform_of(name: str) -> str | None:
    """The platform that a predefined name is for, None where there is no such name."""
    return next((platform for platform in PLATFORMS if name in predefined(platform)), None)


def date() -> str:
    """When the names were read (year and month)."""
    return str(_data()["date"])


@cache
def _data() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(data_files.read("codedeploy-configurations.json"))
    return found
