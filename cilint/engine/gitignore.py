"""What git would ignore: the patterns of `.gitignore` files, `.git/info/exclude` and the user's default ignore file.

The index of git is not read: a tracked file that a pattern hides is met by git and not by a walk here, unless it is
named. Of git's configuration only the default place of `core.excludesFile` is known, and names compare by case.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Final

from cilint.source.record import NamedTuple

MAX_READ: Final = 1_000_000
_SPECIAL: Final = b"*?[\\"
_STAR: Final = b"[^/]*"
_MANY: Final = (b"(?:.*/)?", b".*")
_CLASSES: Final = {
    b"alnum": rb"0-9A-Za-z",
    b"alpha": rb"A-Za-z",
    b"blank": rb" \t",
    b"cntrl": rb"\x00-\x1f\x7f",
    b"digit": rb"0-9",
    b"graph": rb"!-~",
    b"lower": rb"a-z",
    b"print": rb" -~",
    b"punct": rb"!-/:-@\[-`{-~",
    b"space": rb" \t\n\v\f\r",
    b"upper": rb"A-Z",
    b"xdigit": rb"0-9A-Fa-f",
}


class Run(NamedTuple):
    """Patterns that follow each other and all ignore, or all re-include. A directory's name ends in a slash here."""

    negated: bool
    names: frozenset[bytes]
    endings: tuple[bytes, ...]
    name_glob: re.Pattern[bytes] | None
    paths: frozenset[bytes]
    path_glob: re.Pattern[bytes] | None

    def matches(self, name: bytes, prefix: bytes, is_dir: bool) -> bool:
        """Whether any pattern speaks of `name` in the directory `prefix` (empty, or ending in a slash)."""
        full = name + b"/" if is_dir else name
        if name in self.names or full in self.names or name.endswith(self.endings) or full.endswith(self.endings):
            return True
        if self.name_glob and self.name_glob.fullmatch(full):
            return True
        if self.paths and (prefix + name in self.paths or prefix + full in self.paths):
            return True
        return bool(self.path_glob and self.path_glob.fullmatch(prefix + full))


class Level(NamedTuple):
    """The runs of one ignore file, last line first, and where we are below its directory."""

    runs: tuple[Run, ...]
    prefix: bytes = b""


class Ignores(NamedTuple):
    """The ignore files in force in one directory, the one that decides last first."""

    levels: tuple[Level, ...] = ()

    def ignores(self, name: str, is_dir: bool) -> bool:
        """Whether the entry `name` of this directory is ignored."""
        if self.levels:
            encoded = os.fsencode(name)
            for runs, prefix in self.levels:
                for run in runs:
                    if run.matches(encoded, prefix, is_dir):
                        return not run.negated
        return False

    def below(self, name: str) -> Ignores:
        """What is in force in the sub-directory `name`, before its own ignore file is read."""
        if not self.levels:
            return self
        step = os.fsencode(name) + b"/"
        return Ignores(tuple(Level(runs, prefix + step) for runs, prefix in self.levels))

    def with_gitignore(self, folder: str) -> Ignores:
        """The same with the `.gitignore` of this directory, `folder`. Like git, this one follows no link."""
        path = os.path.join(folder, ".gitignore")
        return self if os.path.islink(path) else self.with_file(path)

    def with_file(self, path: str) -> Ignores:
        """The same with the patterns in the file at `path`, which speak of this directory."""
        runs = parse(_read(path))
        return Ignores((Level(runs), *self.levels)) if runs else self


def repository(folder: str) -> str | None:
    """The nearest directory from `folder` (absolute) upwards that holds a `.git` directory or file."""
    while not os.path.lexists(os.path.join(folder, ".git")):
        above = os.path.dirname(folder)
        if above == folder:
            return None
        folder = above
    return folder


def of_repository(root: str) -> Ignores:
    """What is in force in the root of a repository before its `.gitignore`: the user's file and `info/exclude`."""
    home = os.environ.get("XDG_CONFIG_HOME") or os.path.join(os.path.expanduser("~"), ".config")
    user = Ignores().with_file(os.path.join(home, "git", "ignore"))
    return user.with_file(os.path.join(_git_directory(root), "info", "exclude"))


