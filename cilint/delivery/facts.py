"""What one file contributes to the picture of a project: plain data, each with the path of its file.

How facts are drawn from a file is `drawing`'s work, joining them `world`'s.
"""

from __future__ import annotations

from typing import TypeAlias

from cilint.source.record import NamedTuple
from cilint.source.text import Span, Text


class Said(NamedTuple):
    """What a file says, and where: `span` is in the text of the fact that holds it."""

    value: str
    span: Span


class BuildProject(NamedTuple):
    """A CodeBuild project. `names` are those that a pipeline may call it by: its logical id and its own name.

    `buildspec` is the path in its source, None where it is inline, in S3 or unknown. `caches` is None when unknown.
    A value that is `Said` is None where it is absent or only a stack knows it; of those below it, `modes` are the
    cache's modes, `secondary` the identifiers of the secondary artifacts and `batches` whether a batch is set up,
    each None where it is not known. `span` is the project's name, or what else it is known by.
    """

    path: str
    names: tuple[str, ...]
    buildspec: str | None
    caches: bool | None
    text: Text
    span: Span
    environment: Said | None = None
    image: Said | None = None
    reserved: bool = False
    cache: Said | None = None
    modes: tuple[str, ...] | None = None
    source: Said | None = None
    depth: Said | None = None
    artifacts: Said | None = None
    renames: bool | None = None
    secondary: tuple[str, ...] | None = None
    batches: bool | None = None
    most_builds: Said | None = None


class BuildAction(NamedTuple):
    """An action that runs a CodeBuild project: what its configuration calls the project, and its output artifacts.

    `outputs` is None when not all of them can be read. `zipped` are the providers of the source actions whose ZIP files
    without Git's history it gets; None where one of the inputs has another or an unknown origin. `taken` are those
    outputs that another action of the pipeline takes as an input and has to fetch.
    """

    path: str
    project: str
    outputs: tuple[str, ...] | None
    zipped: tuple[str, ...] | None = None
    taken: tuple[str, ...] = ()


class Use(NamedTuple):
    """A command of a buildspec that needs something of its build: `words` is what one would call it."""

    words: str
    span: Span


class Build(NamedTuple):
    """What a buildspec asks of the project that runs it.

    `text` is the file's, which need not be the buildspec's own. `docker` is the first command that needs a Docker
    daemon; `may_use_docker` says that a command could do so without saying it. `posix` is None without commands.
    """

    path: str
    text: Text
    docker: Use | None
    may_use_docker: bool
    posix: bool | None
    cached: bool


Fact: TypeAlias = BuildProject | BuildAction
