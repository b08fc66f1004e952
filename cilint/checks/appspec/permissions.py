"""Checks of an EC2/on-premises appspec's `permissions`: what the agent takes and then does something else with."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from cilint.checks.appspec.refusals import refused
from cilint.core.finding import Finding, Fix, Related, Replacement
from cilint.core.rule import check
from cilint.core.schema import shown
from cilint.model import agent
from cilint.model.appspec_ec2 import AppspecEC2, Permission
from cilint.source.nodes import Scalar

_SPECIAL: Final = {4: "setuid", 2: "setgid"}


@check("octal-mode")
def octal_mode(appspec: AppspecEC2) -> Iterator[Finding]:
    """A `mode` that YAML reads as octal: refused, or another one than meant."""
    yield from refused(appspec, "octal-mode")
    for permission in appspec.permissions:
        mode = permission.mode
        octal = agent.octal_digits(mode) if mode else None
        if mode is None or octal is None or not agent.is_mode(agent.mode_text(mode)):
            continue
        yield Finding(
            mode.span,
            f"YAML reads the unquoted `{mode.value}` as the octal number for {octal}, and the agent sets mode {octal} "
            f'({_symbolic(octal)}) instead; write `"{mode.value}"`',
            severity="warning",
            fix=agent.quote_mode(mode),
        )


def _symbolic(mode: str) -> str:
    """The last three digits of a mode as `ls` shows them: `r---w----`."""
    return "".join(
        letter if int(digit) & bit else "-"
        for digit in mode.rjust(3, "0")[-3:]
        for letter, bit in (("r", 4), ("w", 2), ("x", 1))
    )


@check("world-writable-mode")
def world_writable_mode(permission: Permission) -> Iterator[Finding]:
    """A mode that lets every user of the instance write, or runs a file as its owner."""
    mode = permission.mode
    if mode is None or agent.is_nil(mode) or agent.octal_digits(mode) is not None:
        return
    digits = agent.mode_text(mode)
    if not agent.is_mode(digits) or not mode.value.strip():
        return
    special = int(digits[0]) if len(digits) == 4 else 0
    if int(digits[-1]) & 2 and not special & 1:
        safe = digits[:-1] + str(int(digits[-1]) & 5)
        yield Finding(
            mode.span,
            f"mode {digits} lets every user and process of the instance change what was deployed, and what the scripts "
            f"and the service then run; take write away from others: `{safe}`",
        )
    elif special & 6:
        names = " and ".join(name for bit, name in _SPECIAL.items() if special & bit)
        yield Finding(
            mode.span,
            f"mode {digits} sets {names} on what was deployed: whoever runs it gets the rights of its owner or group; "
            f"write `{digits[1:]}` unless that is meant",
        )


@check("except-with-slash")
def except_with_slash(permission: Permission) -> Iterator[Finding]:
    """An entry of `except`, or a `pattern`, with a slash: it matches nothing."""
    for item in permission.except_:
        if isinstance(item, Scalar) and "/" in item.value.rstrip("/"):
            base = item.value.rstrip("/").rsplit("/", 1)[-1]
            yield Finding(
                item.span,
                "`except` is compared with the bare names of what lies directly in the object, so "
                f"`{shown(item.value)}` never matches and nothing is left out; write `{shown(base)}` and name its "
                "directory as `object`",
            )
    pattern = permission.pattern
    if pattern and "/" in pattern.value:
        yield Finding(
            pattern.span,
            "`pattern` is compared with the bare names of what lies directly in the object, so "
            f"`{shown(pattern.value)}` never matches and nothing is changed; name the directory as `object`, or write "
            "`**` for everything below",
        )


@check("context-user-ignored")
def context_user_ignored(permission: Permission) -> Iterator[Finding]:
    """A context's `user`: the agent reads `name`."""
    context = permission.context
    entry = context.entry("user") if context else None
    if context is None or entry is None or agent.is_nil(entry.value):
        return
    named = not agent.is_nil(context.get("name"))
    advice = "remove it" if named else "write `name` instead of `user`"
    fix = None if named else Fix("Write `name`", "unsafe", (Replacement(entry.key.span, "name"),))
    yield Finding(
        entry.key.span,
        f"the agent reads the SELinux user from `name` and ignores `user`, the key in the user guide; {advice}",
        fix=fix,
    )


@check("context-without-range")
def context_without_range(appspec: AppspecEC2) -> Iterator[Finding]:
    """A context without `range`: the agent crashes when it installs."""
    for permission in appspec.permissions:
        context = permission.context
        if context is None or agent.is_nil(context.get("type")) or not agent.is_nil(context.get("range")):
            continue
        yield Finding(
            agent.place(context) if context.get("range") is None else agent.at(context, "range"),
            "a context without `range` crashes the agent at Install (NoMethodError: undefined method `get_range' for "
            "nil) as soon as the permission applies to anything; add `range: s0`",
            severity=None if _reaches_files(appspec, permission) else "warning",
        )


