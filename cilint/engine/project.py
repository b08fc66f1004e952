"""The project around a file: where its root is and which files lie in it. Reads no file but the names of directories.

What is found is kept for the process: a run sees one picture of the project.
"""

from __future__ import annotations

import os
import time
from functools import lru_cache
from typing import Final

from cilint.engine import gitignore
from cilint.engine.discover import walk
from cilint.source.record import NamedTuple

MAX_FILES: Final = 20_000
MAX_SECONDS: Final = 2.0
CONFIGURATIONS: Final = ("cilint.toml", ".cilint.toml")


class ProjectFiles(NamedTuple):
    """The files of a project that git does not ignore.

    `by_name` holds, for each base name, the absolute paths in the order of the walk. `complete` is False when the
    project is too large to be seen whole: then a name that is missing here may exist.
    """

    root: str
    by_name: dict[str, list[str]]
    complete: bool


def project_root(directory: str) -> str:
    """The root of the project that an absolute directory lies in: the nearest repository upwards, else the nearest
    directory with a configuration of cilint, else the directory itself."""
    found = gitignore.repository(directory)
    if found is not None:
        return found
    folder = directory
    while not any(os.path.isfile(os.path.join(folder, name)) for name in CONFIGURATIONS):
        above = os.path.dirname(folder)
        if above == folder:
            return directory
        folder = above
    return folder


def project_files(directory: str) -> ProjectFiles:
    """The files of the project that `directory` lies in, at most MAX_FILES of them and for MAX_SECONDS."""
    return _listed(project_root(os.path.realpath(directory)))


@lru_cache(maxsize=64)
def _listed(root: str) -> ProjectFiles:
    by_name: dict[str, list[str]] = {}
    end = time.monotonic() + MAX_SECONDS
    for number, found in enumerate(walk(root, lambda name: True)):
        if number >= MAX_FILES or time.monotonic() > end:
            return ProjectFiles(root, by_name, False)
        if isinstance(found, str):
            by_name.setdefault(os.path.basename(found), []).append(found)
    return ProjectFiles(root, by_name, True)
