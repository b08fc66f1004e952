"""Where a report's files lie in their repository, and which revision that is: read from `.git`, without git."""

from __future__ import annotations

import os
import re
from configparser import ConfigParser
from configparser import Error as ConfigError
from functools import lru_cache
from urllib.parse import quote, urlsplit

from cilint.source.record import NamedTuple

_SCP_LIKE = re.compile(r"(?:[^@/]+@)?([^:/@]{2,}):(?!//|:)(.+)")


class Revision(NamedTuple):
    """What is checked out. `repository` is a URI without credentials; the others are empty when unknown."""

    repository: str
    commit: str
    branch: str


def root(directory: str) -> str:
    """The nearest directory from `directory` upward that holds `.git`, else `directory` itself."""
    folder = directory
    while not os.path.lexists(os.path.join(folder, ".git")):
        parent = os.path.dirname(folder)
        if parent == folder:
            return directory
        folder = parent
    return folder


@lru_cache(maxsize=4096)
def relative(path: str, top: str) -> str | None:
    """`path` as seen from `top` with forward slashes, symbolic links resolved; None when it lies outside."""
    for full, base in ((os.path.realpath(path), os.path.realpath(top)), (os.path.abspath(path), top)):
        try:
            found = os.path.relpath(full, base)
        except ValueError:  # another drive
            continue
        if found != os.pardir and not found.startswith(os.pardir + os.sep):
            return found.replace(os.sep, "/")
    return None


def encoded(path: str) -> str:
    """A path with forward slashes as a URI reference: percent-encoded UTF-8, a colon too."""
    return quote(os.fsencode(path), safe="/-._~")


def absolute(path: str) -> str:
    """The `file:` URI of a path that lies in no repository of ours."""
    full = os.path.abspath(path).replace(os.sep, "/")
    return "file://" + ("" if full.startswith("/") else "/") + quote(os.fsencode(full), safe="/-._~:")


def revision(top: str) -> Revision | None:
    """The revision checked out at `top`; None without a repository, or when its origin is no address on a network."""
    try:
        directory = _git_directory(top)
        common = _common_directory(directory)
        repository = _origin(common)
        head = _text(os.path.join(directory, "HEAD"))
    except (OSError, ValueError, ConfigError):
        return None
    if not repository:
        return None
    if not head.startswith("ref: "):
        return Revision(repository, head, "")
    reference = head.removeprefix("ref: ")
    return Revision(repository, _commit(common, reference), reference.removeprefix("refs/heads/"))


def _git_directory(top: str) -> str:
    path = os.path.join(top, ".git")
    if os.path.isdir(path):
        return path
    return os.path.join(top, _text(path).removeprefix("gitdir: "))


def _common_directory(directory: str) -> str:
    """Where a worktree's repository keeps what all its worktrees share."""
    path = os.path.join(directory, "commondir")
    return os.path.join(directory, _text(path)) if os.path.exists(path) else directory


def _origin(directory: str) -> str:
    config = ConfigParser(interpolation=None, strict=False, allow_no_value=True)
    config.read_string(_text(os.path.join(directory, "config")))
    return repository_uri(config.get('remote "origin"', "url", fallback="") or "")


def repository_uri(url: str) -> str:
    """A remote's address as a URI without user, password and query; empty for a path on this machine."""
    parts = urlsplit(url)
    if parts.scheme in ("https", "http", "ssh", "git") and parts.hostname:
        port = f":{parts.port}" if parts.port else ""
        return f"{parts.scheme}://{parts.hostname}{port}{quote(parts.path, safe='/-._~%')}"
    scp_like = _SCP_LIKE.fullmatch(url)
    return f"ssh://{scp_like[1]}/{quote(scp_like[2].lstrip('/'), safe='/-._~')}" if scp_like else ""


def _commit(directory: str, reference: str) -> str:
    loose = os.path.join(directory, *reference.split("/"))
    if os.path.isfile(loose):
        return _text(loose)
    packed = os.path.join(directory, "packed-refs")
    lines = _text(packed).splitlines() if os.path.isfile(packed) else []
    return next((line.split(" ", 1)[0] for line in lines if line.endswith(f" {reference}")), "")


def _text(path: str) -> str:
    with open(path, encoding="utf-8") as file:
        return file.read().strip()