@check("numeric-owner")
def numeric_owner(appspec: AppspecEC2) -> Iterator[Finding]:
    """An owner or group given as a number: the agent looks names up."""
    for permission in appspec.permissions:
        for key in ("owner", "group"):
            node = permission.get(key)
            if node is None or agent.is_nil(node) or agent.is_text(node):
                continue
            said = f"the number {shown(node.value)}" if isinstance(node, Scalar) else "no text"
            yield Finding(
                node.span,
                f"`{key}` is {said}, but the agent looks up a name and stops at Install with a TypeError; give the "
                f"name of the {'user' if key == 'owner' else 'group'}",
                severity=None if _reaches_files(appspec, permission) else "warning",
            )


@check("default-acl-on-file")
def default_acl_on_file(appspec: AppspecEC2) -> Iterator[Finding]:
    """A default entry in the `acls` of a permission that reaches files, which have none."""
    for permission in appspec.permissions:
        default = next((item for item in permission.acls if isinstance(item, Scalar) and _is_default(item.value)), None)
        if default is None or "file" not in permission.types:
            continue
        yield Finding(
            default.span,
            'this default entry is for directories, and the permission reaches files too: "the -d parameter has been '
            'specified to apply an acl setting to a file"; add `type: [directory]` and give files an item of their own',
            severity=None if _reaches_files(appspec, permission) else "warning",
        )


def _is_default(entry: str) -> bool:
    return agent.ace_problem(entry) is None and bool({"d", "default"} & set(entry.split(":")[:2]))


def _reaches_files(appspec: AppspecEC2, permission: Permission) -> bool:
    """Whether it is certain that the permission applies to something that is copied."""
    directory = permission.directory
    return directory is not None and "file" in permission.types and permission.is_whole and appspec.fills(directory)


@check("repeated-permission")
def repeated_permission(appspec: AppspecEC2) -> Iterator[Finding]:
    """Two permissions that reach the same files: the agent refuses the second."""
    before: list[Permission] = []
    for permission in appspec.permissions:
        path = permission.directory
        if path is None or permission.object is None or permission.except_:
            continue
        for first in before:
            other = first.directory or ""
            shared = [kind for kind in permission.types if kind in first.types]
            if shared and first.object is not None and _overlap(permission, first):
                sure = path == other and _reaches_files(appspec, permission) and _reaches_files(appspec, first)
                yield Finding(
                    permission.object.span,
                    f'{_covering(appspec, permission, first, shared[0])}; the agent refuses the second: "the '
                    f'permissions setting for (...) is specified more than once". {_told_apart(permission, first)}',
                    severity=None if sure else "warning",
                    related=(Related(first.object.span, "the first is here"),),
                )
                break
        before.append(permission)


def _covering(appspec: AppspecEC2, second: Permission, first: Permission, kind: str) -> str:
    """What the two have in common. The wider of two objects covers what the other names."""
    assert second.object is not None and first.object is not None
    line = appspec.text.position(first.object.start).line
    one, other = shown(second.object.value), shown(first.object.value)
    if second.directory == first.directory:
        return f"this item and that in line {line} both set permissions of each {kind} below `{one}`"
    if len(first.directory or "") < len(second.directory or ""):
        return f"`{other}` with `**` (line {line}) already covers each {kind} below `{one}`"
    return f"`{one}` with `**` also covers each {kind} below `{other}` (line {line})"


def _told_apart(second: Permission, first: Permission) -> str:
    keys = ("owner", "group", "mode", "acls", "context", "type")
    set_by = [
        [each.text.content[node.start : node.end] if (node := each.get(key)) else "" for key in keys]
        for each in (second, first)
    ]
    if second.directory == first.directory:
        return "Merge the two, or tell them apart by `type`"
    inner = max(second, first, key=lambda each: len(each.directory or ""))
    if set_by[0] == set_by[1]:
        return "Remove the inner one, which sets the same"
    name = shown(inner.object.value) if inner.object is not None else ""
    return f"Keep the outer one, and set `{name}` in a script of `AfterInstall` (`chmod`, `chown`)"


def _overlap(one: Permission, other: Permission) -> bool:
    """Whether both reach what lies in one directory; of patterns only `*` and `**` are sure to."""
    paths = (one.directory or "", other.directory or "")
    if all(each.is_whole for each in (one, other)):
        return paths[0].startswith(paths[1]) or paths[1].startswith(paths[0])
    patterns = [each.pattern.value if each.pattern is not None else "**" for each in (one, other)]
    return paths[0] == paths[1] and set(patterns) <= {"*", "**"} and not other.except_
