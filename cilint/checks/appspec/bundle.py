"""Checks of an EC2/on-premises appspec against the files around it: the bundle as it would be if this directory were
packed, or what the buildspec beside it packs.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Final

from cilint.checks.appspec.files import WHOLE_BUNDLE, leaves_bundle
from cilint.core.context import Context, Tree
from cilint.core.finding import Finding, Fix, Replacement
from cilint.core.rule import check
from cilint.core.schema import shown
from cilint.model import agent, psych
from cilint.model.appspec_ec2 import EVENTS, AppspecEC2, Script
from cilint.model.buildspec import Artifacts, Buildspec
from cilint.source.nodes import Mapping, Scalar, walk
from cilint.source.pattern import lazy
from cilint.source.read import read
from cilint.source.record import NamedTuple
from cilint.source.text import Span, decode

BUILDSPECS: Final = ("buildspec.yml", "buildspec.yaml")
_ROOTED: Final = lazy(r"[A-Za-z]:|\\\\|\w+://")


def _name(context: Context) -> str:
    """The name of the file under check."""
    return context.path.replace("\\", "/").rsplit("/", 1)[-1]


def bundle_path(text: str) -> str | None:
    """A path in the bundle as the tree knows it, or None where it cannot be looked up."""
    path = text.strip().replace("\\", "/").lstrip("/")
    if not path or agent.placeholder(text) or leaves_bundle(path) or _ROOTED.match(text):
        return None
    return path


def located(appspec: AppspecEC2) -> list[tuple[Script, Scalar, str]]:
    """The scripts of events, each with its `location` and the path that this is in the bundle."""
    return [
        (script, script.location, path)
        for hook in appspec.hooks
        if hook.name in EVENTS
        for script in hook.scripts
        if script.location is not None and (path := bundle_path(script.location.value))
    ]


@check("script-not-in-bundle")
def script_not_in_bundle(appspec: AppspecEC2, context: Context) -> Iterator[Finding]:
    """A hook's script that is not there, where others are: the directory is the bundle."""
    for location, path in missing([each[1:] for each in located(appspec)], context):
        elsewhere = context.tree.find(path.rsplit("/", 1)[-1])
        near = _misspelt(path, context.tree)
        where = f"; there is `{shown(elsewhere[0])}`." if elsewhere else "; add it to the bundle or correct `location`."
        if near:
            where = f"; did you mean `{shown(near)}`?"
        yield Finding(
            location.span,
            f"there is no `{shown(path)}` beside this appspec, where its other scripts are{where} The event ends with "
            '"Script does not exist at specified location" unless the build makes it',
            confidence="low" if elsewhere and not near else None,
        )


def missing(scripts: list[tuple[Scalar, str]], context: Context) -> list[tuple[Scalar, str]]:
    """The scripts that are not on disk, where others are and no build packs another layout than that on disk."""
    tree = context.tree
    absent = [each for each in scripts if not tree.exists(each[1]) and not _is_made(each[1], tree)]
    if not absent or len(absent) == len(scripts) or packed(context).rearranged:
        return []
    return [each for each in absent if len(each[1].split()) == 1]  # of arguments another rule speaks


def _misspelt(path: str, tree: Tree) -> str | None:
    """A script in the same directory whose name differs by `-` and `_`, by capitals or by an ending."""
    above, slash, name = path.rpartition("/")
    stem = name.removesuffix(".sh")
    spelled = (stem.replace("_", "-"), stem.replace("-", "_"), stem, stem.lower())
    variants = [above + slash + each + ending for each in spelled for ending in (".sh", "")]
    return next((each for each in variants if each != path and tree.read(each) is not None), None)


def _is_made(path: str, tree: Tree) -> bool:
    """Whether a template lies where the file should, of which the build makes it."""
    return any(tree.exists(path + ending) for ending in (".template", ".tmpl", ".tpl", ".j2", ".erb", ".in"))


