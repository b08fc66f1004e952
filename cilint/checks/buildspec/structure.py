"""Checks of a buildspec's shape: keys in the wrong place, commands that are no text, phases that hold nothing.

What one key may hold is in the schema; this is about what people make of the indentation and of the colon.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from cilint.core.finding import Finding, Fix, Replacement
from cilint.core.nearest import nearest
from cilint.core.rewrite import moved_entry, renamed
from cilint.core.rule import check
from cilint.model.buildspec import PHASES, Buildspec, Phase
from cilint.source.nodes import DOUBLE_QUOTED, SINGLE_QUOTED, Entry, Mapping, Node, Scalar, Sequence
from cilint.source.text import Span

_TOP: Final = ("version", "run-as", "env", "proxy", "batch", "phases", "reports", "artifacts", "cache")
_PHASE: Final = ("commands", "finally", "on-failure", "run-as")
_ENV: Final = (
    "shell",
    "variables",
    "parameter-store",
    "secrets-manager",
    "exported-variables",
    "git-credential-helper",
)
_ARTIFACTS: Final = (
    "files",
    "base-directory",
    "discard-paths",
    "exclude-paths",
    "enable-symlinks",
    "s3-prefix",
    "secondary-artifacts",
)
_OPEN: Final = ("in `env.variables`", "in `runtime-versions`")  # places whose keys are anybody's own names
_PHASES: Final = "in `phases`"
_REFUSED: Final = (_PHASES, _OPEN[0])  # places where CodeBuild refuses what it does not expect
_NO_PHASE: Final = "CodeBuild refuses it (`YAML_FILE_ERROR Message: Invalid buildspec phase name: "
_IN_PHASE: Final = "inside one of `install`, `pre_build`, `build` or `post_build`, under `phases`"

HOMES: Final[dict[str, str]] = {
    **dict.fromkeys(_TOP, "at the top level, without indentation"),
    **dict.fromkeys(PHASES, "under `phases`"),
    **dict.fromkeys(_ENV, "under `env`"),
    **dict.fromkeys(_ARTIFACTS, "under `artifacts`"),
    **dict.fromkeys(("paths", "fallback-keys"), "under `cache`"),
    **dict.fromkeys(("build-graph", "build-list", "build-matrix", "build-fanout", "fast-fail"), "under `batch`"),
    **dict.fromkeys(("commands", "finally", "on-failure"), _IN_PHASE),
    "runtime-versions": "in the phase `install`, beside its `commands`",
    "file-format": "in a report group, under `reports`",
}
"""A buildspec's keys, and where each belongs (CodeBuild user guide, build specification reference)."""


@check("misplaced-key")
def misplaced_key(buildspec: Buildspec) -> Iterator[Finding]:
    """A key that CodeBuild knows, where it does not look for it."""
    for where, place, allowed in _places(buildspec):
        for entry in place.entries:
            home = HOMES.get(entry.name)
            if home and not entry.merged and entry.name not in allowed and _plausible(where, entry):
                # Where the schema would complain of the value's type as well, the finding covers the value.
                end = entry.value.end if where in _OPEN else entry.key.end
                yield Finding(
                    Span(entry.key.start, max(end, entry.key.end)),
                    f"{_meaning(where, entry)}; {_swallowed(where, place, entry) or f'it belongs {home}'}",
                    severity=None if where in _REFUSED else "warning",
                    fix=_moved(buildspec, place, entry),
                )


def _meaning(where: str, entry: Entry) -> str:
    """What CodeBuild makes of the key in a place where it does not look for it."""
    name = entry.name
    if where == _PHASES:
        return f"`{name}` is no phase, and {_NO_PHASE}{name}`)"
    if where == _OPEN[0]:
        what = "a list" if isinstance(entry.value, Sequence) else "a mapping"
        return f"the value of a variable must be text, but `{name}` holds {what}"
    if where == _OPEN[1]:
        return (
            f"CodeBuild takes `{name}` in `runtime-versions` for the name of a runtime, and its own images end the "
            "build with `YAML_FILE_ERROR` before any command runs (`Unknown runtime named …`)"
        )
    return f"CodeBuild does not look for `{name}` {where} and passes over it"