def above(folder: str) -> Ignores | None:
    """What the directories above `folder` say of what lies in it; None when they ignore `folder` itself."""
    folder = os.path.realpath(folder)
    root = repository(folder)
    if root is None:
        return Ignores()
    ignores = of_repository(root)
    steps = [] if folder == root else os.path.relpath(folder, root).split(os.sep)
    for step in steps:
        ignores = ignores.with_gitignore(root)
        if ignores.ignores(step, True):
            return None
        ignores, root = ignores.below(step), os.path.join(root, step)
    return ignores


def _git_directory(root: str) -> str:
    """Where the repository keeps `info/`: `.git`, or what a `.git` file of a submodule or worktree points to."""
    directory = os.path.join(root, ".git")
    pointer = _read(directory)
    if pointer.startswith(b"gitdir:"):
        directory = os.path.join(root, os.fsdecode(pointer[len(b"gitdir:") :].strip()))
        common = _read(os.path.join(directory, "commondir")).strip()
        directory = os.path.join(directory, os.fsdecode(common)) if common else directory
    return directory


def _read(path: str) -> bytes:
    """The bytes of a small regular file; nothing for any other."""
    try:
        if not os.path.isfile(path):
            return b""
        with open(path, "rb") as file:
            return file.read(MAX_READ)
    except (OSError, ValueError):
        return b""


@lru_cache(maxsize=256)
def parse(data: bytes) -> tuple[Run, ...]:
    """The runs of an ignore file, last line first."""
    runs: list[_Builder] = []
    for line in data.removeprefix(b"\xef\xbb\xbf").split(b"\n"):
        if line.startswith(b"#"):
            continue
        pattern = _trimmed(line.removesuffix(b"\r"))
        negated = pattern.startswith(b"!")
        if not runs or runs[-1].negated != negated:
            runs.append(_Builder(negated))
        runs[-1].add(pattern[1:] if negated else pattern)
    return tuple(run for builder in reversed(runs) if (run := builder.run()) is not None)


def _trimmed(line: bytes) -> bytes:
    """The line without trailing blanks; a backslash keeps the first of them."""
    end = len(line.rstrip(b" "))
    backslashes = end - len(line[:end].rstrip(b"\\"))
    return line[: end + backslashes % 2]


class _Builder:
    """Collects the patterns of a run, the plain ones apart from those that need a regular expression."""

    __slots__ = ("endings", "name_globs", "names", "negated", "path_globs", "paths")

    def __init__(self, negated: bool) -> None:
        self.negated = negated
        self.names: set[bytes] = set()
        self.endings: list[bytes] = []
        self.name_globs: list[bytes] = []
        self.paths: set[bytes] = set()
        self.path_globs: list[bytes] = []

    def add(self, pattern: bytes) -> None:
        """Add a pattern that is trimmed and without its `!`."""
        end = b"/" if pattern.endswith(b"/") else b""
        pattern = pattern.removesuffix(b"/")
        if b"/" in pattern:
            pattern = pattern.removeprefix(b"/")
            self._add(pattern, end, self.paths, self.path_globs)
        elif pattern.startswith(b"*") and not _special(pattern[1:]) and len(pattern) > 1:
            self.endings.append(pattern[1:] + end)
        else:
            self._add(pattern, end, self.names, self.name_globs)

    def _add(self, pattern: bytes, end: bytes, plain: set[bytes], globs: list[bytes]) -> None:
        if not pattern:
            return
        if not _special(pattern):
            plain.add(pattern + end)
        elif (expression := translate(pattern)) is not None:
            globs.append(expression + b"(?<!/)" + (end or b"/?"))  # a star does not take the slash of a directory

    def run(self) -> Run | None:
        """The run, or None when none of its patterns can match anything."""
        if not (self.names or self.endings or self.name_globs or self.paths or self.path_globs):
            return None
        return Run(
            self.negated,
            frozenset(self.names),
            tuple(self.endings),
            _any(self.name_globs),
            frozenset(self.paths),
            _any(self.path_globs),
        )