class Packed(NamedTuple):
    """What a buildspec makes of the directory of a file, seen from that file.

    `patterns` are those of the one artifact that takes the file, None where no artifact is known to; they are relative
    to the directory that becomes the bundle's root. `inside` is where the file then lies in the bundle, empty for its
    root. `rearranged` tells that paths on disk are not those in the bundle, or that nobody knows.
    """

    patterns: tuple[str, ...] | None = None
    inside: str = ""
    flat: bool = False
    rearranged: bool = False


def packed(context: Context) -> Packed:
    """What the nearest buildspec, beside the file under check or above it, packs of the file's directory."""
    found = None if context.embedded else _artifacts(context.tree)
    if found is None:
        return Packed()
    artifacts, here = found
    secondary = artifacts.secondary.entries if artifacts.secondary is not None else []
    tables = [each.value for each in secondary if isinstance(each.value, Mapping)]
    bundles = [
        bundle
        for each in (artifacts, *(Artifacts(table, artifacts.text) for table in tables))
        if (bundle := _taking(each, here, _name(context))) is not None
    ]
    if len(bundles) == 1:
        return bundles[0]
    keys = ("base-directory", "discard-paths", "secondary-artifacts")
    return Packed(rearranged=bool(here) or any(artifacts.get(key) is not None for key in keys))


def _artifacts(tree: Tree) -> tuple[Artifacts, str] | None:
    """The artifacts of the nearest buildspec, and the checked file's directory as seen from it."""
    beside = _buildspec(tree, "")
    if beside is not None:
        return (beside.artifacts, "") if beside.artifacts is not None else None
    steps = [step for step in tree.project().here.split("/") if step]
    for height in range(1, len(steps) + 1):
        above = _buildspec(tree, "../" * height)
        if above is not None:
            return (above.artifacts, "/".join(steps[-height:])) if above.artifacts is not None else None
    return None


def _buildspec(tree: Tree, directory: str) -> Buildspec | None:
    for name in BUILDSPECS:
        data = tree.read(directory + name)
        if data is not None:
            return _read_buildspec(data, name)
    return None


@lru_cache(maxsize=8)
def _read_buildspec(data: bytes, name: str) -> Buildspec | None:
    document = read(decode(data), name)
    return Buildspec(document.root, document.text) if isinstance(document.root, Mapping) else None


def _taking(artifacts: Artifacts, here: str, name: str) -> Packed | None:
    """The bundle that an artifact makes of the directory `here`, None where it does not take the file `name` there."""
    base = artifacts.base_directory.value.strip().strip("/").removeprefix("./") if artifacts.base_directory else ""
    base = "" if base == "." else base
    inside = here if not base else "" if here == base else here.removeprefix(f"{base}/")
    patterns = tuple(item.value for item in artifacts.files if isinstance(item, Scalar))
    path = f"{inside}/{name}" if inside else name
    if (base and here != base and inside == here) or not any(_packs(pattern, path) for pattern in patterns):
        return None
    return Packed(patterns, "" if artifacts.flat else inside, artifacts.flat, artifacts.flat or bool(inside))


@check("appspec-not-at-bundle-root")
def appspec_not_at_bundle_root(appspec: AppspecEC2, context: Context) -> Iterator[Finding]:
    """An appspec that the buildspec packs with its directory, beside other files."""
    bundle = packed(context)
    name = _name(context)
    tops = {pattern.strip().removeprefix("./").split("/")[0] for pattern in bundle.patterns or ()}
    named = any(pattern.strip().endswith(f"/{name}") and "*" not in pattern for pattern in bundle.patterns or ())
    # The agent strips a single directory at the top that holds an appspec.
    if bundle.inside and named and len(tops) > 1:
        yield Finding(
            appspec.place,
            f"the buildspec packs this file as `{shown(bundle.inside)}/{shown(name)}`, and the agent looks for it at "
            'the root of the bundle: "did not find an AppSpec file within the unpacked revision directory"; move it to '
            "the root, or copy it there in the build and name `appspec.yml` in `artifacts.files`",
        )