def _swallowed(where: str, place: Mapping, entry: Entry) -> str:
    """The advice for what slid out of the phase above it, which is empty now."""
    phase = _emptied_by(place, entry) if where == _PHASES else None
    return f"indent it so that it stands below `{phase.name}`" if phase is not None else ""


def _emptied_by(phases: Mapping, entry: Entry) -> Entry | None:
    """The empty phase right above a key that belongs inside one."""
    above = phases.entries[: phases.entries.index(entry)]
    fits = entry.name in (*_PHASE, "runtime-versions") and bool(above)
    return above[-1] if fits and above[-1].name in PHASES and _is_empty(above[-1].value) else None


def _moved(buildspec: Buildspec, place: Mapping, entry: Entry) -> Fix | None:
    """The entry moved to where CodeBuild looks for it, where that place is there."""
    home = _home(buildspec, entry.name)
    if not isinstance(home, Mapping) or not home.entries:
        return None
    edits = moved_entry(buildspec.text, place, entry, home)
    return Fix(f"Move `{entry.name}` to where it belongs", "safe", edits) if edits else None


def _home(buildspec: Buildspec, name: str) -> Node | None:
    if name in _TOP:
        return buildspec.node
    if name in PHASES:
        return buildspec.get("phases")
    if name in _ENV:
        return buildspec.get("env")
    if name in _ARTIFACTS:
        return buildspec.get("artifacts")
    install = buildspec.phase("install") if name == "runtime-versions" else None
    return install.node if install else None


def _places(buildspec: Buildspec) -> Iterator[tuple[str, Mapping, tuple[str, ...]]]:
    """The mappings of the buildspec whose keys are known, each with how to call it and the keys that it may have."""
    root = buildspec.node
    if not isinstance(root, Mapping):
        return
    old = ("environment_variables", "eb_codebuild_settings")
    yield "at the top level", root, (*_TOP, *old)
    for name, allowed in (("env", _ENV), ("artifacts", (*_ARTIFACTS, "name", "type"))):
        node = root.get(name)
        if isinstance(node, Mapping):
            yield f"in `{name}`", node, allowed
    variables = buildspec.env.variables if buildspec.env else None
    if variables is not None:
        yield _OPEN[0], variables, ()
    phases = root.get("phases")
    if isinstance(phases, Mapping):
        yield _PHASES, phases, PHASES
    for phase in buildspec.phases:
        if isinstance(phase.node, Mapping):
            more = ("runtime-versions",) if phase.name == "install" else ()
            yield f"in the phase `{phase.name}`", phase.node, (*_PHASE, *more)
        if isinstance(phase.runtime_versions, Mapping):
            yield _OPEN[1], phase.runtime_versions, ()


def _plausible(where: str, entry: Entry) -> bool:
    """A variable may be called `version` or `files`; only a structure as its value shows what was meant."""
    return where not in _OPEN or isinstance(entry.value, Mapping | Sequence)


@check("unknown-phase")
def unknown_phase(buildspec: Buildspec) -> Iterator[Finding]:
    """A name among the phases that is none."""
    phases = buildspec.get("phases")
    if not isinstance(phases, Mapping):
        return
    for entry in phases.entries:
        name = entry.name
        if name in PHASES or name in HOMES or name in ("", "<<") or entry.merged:
            continue
        cased = name.lower() in PHASES  # not seen refused
        near = nearest(name, PHASES)
        advice = f"did you mean `{near}`?" if near else _MOVE_COMMANDS
        yield Finding(
            entry.key.span,
            f"CodeBuild's phases are written in lower case; write `{name.lower()}`"
            if cased
            else f"there is no phase `{name}`, and {_NO_PHASE}{name}`); {advice}",
            severity="warning" if cased else None,
            fix=renamed(entry, PHASES, phases, "safe"),
        )


_MOVE_COMMANDS: Final = "move its commands to one of install, pre_build, build and post_build"