def _any(expressions: list[bytes]) -> re.Pattern[bytes] | None:
    return re.compile(b"|".join(expressions), re.DOTALL) if expressions else None


def _special(pattern: bytes) -> bool:
    return any(byte in _SPECIAL for byte in pattern)


def translate(pattern: bytes) -> bytes | None:
    """The regular expression of a glob, on bytes as git has it, or None when the glob can match nothing."""
    pieces: list[bytes] = []
    star: int | None = None  # where in `pieces` the last star of this path component is
    try:
        for piece in _pieces(pattern):
            if piece == _STAR and star is not None:
                # What the earlier star took first it need not give back: a later star can take the difference.
                pieces[star:] = [b"(?>" + _STAR + b"?" + b"".join(pieces[star + 1 :]) + b")"]
            if piece == _STAR:
                star = len(pieces)
            elif piece == b"/" or piece in _MANY:
                star = None
            pieces.append(piece)
    except IndexError:  # a class without its end, a backslash with nothing behind it
        return None
    return b"".join(pieces)


def _pieces(pattern: bytes) -> Iterator[bytes]:
    """The regular expression of each part of a glob. Raises IndexError when the glob is malformed."""
    # git compares what stands before the first special character apart, so that a `**` behind it counts as leading
    start = next(at for at, byte in enumerate(pattern) if byte in _SPECIAL)
    yield re.escape(pattern[:start])
    at = start
    while at < len(pattern):
        char = pattern[at : at + 1]
        if char == b"*":
            stars = at
            while pattern[at : at + 1] == b"*":
                at += 1
            leading = stars == start or pattern[stars - 1 : stars] == b"/"
            if at - stars > 1 and leading and pattern[at : at + 1] == b"/":
                yield _MANY[0]
                at += 1
            elif at - stars > 1 and leading and pattern[at : at + 2] in (b"", b"\\/"):
                yield _MANY[1]
            else:
                yield _STAR
        elif char == b"[":
            expression, at = _class(pattern, at + 1)
            yield expression
        elif char == b"?":
            yield b"[^/]"
            at += 1
        else:
            at += char == b"\\"
            yield re.escape(bytes([pattern[at]]))
            at += 1


def _class(pattern: bytes, at: int) -> tuple[bytes, int]:
    """A character class from behind its `[` on, and where it ends. Raises IndexError when it does not end."""
    negated = pattern[at : at + 1] in (b"!", b"^")
    at += negated
    members: list[bytes] = []
    previous: int | None = None
    first = True
    while first or pattern[at] != 0x5D:
        first = False
        if pattern[at : at + 2] == b"[:" and (found := _named_class(pattern, at)) is not None:
            members.append(found[0])
            previous, at = None, found[1]
        elif pattern[at] == 0x2D and previous and pattern[at + 1] != 0x5D:
            at += 1 + (pattern[at + 1] == 0x5C)
            members.append(_range(previous, pattern[at]))
            previous, at = None, at + 1
        else:
            at += pattern[at] == 0x5C
            members.append(re.escape(bytes([pattern[at]])))
            previous, at = pattern[at], at + 1
    inside = b"".join(members)
    if negated:
        return b"[^/" + inside + b"]", at + 1
    return (b"(?!/)[" + inside + b"]" if inside else b"(?!)"), at + 1


def _named_class(pattern: bytes, at: int) -> tuple[bytes, int] | None:
    """`[:digit:]` at `at`; None when it is not closed by `:]`, which makes its `[` an ordinary member."""
    end = pattern.index(b"]", at + 2) if b"]" in pattern[at + 2 :] else len(pattern)
    if end == len(pattern):
        raise IndexError
    if end <= at + 2 or pattern[end - 1 : end] != b":":
        return None
    name = pattern[at + 2 : end - 1]
    if name not in _CLASSES:
        raise IndexError
    return _CLASSES[name], end + 1


def _range(first: int, last: int) -> bytes:
    if first > last:
        return b""
    return re.escape(bytes([first])) + b"-" + re.escape(bytes([last]))
