"""Checks of an EC2/on-premises appspec's `files`: what the agent takes and then does something else with.

Whether the sources are there is a question about the bundle, in `cilint.checks.appspec.bundle`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from cilint.core.context import Context
from cilint.core.finding import Finding, Related
from cilint.core.rule import check
from cilint.core.schema import shown
from cilint.model import agent
from cilint.model.appspec_ec2 import AppspecEC2, File
from cilint.source.nodes import Scalar
from cilint.source.pattern import lazy

WHOLE_BUNDLE: Final = ("/", ".", "./", "\\", "/.", "")
_GLOB: Final = lazy(r"[*?]|\[[^\]]+\]|\{[^}]*,[^}]*\}")
_VARIABLE: Final = lazy(r"\$\{?\w+\}?|%\w+%|^~(?=/|\Z)")
_ABSOLUTE: Final = lazy(r"/|[A-Za-z]:[\\/]|\\")
_URL: Final = lazy(r"(s3|https?|ftp)://", re.IGNORECASE)
_WEB_ROOT: Final = lazy(r"^/var/www(?:/|$)|/html/?$|nginx|httpd|apache|wwwroot|public|htdocs", re.IGNORECASE)


@check("nested-file-exists-behavior")
def nested_file_exists_behavior(file: File) -> Iterator[Finding]:
    """A wish to overwrite, written in an item of `files`, where the agent ignores it."""
    for key in ("file_exists_behavior", "overwrite", "fileExistsBehavior"):
        if file.get(key) is not None:
            yield Finding(
                file.key_span(key),
                f"the agent ignores `{key}` in an item of `files`: a file that already is there still ends the "
                'deployment ("a specified file already exists at this location"); write `file_exists_behavior: '
                "OVERWRITE` at the top level",
            )


@check("destination-is-file")
def destination_is_file(file: File) -> Iterator[Finding]:
    """A destination that ends with the name of its source file: the agent makes a directory of that name."""
    destination, name = file.destination, _names_file(file)
    if destination is None or not name or _is_relative(destination.value):
        return  # of a relative destination another rule speaks
    parent = destination.value[: -len(name)].rstrip("/\\") or destination.value[0]
    yield Finding(
        destination.span,
        f"`destination` is a directory: the file ends up as `{shown(destination.value)}/{shown(name)}`; write "
        f"`{shown(parent)}`",
    )


def _names_file(file: File) -> str:
    """The name of the source file where the destination ends with it, too; else empty."""
    source, destination = file.source, file.destination
    if source is None or destination is None or source.value in WHOLE_BUNDLE:
        return ""
    name = re.split(r"[/\\]", source.value.rstrip("/\\"))[-1]
    last = re.split(r"[/\\]", destination.value)[-1]
    return name if "." in name.lstrip(".") and name == last else ""


@check("glob-in-source")
def glob_in_source(file: File) -> Iterator[Finding]:
    """A source with a wildcard, which the agent takes as a name."""
    source = file.source
    if source and _GLOB.search(source.value) and not (agent.placeholder(source.value) or _URL.match(source.value)):
        directory = re.split(r"[*?\[{]", source.value)[0].rpartition("/")[0] or "/"
        yield Finding(
            source.span,
            f"`source` knows no wildcards: the agent looks for a file of the name `{shown(source.value)}` and Install "
            f'ends with "No such file or directory"; name the file, or its directory (`{shown(directory)}`) to copy '
            "all that is in it",
        )


@check("destination-not-absolute")
def destination_not_absolute(file: File) -> Iterator[Finding]:
    """A destination that is relative, or counts on a variable or `~`."""
    destination = file.destination
    if destination is None or agent.is_nil(destination) or not destination.value.strip():
        return
    text = destination.value
    if found := _VARIABLE.search(text):
        yield Finding(
            destination.span,
            f"the agent does not expand `{found[0]}`: it makes a directory of that name; write the full path, unless "
            "something replaces it before the bundle is made",
            confidence="medium" if found[0].startswith("~") else "low",
            severity=None if found[0].startswith("~") else "note",
        )
    elif _is_relative(text):
        also = ", without the file's name, since `destination` is a directory" if _names_file(file) else ""
        yield Finding(
            destination.span,
            f"`{shown(text)}` is relative, and the agent resolves it in its own working directory; write the full "
            f"path{also}",
        )


def _is_relative(destination: str) -> bool:
    """Whether the destination starts in the agent's working directory, whatever is filled in."""
    return not (_VARIABLE.search(destination) or _ABSOLUTE.match(destination) or agent.placeholder(destination))


