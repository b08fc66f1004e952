"""Which files a run looks at: the named ones, and below named directories what could be ours and git does not ignore.

Only names are looked at here; what a file is, its content tells.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Final, NamedTuple

SUFFIXES: Final = (".yml", ".yaml", ".json", ".template")
TERRAFORM: Final = (".tf", ".tf.json")
SKIPPED: Final = frozenset(
    [".git", ".hg", ".svn", "node_modules", "bower_components", "vendor", "third_party", ".venv", "venv", ".tox"]
    + ["__pycache__", ".mypy_cache", ".pytest_cache", ".ruff_cache", ".terraform", "site-packages", "cdk.out"]
)


class Candidate(NamedTuple):
    """A file to look at. `named` when the user named this very file."""

    path: str
    named: bool


def discover(paths: tuple[str, ...]) -> Iterator[Candidate]:
    """The files to look at, each once, in a stable order. A path that does not exist is left to the caller's check."""
    seen: set[str] = set()
    for path in paths:
        found = _walk(path) if os.path.isdir(path) else [Candidate(path, True)]
        for candidate in found:
            key = os.path.normpath(candidate.path)
            if key not in seen:
                seen.add(key)
                yield candidate


def _walk(top: str) -> Iterator[Candidate]:
    folders = [top]
    while folders:
        folder = folders.pop()
        try:
            with os.scandir(folder) as entries:
                listed = sorted(entries, key=lambda entry: entry.name)
        except OSError:
            continue
        below: list[str] = []
        for entry in listed:
            if entry.name.lower().endswith(SUFFIXES + TERRAFORM) and entry.is_file():
                yield Candidate(os.path.join(folder, entry.name) if folder != "." else entry.name, False)
            elif entry.name not in SKIPPED and entry.is_dir(follow_symlinks=False):
                below.append(os.path.join(folder, entry.name) if folder != "." else entry.name)
        folders.extend(reversed(below))