@check("command-is-mapping")
def command_is_mapping(phase: Phase) -> Iterator[Finding]:
    """A command that became a mapping, since a colon and a blank stand in it, or a colon ends it."""
    for section in ("commands", "finally"):
        node = phase.get(section)
        for index, item in enumerate(node.items if isinstance(node, Sequence) else ()):
            if isinstance(item, Mapping):
                yield _mapping_command(phase, section, index, item)


def _mapping_command(phase: Phase, section: str, index: int, item: Mapping) -> Finding:
    first = item.entries[0].name if item.entries else ""
    if first in _PHASE:
        return Finding(
            item.span,
            f"`{first}` stands in the list of the commands, and CodeBuild takes it for one; move it out of the list, "
            f"beside `{section}`",
        )
    raw = phase.text.content[item.start : item.end].rstrip()
    quoted = "'" + raw.replace("'", "''") + "'"
    one_line = "\n" not in raw and "\r" not in raw
    return Finding(
        item.span,
        "YAML reads this command as a mapping, since `: ` stands in it; CodeBuild ends the build with "
        f"`YAML_FILE_ERROR Message: Expected {_named(section)}[{index}] to be of string type: found subkeys instead`; "
        + (_quoting(raw) if one_line else "write it as a block, its lines indented below `- |`"),
        fix=Fix("Quote the command", "safe", (Replacement(item.span, quoted),)) if one_line else None,
    )


def _quoting(raw: str) -> str:
    doubled = " (each `'` in it written `''`)" if "'" in raw else ""
    return f"put the whole command in single quotes{doubled}, or write it as a block below `- |`"


def _named(section: str) -> str:
    return "Commands" if section == "commands" else section


@check("empty-commands")
def empty_commands(buildspec: Buildspec) -> Iterator[Finding]:
    """A phase without content or with no more than `finally`, or a list of commands without commands."""
    phases = buildspec.get("phases")
    if not isinstance(phases, Mapping):
        return
    slid = {above.name: entry.name for entry in phases.entries if (above := _emptied_by(phases, entry))}
    for entry in phases.entries:
        if entry.name not in PHASES:
            continue
        if _is_empty(entry.value):
            below = slid.get(entry.name)
            advice = f"indent the `{below}` that follows" if below else "give it `commands` or remove it"
            yield Finding(entry.key.span, f"the phase `{entry.name}` is empty; {advice}")
        elif isinstance(entry.value, Mapping):
            yield from _empty_lists(entry.name, entry.value)
            last = entry.value.get("finally")
            needs = entry.name != "install" and nearest("commands", entry.value.names()) is None
            if needs and last is not None and not _is_empty(last):
                yield Finding(
                    entry.key.span,
                    f"the phase `{entry.name}` has `finally` and no `commands`, which CodeBuild documents as required; "
                    "move these commands under `commands`",
                )


def _empty_lists(phase: str, node: Mapping) -> Iterator[Finding]:
    for entry in node.entries:
        if entry.name in ("commands", "finally") and _is_empty(entry.value):
            what = f"the phase `{phase}`" if len(node.entries) == 1 else f"`{entry.name}`"
            yield Finding(
                entry.key.span,
                f"`{entry.name}` of the phase `{phase}` holds no command; add one or remove {what}",
            )


def _is_empty(node: Node) -> bool:
    if isinstance(node, Scalar):
        return node.is_null
    return isinstance(node, Sequence | Mapping) and not (node.items if isinstance(node, Sequence) else node.entries)


@check("quoted-version-in-batch")
def quoted_version_in_batch(buildspec: Buildspec) -> Iterator[Finding]:
    """A version that is text in a buildspec for batch builds."""
    version = buildspec.version
    if buildspec.batch is None or version is None or version.style not in (SINGLE_QUOTED, DOUBLE_QUOTED):
        return
    yield Finding(
        version.span,
        f"a batch build refuses a version in quotes that a single build takes; write `version: {version.value}`",
        fix=Fix("Remove the quotes", "safe", (Replacement(version.span, version.value),)),
    )
