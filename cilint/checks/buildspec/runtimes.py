"""Checks of `runtime-versions` against the images' runtimes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from cilint.catalog.codebuild_images import DATE, RETIRED_RUNTIMES, RUNTIMES, versions
from cilint.core.finding import Finding, Fix, Replacement
from cilint.core.nearest import listed, nearest
from cilint.core.rule import check
from cilint.model.buildspec import Phase
from cilint.source.nodes import PLAIN, Entry, Mapping, Scalar, Sequence
from cilint.source.pattern import lazy

_TRAILING_ZERO: Final = lazy(r"\d+\.\d*0")
_NUMBERS: Final = lazy(r"\d+")


def _entries(phase: Phase) -> Iterator[Entry]:
    node = phase.runtime_versions if phase.name == "install" else None
    for table in node.items if isinstance(node, Sequence) else [node]:
        yield from table.entries if isinstance(table, Mapping) else ()


@check("retired-runtime")
def retired_runtime(phase: Phase) -> Iterator[Finding]:
    """A runtime, or a version of one, that no maintained image has."""
    for entry in _entries(phase):
        if entry.name in RETIRED_RUNTIMES:
            yield Finding(
                entry.key.span,
                f"{RETIRED_RUNTIMES[entry.name]} (images of {DATE}); remove `{entry.name}`",
                severity="note" if entry.name == "docker" else None,
            )
            continue
        if is_retired(entry) and isinstance(entry.value, Scalar):
            yield Finding(
                entry.value.span,
                f"{entry.name} {entry.value.value} is in no maintained image (as of {DATE}); they have "
                f"{listed(versions(entry.name))}; others are installed in every build, or refused with "
                "`Unknown runtime version`",
            )


def is_retired(entry: Entry) -> bool:
    """Whether an entry of `runtime-versions` names a version that is older than those of all maintained images."""
    available = versions(entry.name)
    return bool(available) and isinstance(entry.value, Scalar) and _older(entry.value.value, available[0])


def _older(version: str, oldest: str) -> bool:
    """Whether a version as it is written in a buildspec comes before the oldest that is known."""
    if version.startswith("openjdk"):
        return True
    if version == "latest" or "$" in version or (re.match(r"[a-z]+", version) and not version.startswith("corretto")):
        return False
    mine = [int(number) for number in _NUMBERS.findall(version)]
    other = [int(number) for number in _NUMBERS.findall(oldest)]
    return bool(mine) and mine < other[: len(mine)]


@check("unknown-runtime")
def unknown_runtime(phase: Phase) -> Iterator[Finding]:
    """A runtime by a name that CodeBuild's images do not have."""
    for entry in _entries(phase):
        if entry.name in RUNTIMES or entry.name in ("commands", "runtime-versions", "<<") or "$" in entry.name:
            continue
        near = _OTHER_NAMES.get(entry.name.lower()) or nearest(entry.name, RUNTIMES)
        yield Finding(
            entry.key.span,
            f"CodeBuild's images are not known to have the runtime `{entry.name}`"
            + (f"; did you mean `{near}`?" if near else f" (as of {DATE}); they have {listed(RUNTIMES[:8])}"),
            severity=None if near else "note",
            confidence=None if near else "low",
        )


_OTHER_NAMES: Final = {"node": "nodejs", "node.js": "nodejs", "go": "golang", "openjdk": "java", ".net": "dotnet"}


@check("unquoted-runtime-version")
def unquoted_runtime_version(phase: Phase) -> Iterator[Finding]:
    """A version that is another number where a tool writes the file anew."""
    for entry in _entries(phase):
        value = entry.value
        if isinstance(value, Scalar) and value.style == PLAIN and _TRAILING_ZERO.fullmatch(value.value):
            if value.value.endswith(".0"):
                continue
            yield Finding(
                value.span,
                f"a tool that rewrites this file may make {float(value.value)} of `{value.value}`; put it in quotes",
                fix=Fix("Put the version in quotes", "safe", (Replacement(value.span, f'"{value.value}"'),)),
            )