@check("script-not-in-artifact")
def script_not_in_artifact(appspec: AppspecEC2, context: Context) -> Iterator[Finding]:
    """A script or source that the buildspec does not pack as the appspec names it, although it packs the appspec."""
    bundle = packed(context)
    if bundle.patterns is None or bundle.inside:
        return
    for node, path in _wanted(appspec):
        if bundle.flat and "/" in path.rstrip("/"):
            name = path.rstrip("/").rsplit("/", 1)[-1]
            yield Finding(
                node.span,
                "the buildspec packs all files without their directories (`discard-paths`), so the bundle has no "
                f"`{shown(path)}`; " + (f"write `{shown(name)}`, or " if "." in name else "") + "drop `discard-paths`",
            )
        elif not bundle.flat and not any(
            _packs(pattern, path) or _packs_below(pattern, path) for pattern in bundle.patterns
        ):
            yield Finding(
                node.span,
                f"the buildspec packs `{_name(context)}`, and no entry of its `artifacts.files` covers "
                f"`{shown(path)}`, so the bundle lacks it; add it there",
            )


def _wanted(appspec: AppspecEC2) -> Iterator[tuple[Scalar, str]]:
    """The places where the appspec names a path of the bundle."""
    for _script, location, path in located(appspec):
        yield location, path
    for file in appspec.files:
        if file.source is not None and file.source.value.strip() not in WHOLE_BUNDLE:
            source = bundle_path(file.source.value)
            if source:
                yield file.source, source


def _packs(pattern: str, path: str) -> bool:
    """Whether a pattern of `artifacts.files` takes the path: `*` stays in a directory, `**` does not."""
    pattern = pattern.strip().removeprefix("./")
    parts = re.split(r"(\*\*/|\*\*|\*|\?)", pattern)
    known = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}
    return re.fullmatch("".join(known.get(part) or re.escape(part) for part in parts), path) is not None


def _packs_below(pattern: str, path: str) -> bool:
    """Whether a pattern takes something below the path, or may (a variable stands in it)."""
    return "$" in pattern or pattern.strip().removeprefix("./").startswith(f"{path.rstrip('/')}/")


@check("script-with-crlf")
def script_with_crlf(appspec: AppspecEC2, context: Context) -> Iterator[Finding]:
    """A script for Linux with the line ends of Windows, or with a byte order mark before its first line."""
    for _script, location, path in [] if appspec.on_windows else located(appspec):
        data = context.tree.read(path)
        if data is None:
            continue
        first = data.split(b"\n", 1)[0]
        if data.startswith(codecs.BOM_UTF8):
            yield Finding(
                location.span,
                f"`{shown(path)}` starts with a byte order mark, so Linux does not see its `#!` line; save it as UTF-8 "
                "without",
            )
        elif first.startswith(b"#!") and first.endswith(b"\r"):
            said = first.decode(errors="replace").strip()
            yield Finding(
                location.span,
                f"`{shown(path)}` has the line ends of Windows: Linux looks for an interpreter of the name "
                f"`{shown(said[2:])}\\r` and finds none; save it with LF, and hold git to that in .gitattributes "
                "(`*.sh text eol=lf`)",
            )


@check("script-without-interpreter")
def script_without_interpreter(appspec: AppspecEC2, context: Context) -> Iterator[Finding]:
    """A script for Linux without a `#!` line."""
    for _script, location, path in [] if appspec.on_windows else located(appspec):
        data = context.tree.read(path)
        name = path.rsplit("/", 1)[-1]
        if data is None or not data.strip() or not ("." not in name or name.endswith((".sh", ".bash"))):
            continue
        if not data.startswith((b"#!", codecs.BOM_UTF8, b"\x7fELF")):
            yield Finding(
                location.span,
                f"`{shown(path)}` has no `#!` line, so it depends on who starts it which shell runs it; begin it with "
                "`#!/bin/bash`",
            )


