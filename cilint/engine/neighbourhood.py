"""The files around a checked file, on disk: what a check may ask about them."""

from __future__ import annotations

import os
import stat
from functools import cached_property, lru_cache
from typing import Final

from cilint.core.context import Surroundings
from cilint.engine.discover import SUFFIXES
from cilint.engine.project import project_files

MAX_READ: Final = 1_000_000
MAX_FOUND: Final = 5


class DiskTree:
    """The neighbourhood of files in one directory. Paths are relative to it; nothing raises.

    An absolute path names a place on the machine that builds or deploys, not on this one: nothing is there.
    """

    def __init__(self, directory: str) -> None:
        self.directory = directory

    def exists(self, path: str) -> bool:
        return not os.path.isabs(path) and os.path.exists(os.path.join(self.directory, path))

    def read(self, path: str) -> bytes | None:
        full = os.path.join(self.directory, path)
        try:
            status = os.stat(full)
            if os.path.isabs(path) or not stat.S_ISREG(status.st_mode) or status.st_size > MAX_READ:
                return None
            with open(full, "rb") as file:
                return file.read()
        except (OSError, ValueError):  # ValueError: a path with a NUL
            return None

    def executable(self, path: str) -> bool:
        try:
            return os.name != "posix" or os.access(os.path.join(self.directory, path), os.X_OK)
        except ValueError:
            return False

    def find(self, name: str) -> tuple[str, ...]:
        found = project_files(self.directory).by_name.get(name, [])[:MAX_FOUND]
        here = os.path.realpath(self.directory)
        return tuple(os.path.relpath(path, here).replace(os.sep, "/") for path in found)

    def project(self) -> Surroundings:
        return self._project

    @cached_property
    def _project(self) -> Surroundings:
        files = project_files(self.directory)
        here = os.path.relpath(os.path.realpath(self.directory), files.root)
        paths = _of_interest(files.root)
        return Surroundings(files.root, "" if here == "." else here, paths, files.complete, DiskTree(files.root).read)


@lru_cache(maxsize=64)
def _of_interest(root: str) -> tuple[str, ...]:
    """The project's files whose names could be ours, relative to its root."""
    below = len(root.rstrip(os.sep)) + 1
    return tuple(
        path[below:].replace(os.sep, "/")
        for name, found in project_files(root).by_name.items()
        if name.lower().endswith(SUFFIXES)
        for path in found
    )