@check("whole-bundle-as-source")
def whole_bundle_as_source(file: File) -> Iterator[Finding]:
    """The whole bundle copied: the appspec, the scripts and what else lies there come along."""
    source, destination = file.source, file.destination
    if source is None or destination is None or source.value.strip() not in WHOLE_BUNDLE or not source.value:
        return
    served = " where the web server can show them" if _WEB_ROOT.search(destination.value) else ""
    yield Finding(
        source.span,
        f"`source: {shown(source.value)}` copies the whole bundle: appspec.yml, the hook scripts and all else that "
        f"lies in it end up in `{shown(destination.value)}`{served}; copy a directory that holds only what is served",
    )


@check("source-is-url")
def source_is_url(file: File) -> Iterator[Finding]:
    """A source that is a URL; the agent fetches nothing."""
    source = file.source
    if source and (found := _URL.match(source.value.strip())):
        yield Finding(
            source.span,
            f"the agent downloads nothing for `files`: it takes `{shown(source.value)}` for a path in the bundle, and "
            'Install ends with "No such file or directory"; put the file into the bundle and name it there, or fetch '
            f"it in a hook with {'`aws s3 cp`' if found[1].lower() == 's3' else '`curl`'}",
        )


@check("source-outside-bundle")
def source_outside_bundle(file: File) -> Iterator[Finding]:
    """A source that leaves the bundle with `..`."""
    source = file.source
    if source and leaves_bundle(source.value):
        yield Finding(
            source.span,
            f"`{shown(source.value)}` leads out of the bundle into the agent's own directories, which hold other "
            "deployments; put the file into the bundle and name it there",
        )


def leaves_bundle(path: str) -> bool:
    """Whether a path in the bundle leads above its root."""
    depth = 0
    for step in re.split(r"[/\\]", path):
        depth += -1 if step == ".." else 0 if step in ("", ".") else 1
        if depth < 0:
            return True
    return False


@check("same-target-twice")
def same_target_twice(appspec: AppspecEC2, context: Context) -> Iterator[Finding]:
    """Two items that copy the same source, or files of one name, to one directory."""
    before: list[tuple[str, str, Scalar]] = []
    for file in appspec.files:
        source, destination = file.source, file.destination
        if source is None or destination is None:
            continue
        path = "" if source.value.strip() in WHOLE_BUNDLE else source.value.strip().removeprefix("./").strip("/")
        directory = destination.value.strip().rstrip("/")
        for other, other_directory, first in before:
            sure = _meet(context, path, directory, other, other_directory)
            if sure is None:
                continue
            name = f"a `{shown(path.rsplit('/', 1)[-1])}`" if path and other else "the same"
            yield Finding(
                source.span,
                f"two items copy {'this' if path == other else name} to `{shown(destination.value)}`, and the agent "
                'refuses the second: "specifies two source files named ... for the same destination"; remove one',
                severity=None if sure else "warning",
                related=(Related(first.span, "the first is here"),),
            )
            break
        before.append((path, directory, source))


def _meet(context: Context, path: str, directory: str, other: str, other_directory: str) -> bool | None:
    """Whether two sources put a file to the same place: True for sure, False where their names say so, None if not."""
    if path == other:
        return True if directory == other_directory else None
    for inner, inner_directory, outer, outer_directory in (
        (path, directory, other, other_directory),
        (other, other_directory, path, directory),
    ):
        rest = inner.removeprefix(f"{outer}/" if outer else "")
        if inner == rest and outer:
            continue
        above, _, name = rest.rpartition("/")
        place = f"{outer_directory}/{above}".rstrip("/")
        is_file = context.tree.read(inner) is not None
        if is_file and inner_directory == place:
            return True
        if inner_directory == (place if "." in name.lstrip(".") else f"{outer_directory}/{rest}") and not is_file:
            return False
    same = path.rsplit("/", 1)[-1] == other.rsplit("/", 1)[-1] and directory == other_directory
    if not same or "." not in path.rsplit("/", 1)[-1].lstrip("."):
        return None
    return context.tree.read(path) is not None and context.tree.read(other) is not None