@check("appspec-byte-order-mark")
def appspec_byte_order_mark(appspec: AppspecEC2) -> Iterator[Finding]:
    """A byte order mark before the first key: the agent sees that key only."""
    text = appspec.text
    first = text.content.split("\n", 1)[0].strip()
    if text.bom and isinstance(appspec.node, Mapping) and not appspec.node.flow and first and first[0] != "#":
        yield Finding(
            Span(0, len(text.content.split("\n", 1)[0].rstrip())),
            "a byte order mark stands before the first line, and the agent's YAML reader takes the line for a document "
            "of its own: all that follows is lost, and the file is refused; save it as UTF-8 without the mark",
        )


@check("appspec-yaml-name")
def appspec_yaml_name(appspec: AppspecEC2, context: Context) -> Iterator[Finding]:
    """An appspec for servers that is called appspec.yaml."""
    if _name(context) == "appspec.yaml":
        yield Finding(
            appspec.place,
            "on EC2 the file must be called `appspec.yml`: `aws deploy push` refuses other names, and the agent looks "
            "for its hooks under the name that the service sends; rename it",
        )


@check("file-permission-as-directory")
def file_permission_as_directory(appspec: AppspecEC2, context: Context) -> Iterator[Finding]:
    """A permission of a single copied file with what is meant for directories."""
    for permission in appspec.permissions:
        node, pattern = permission.object, permission.pattern
        if (
            node is None
            or "file" not in permission.types
            or not _copies_file(appspec, context.tree, node.value.strip())
        ):
            continue
        if pattern is not None and not agent.is_nil(pattern) and pattern.value != "**":
            yield Finding(
                pattern.span,
                f'`{shown(node.value)}` is a file, and the agent takes a pattern for directories only: "includes an '
                'object with an invalid pattern"; remove it',
                fix=Fix("Write `**`", "safe", (Replacement(pattern.span, '"**"'),)),
            )
        elif permission.except_:
            yield Finding(
                permission.key_span("except"),
                f'`{shown(node.value)}` is a file, and the agent takes `except` for directories only: "the except '
                'parameter for a pattern in the permissions section"; remove it',
            )


def _copies_file(appspec: AppspecEC2, tree: Tree, target: str) -> bool:
    """Whether the deployment puts a file that is seen in the bundle at the path `target` on the instance."""
    for file in appspec.files:
        if file.source is None or file.destination is None:
            continue
        destination = file.destination.value.strip().rstrip("/") + "/"
        if not target.startswith(destination) or target == destination:
            continue
        rest = target.removeprefix(destination)
        source = "" if file.source.value.strip() in WHOLE_BUNDLE else bundle_path(file.source.value)
        if source is None:
            continue
        source = source.rstrip("/").removeprefix("./")
        if tree.read(f"{source}/{rest}" if source else rest) is not None:
            return True
        if rest == source.rsplit("/", 1)[-1] and tree.read(source) is not None:
            return True
    return False


@check("alias-or-date")
def alias_or_date(appspec: AppspecEC2) -> Iterator[Finding]:
    """A YAML alias or an unquoted date, which agents on newer Rubies refuse to load."""
    content = appspec.text.content
    seen: set[int] = set()
    for node in walk(appspec.node):
        if node.start in seen:
            continue
        seen.add(node.start)
        if node.end > node.start and content[node.start] == "*":
            yield Finding(
                node.span,
                f"the alias `{shown(content[node.start : node.end])}` stops agents that run on Ruby 3.1 or later: "
                '"Unknown alias" (Psych::BadAlias); write out what it stands for',
            )
        elif isinstance(node, Scalar) and isinstance(psych.value(node), psych.Time):
            yield Finding(
                node.span,
                f'the unquoted date `{shown(node.value)}` stops agents that run on Ruby 3.1 or later: "Tried to load '
                'unspecified class" (Psych::DisallowedClass); quote it',
            )
