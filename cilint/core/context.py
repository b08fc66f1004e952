"""What a check may ask beyond its subject: the file's path, its neighbourhood, its rule's options."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any, Protocol

from cilint.source.record import NamedTuple


class Surroundings(NamedTuple):
    """The project around a file. `root` names it (empty: nothing can be seen), `here` is the file's directory in it.

    `paths` are the project's files that could be of interest, relative to its root; `complete` is False when there are
    more. `read` gives the bytes of one of them.
    """

    root: str
    here: str
    paths: tuple[str, ...]
    complete: bool
    read: Callable[[str], bytes | None]


class Tree(Protocol):
    """Questions about the files around the checked one. Paths are relative to its directory, with forward slashes."""

    def exists(self, path: str) -> bool:
        """Whether a file or directory lies at `path`."""
        ...

    def read(self, path: str) -> bytes | None:
        """The bytes of a file, or None when it cannot be read or is larger than the reader's limit."""
        ...

    def executable(self, path: str) -> bool:
        """Whether the file at `path` has an executable bit; True where the platform has none."""
        ...

    def find(self, name: str) -> tuple[str, ...]:
        """Paths of files with that base name below the project's root, at most a few."""
        ...

    def project(self) -> Surroundings:
        """The project that the directory lies in."""
        ...


class EmptyTree:
    """A neighbourhood that holds nothing: standard input, examples of a page."""

    def exists(self, path: str) -> bool:
        return False

    def read(self, path: str) -> bytes | None:
        return None

    def executable(self, path: str) -> bool:
        return True

    def find(self, name: str) -> tuple[str, ...]:
        return ()

    def project(self) -> Surroundings:
        return Surroundings("", "", (), False, lambda path: None)


def named(patterns: Iterable[str], text: str) -> bool:
    """Whether a name is one of the user's own, whatever its case; a star in a pattern stands for any text."""
    return any(
        re.fullmatch(re.escape(pattern).replace(r"\*", ".*"), text, re.IGNORECASE | re.DOTALL) for pattern in patterns
    )


class Known(NamedTuple):
    """Names of the user's own that cilint cannot know, from the configuration's `known`; a star stands for any text.

    `projects` are pairs of a CodeBuild project's name and the absolute path of the buildspec that it uses.
    """

    images: tuple[str, ...] = ()
    actions: tuple[str, ...] = ()
    providers: tuple[str, ...] = ()
    production: tuple[str, ...] = ()
    accounts: tuple[str, ...] = ()
    production_accounts: tuple[str, ...] = ()
    projects: tuple[tuple[str, str], ...] = ()


class Context(NamedTuple):
    """The surroundings of a check. `known` is False where the neighbourhood cannot be seen (standard input).

    `options` has every option of the rule's page, the default where nothing was asked for; `names` are the user's own.
    `embedded` tells that the subject is a text inside the file at `path`.
    """

    path: str
    tree: Tree
    options: dict[str, Any]
    known: bool = True
    names: Known = Known()
    embedded: bool = False
