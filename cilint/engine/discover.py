"""Which files a run looks at: the named ones, and below named directories what could be ours and git does not ignore.

Only names and the kinds of directory entries are looked at here; what a file is, its content tells. What is named is
always looked at: a named directory that git ignores (or `cdk.out`, which hides itself) is walked as if nothing in it
were ignored. Links to files are followed, links to directories are not; pipes, sockets and devices are never walked.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from typing import Final

from cilint.engine import gitignore
from cilint.source.record import NamedTuple

SUFFIXES: Final = (".yml", ".yaml", ".json", ".template")
TERRAFORM: Final = (".tf", ".tf.json")
_WALKED: Final = SUFFIXES + TERRAFORM
_TEMPLATED: Final = (".j2", ".jinja", ".jinja2", ".erb", ".tpl", ".tmpl", ".template", ".tftpl", ".gotmpl", ".mustache")
SKIPPED: Final = frozenset(
    [".git", ".hg", ".svn", ".jj", "node_modules", "bower_components", "jspm_packages", "third_party", ".yarn"]
    + [".venv", "venv", ".tox", ".nox", ".eggs", "site-packages", "__pycache__", ".bundle", ".gradle", "Pods"]
    + [".mypy_cache", ".pytest_cache", ".ruff_cache", ".terraform", ".terragrunt-cache"]
    + ["cdk.out", ".aws-sam", ".serverless"]
)
"""Directories of tools, other people's code and generated output, skipped unless they are named."""
_VENDORING: Final = frozenset(["go.mod", "composer.json", "Gemfile", "Cargo.toml", "bower.json"])
_VENDORED: Final = frozenset(["modules.txt", "autoload.php", "bundle", "pyvenv.cfg"])


class Candidate(NamedTuple):
    """A file to look at, or a directory that could not be listed: then `problem` says why.

    `named` when the user named this very file.
    """

    path: str
    named: bool
    problem: str = ""


def is_terraform(path: str) -> bool:
    """Whether the name is Terraform's."""
    return path.lower().endswith(TERRAFORM)


def is_templated(path: str) -> bool:
    """Whether the name says that another tool writes the real file from this: `appspec.yml.j2`, `{{name}}/a.yml`."""
    stem, ending = os.path.splitext(path.lower())
    return "{{" in path or (ending in _TEMPLATED and stem.endswith((".yml", ".yaml", ".json")))


def discover(paths: tuple[str, ...]) -> Iterator[Candidate]:
    """The files to look at, each once, in a stable order. A path that does not exist is left to the caller's check."""
    if len(paths) == 1 and os.path.isdir(paths[0]):
        yield from _below(paths[0])
        return
    named = {os.path.abspath(path) for path in paths if not os.path.isdir(path)}
    seen: set[str] = set()
    for path in paths:
        for candidate in _below(path) if os.path.isdir(path) else [Candidate(path, True)]:
            key = os.path.abspath(candidate.path)
            if key not in seen:
                seen.add(key)
                yield candidate._replace(named=key in named)


def _below(top: str) -> Iterator[Candidate]:
    for found in walk(top, _wanted):
        yield Candidate(found, False) if isinstance(found, str) else Candidate(found.path, False, found.problem)


def _wanted(name: str) -> bool:
    return name.lower().endswith(_WALKED)


class Unlisted(NamedTuple):
    """A directory that could not be listed, and why."""

    path: str
    problem: str


class _Folder(NamedTuple):
    """A directory on the way: `ignores` is what is in force before its own ignore file, None when nothing is."""

    path: str
    ignores: gitignore.Ignores | None


def walk(top: str, wanted: Callable[[str], bool]) -> Iterator[str | Unlisted]:
    """The paths of the files below a directory whose names are `wanted`, sorted by name within each directory."""
    real = os.path.realpath(top)
    folders = [_Folder(top, None if os.path.basename(real) in SKIPPED else gitignore.above(real))]
    while folders:
        folder = folders.pop()
        try:
            with os.scandir(folder.path) as scanned:
                entries = sorted(scanned, key=lambda entry: entry.name)
        except OSError as error:
            yield Unlisted(folder.path, error.strerror or str(error))
            continue
        names = {entry.name for entry in entries}
        if folder.path != top and _is_vendored(folder.path, names):
            continue
        ignores = _in_force(folder, names)
        below: list[_Folder] = []
        for entry in entries:
            name = entry.name
            if name not in SKIPPED and entry.is_dir(follow_symlinks=False):
                if not (name == "vendor" and names & _VENDORING) and not (ignores and ignores.ignores(name, True)):
                    below.append(_Folder(_join(folder.path, name), ignores and ignores.below(name)))
            elif wanted(name) and not (ignores and ignores.ignores(name, False)) and _is_file(entry, real, wanted):
                yield _join(folder.path, name)
        folders.extend(reversed(below))


def _in_force(folder: _Folder, names: set[str]) -> gitignore.Ignores | None:
    """The ignore files for the entries of a directory. A repository within starts anew."""
    ignores = folder.ignores
    if ignores is not None:
        if ".git" in names:
            ignores = gitignore.of_repository(folder.path)
        if ".gitignore" in names:
            ignores = ignores.with_gitignore(folder.path)
    return ignores


def _is_vendored(path: str, names: set[str]) -> bool:
    """Whether a directory is a copy of other people's code by what lies in it: a virtual environment, a `vendor`."""
    if os.path.basename(path) == "vendor":
        return bool(names & _VENDORED)
    return "pyvenv.cfg" in names


def _is_file(entry: os.DirEntry[str], top: str, wanted: Callable[[str], bool]) -> bool:
    """Whether an entry is a regular file, or a link to one that the walk does not meet by itself."""
    try:
        if not entry.is_symlink() or not entry.is_file():
            return entry.is_file(follow_symlinks=False)
    except OSError:
        return False
    target = os.path.realpath(entry.path)
    return not (target.startswith(os.path.join(top, "")) and wanted(os.path.basename(target)))


def _join(folder: str, name: str) -> str:
    return name if folder == "." else os.path.join(folder, name)
