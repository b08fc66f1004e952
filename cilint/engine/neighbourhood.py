"""The files around a checked file, on disk: what a check may ask about them. Answers are kept for the run."""

from __future__ import annotations

import os
from functools import lru_cache

MAX_READ = 1_000_000


class DiskTree:
    """The neighbourhood of files in one directory. Paths are relative to it; nothing raises."""

    def __init__(self, directory: str) -> None:
        self.directory = directory

    def exists(self, path: str) -> bool:
        return os.path.exists(os.path.join(self.directory, path))

    def read(self, path: str) -> bytes | None:
        full = os.path.join(self.directory, path)
        try:
            if os.path.getsize(full) > MAX_READ:
                return None
            with open(full, "rb") as file:
                return file.read()
        except OSError:
            return None

    def executable(self, path: str) -> bool:
        return os.name != "posix" or os.access(os.path.join(self.directory, path), os.X_OK)

    def find(self, name: str) -> tuple[str, ...]:
        return _find(self.directory, name)


@lru_cache(maxsize=1024)
def _find(directory: str, name: str, limit: int = 5) -> tuple[str, ...]:
    found: list[str] = []
    for folder, folders, names in os.walk(directory):
        folders[:] = sorted(each for each in folders if not each.startswith(".") and each != "node_modules")
        if name in names:
            found.append(os.path.relpath(os.path.join(folder, name), directory).replace(os.sep, "/"))
            if len(found) == limit:
                break
    return tuple(found)
