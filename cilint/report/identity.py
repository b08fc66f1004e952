"""What formats for other machines share: where a file lies in its repository, and what names a finding over time."""

from __future__ import annotations

import os
from hashlib import blake2b

from cilint.engine.result import Diagnostic
from cilint.report import repository


class Identities:
    """Paths from the repository's root and names of findings, for one report. `directory` is where paths start."""

    def __init__(self, directory: str) -> None:
        self.directory = directory
        self.root = repository.root(directory)
        self._seen: dict[str, int] = {}

    def path(self, path: str) -> str:
        """The path from the repository's root with forward slashes; of a file elsewhere, as the run was given it."""
        found = repository.relative(os.path.join(self.directory, path), self.root)
        return path.replace(os.sep, "/") if found is None else found

    def name(self, each: Diagnostic, path: str) -> str:
        """A name made of rule, `path` and keys, and which of its kind it is: edits elsewhere do not change it."""
        identity = blake2b(f"{each.rule}\0{path}\0{each.keys}".encode(), digest_size=16).hexdigest()
        self._seen[identity] = self._seen.get(identity, 0) + 1
        return f"{identity}:{self._seen[identity]}"
