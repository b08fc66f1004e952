"""What one file contributes to the picture of a project: plain data, each with the path of its file.

How facts are drawn from a file is `drawing`'s work, joining them `world`'s.
"""

from __future__ import annotations

from typing import TypeAlias

from cilint.source.record import NamedTuple


class BuildProject(NamedTuple):
    """A CodeBuild project. `names` are those that a pipeline may call it by: its logical id and its own name.

    `buildspec` is the path in its source, None where it is inline, in S3 or unknown. `caches` is None when unknown.
    """

    path: str
    names: tuple[str, ...]
    buildspec: str | None
    caches: bool | None


class BuildAction(NamedTuple):
    """An action that runs a CodeBuild project: what its configuration calls the project, and its output artifacts.

    `outputs` is None when not all of them can be read.
    """

    path: str
    project: str
    outputs: tuple[str, ...] | None


Fact: TypeAlias = BuildProject | BuildAction
