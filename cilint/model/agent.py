"""What the CodeDeploy agent refuses when it reads an EC2/on-premises appspec, place by place: the one accept/refuse.

Follows the agent's reader (aws/aws-codedeploy-agent 1.8.1, application_specification/*.rb). The agent stops at its
first refusal; here all are told, so that a file without any is one that it takes. What the agent takes and then reads
in another way than meant is no business of this module, nor are the files beside the appspec.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Final

from cilint.core.finding import Fix, Replacement
from cilint.core.nearest import nearest
from cilint.core.schema import shown
from cilint.model import psych
from cilint.model.psych import Symbol, Time
from cilint.source.nodes import Entry, Mapping, Node, Scalar, Sequence
from cilint.source.pattern import lazy
from cilint.source.record import NamedTuple
from cilint.source.text import Span

LINUX_NAMES: Final = frozenset(
    ("ubuntu", "debian", "centos", "rhel", "redhat", "fedora", "suse", "sles", "alpine", "rocky", "almalinux")
    + ("amazon", "amazonlinux", "amazon linux", "amazon-linux", "al2", "al2023", "unix")
)
OSES: Final = ("linux", "windows")
FILE_EXISTS_BEHAVIORS: Final = ("DISALLOW", "OVERWRITE", "RETAIN")
OBJECT_TYPES: Final = ("file", "directory")
ACL_TYPES: Final = {"m": "mask", "o": "other", "g": "group", "u": "user"}
ACL_TYPES_BY_WORD: Final = {**ACL_TYPES, **{word: word for word in ACL_TYPES.values()}}
DEFAULT_TIMEOUT: Final = 3600
MAX_CATEGORY: Final = 1023

_PLACEHOLDER: Final = lazy(r"\$\{?[A-Za-z_]|\{\{|<%|@@?\w+@@?|%\w+%|<[A-Za-z][\w -]*>|__[A-Z0-9_]+__")
_BLANKS: Final = " \t\n\v\f\r\0"


class Refusal(NamedTuple):
    """One thing that the agent refuses. `rule` is the page that speaks of it.

    `uncertain` where the value is a placeholder that something may fill in before the agent sees the file.
    """

    rule: str
    span: Span
    message: str
    uncertain: bool = False
    fix: Fix | None = None


def placeholder(text: str) -> bool:
    """Whether a value looks like one that a template engine or `envsubst` fills in."""
    return bool(_PLACEHOLDER.search(text))


def refusals(root: Node) -> Iterator[Refusal]:
    """Everything in an appspec that the agent refuses, its Ruby exceptions included, in the agent's order."""
    if not isinstance(root, Mapping):
        yield _root(root)
        return
    yield from _version(root)
    yield from _os(root)
    yield from _hooks(root.get("hooks"))
    yield from _files(root.get("files"))
    system = root.get("os")
    yield from _permissions(root, "" if system is None else _text(system))
    yield from _file_exists_behavior(root.get("file_exists_behavior"))


def is_nil(node: Node | None) -> bool:
    """Whether Ruby sees nothing there: an absent key, or one without a value."""
    return node is None or (isinstance(node, Scalar) and psych.value(node) is None)


def is_false(node: Node | None) -> bool:
    """Whether Ruby's `||` passes over the value: nothing, or false."""
    if not isinstance(node, Scalar):
        return node is None
    seen = psych.value(node)
    return seen is None or seen is False


def is_text(node: Node) -> bool:
    """Whether Ruby sees a String."""
    return isinstance(node, Scalar) and isinstance(psych.value(node), str)


def timeout_seconds(node: Node | None) -> int | None:
    """The seconds that the agent makes of a script's `timeout`, or None where it stops with an exception."""
    if is_false(node):
        return DEFAULT_TIMEOUT
    seen = psych.value(node) if isinstance(node, Scalar) else None
    if isinstance(seen, str):
        return psych.to_i(seen)
    if isinstance(seen, bool) or not isinstance(seen, int | float) or not math.isfinite(seen):
        return None
    return int(seen)


def mode_text(node: Scalar) -> str:
    """The digits that the agent takes for the mode: what Ruby prints of the value, padded to three."""
    seen = psych.value(node)
    if isinstance(seen, bool):
        text = "true" if seen else "false"
    else:
        text = seen.name if isinstance(seen, Symbol) else seen.text if isinstance(seen, Time) else str(seen)
    return text.rjust(3, "0")


def is_mode(text: str) -> bool:
    """Whether the agent takes these characters for a mode."""
    return len(text) <= 4 and all("0" <= char <= "7" for char in text)


def _text(node: Node) -> str:
    return node.value if isinstance(node, Scalar) else ""


def _said(node: Node) -> str:
    return (
        f"`{shown(node.value)}`"
        if isinstance(node, Scalar)
        else "a list"
        if isinstance(node, Sequence)
        else "a mapping"
    )


def _what(node: Node) -> str:
    if isinstance(node, Scalar):
        return "empty" if is_nil(node) else f"`{shown(node.value)}`"
    return "a list" if isinstance(node, Sequence) else "a mapping"


def _is_open(node: Node) -> bool:
    return isinstance(node, Scalar) and placeholder(node.value)


def place(root: Node) -> Span:
    """Where a finding about the whole file is shown: its first key."""
    return root.entries[0].key.span if isinstance(root, Mapping) and root.entries else root.span


def at(parent: Mapping, key: str) -> Span:
    """Where a finding about the value under `key` is shown: the value, or its key where the value is empty."""
    entry = parent.entry(key)
    if entry is None:
        return place(parent)
    return entry.value.span if entry.value.end > entry.value.start else entry.key.span


def _root(root: Node) -> Refusal:
    if is_false(root):
        return Refusal(
            "appspec-empty",
            root.span,
            'the file holds nothing, and the agent refuses it: "the application specification file was empty"; it '
            "needs at least `version: 0.0` and `os: linux` or `os: windows`",
        )
    return Refusal(
        "appspec-empty",
        root.span,
        f"an appspec is a mapping with `version`, `os`, `files` and `hooks`, but this is {_what(root)}",
    )


def _version(root: Mapping) -> Iterator[Refusal]:
    node = root.get("version")
    if is_nil(node):
        near = next((entry for entry in root.entries if entry.name.lower() == "version"), None)
        advice = "write `version` in lower case" if near and near.name != "version" else "add `version: 0.0`"
        span = near.key.span if near else place(root)
        yield Refusal(
            "appspec-version",
            span,
            f'no `version`, so the agent refuses the file: "an invalid version value ()"; {advice}',
        )
        return
    assert node is not None
    seen = psych.value(node) if isinstance(node, Scalar) else None
    if isinstance(seen, int | float) and not isinstance(seen, bool) and seen == 0:
        return
    said = shown(_text(node))
    if said == "0.0":
        why = "`version` is quoted, and the agent compares it with the number 0.0"
        advice = "remove the quotes"
    else:
        why = f"the version of an appspec is 0.0, not {_said(node)}"
        advice = "write `version: 0.0`"
    message = f'{why}: the agent refuses the file with "an invalid version value ({said})"; {advice}'
    fix = (
        Fix("Write the version as the number 0.0", "safe", (Replacement(node.span, "0.0"),)) if said == "0.0" else None
    )
    yield Refusal("appspec-version", at(root, "version"), message, _is_open(node), fix)


def _os(root: Mapping) -> Iterator[Refusal]:
    node = root.get("os")
    if isinstance(node, Scalar) and psych.value(node) in OSES:
        return
    if is_nil(node):
        near = next((entry for entry in root.entries if entry.name.lower() == "os" and entry.name != "os"), None)
        advice = "write `os` in lower case" if near else "add `os: linux` or `os: windows`"
        span = near.key.span if near else at(root, "os")
        yield Refusal(
            "unsupported-os",
            span,
            f'no `os`, so the agent refuses the file: "specifies an unsupported operating system ()"; {advice}',
        )
        return
    assert node is not None
    said = shown(_text(node))
    lower = said.lower()
    advice = (
        f"write `os: {lower}`, in lower case"
        if lower in OSES
        else "write `os: linux`"
        if lower in LINUX_NAMES or nearest(lower, ("linux",))
        else "write `os: linux` or `os: windows`"
    )
    yield Refusal(
        "unsupported-os",
        at(root, "os"),
        f'the agent knows `linux` and `windows`, not {_said(node)}: "specifies an unsupported operating system '
        f'({said})"; {advice}',
        _is_open(node),
        Fix(f"Write `{lower}`", "safe", (Replacement(node.span, lower),)) if lower in OSES else None,
    )


def _file_exists_behavior(node: Node | None) -> Iterator[Refusal]:
    if node is None or is_nil(node):
        return
    if isinstance(node, Scalar) and psych.value(node) in FILE_EXISTS_BEHAVIORS:
        return
    said = shown(_text(node))
    capitals = said.upper() if said.upper() in FILE_EXISTS_BEHAVIORS else ""
    upper = f"; write it in capitals: `{capitals}`" if capitals else ""
    yield Refusal(
        "invalid-file-exists-behavior",
        node.span,
        f'the agent takes DISALLOW, OVERWRITE or RETAIN, not {_said(node)}: "an invalid file_exists_behavior value '
        f'({said})"{upper}',
        _is_open(node),
        Fix(f"Write `{capitals}`", "safe", (Replacement(node.span, capitals),)) if capitals else None,
    )


def _files(node: Node | None) -> Iterator[Refusal]:
    if node is None or is_false(node):
        return
    if isinstance(node, Mapping):
        if node.entries:
            yield Refusal(
                "files-wrong-shape",
                node.span,
                "`files` must be a list, but this is a mapping, and the agent stops with a TypeError; put `- ` before "
                "the first key of each `source`/`destination` pair",
            )
        return
    if not isinstance(node, Sequence):
        message = (
            f"`files` must be a list of `source`/`destination` pairs, but this is {_what(node)}: the agent stops with "
            "a NoMethodError"
        )
        yield Refusal("files-wrong-shape", node.span, message, _is_open(node))
        return
    for item in node.items:
        yield from _file(item, node)


def _slip(item: Mapping, key: str) -> Entry | None:
    """The entry whose key is a misspelling of `key`."""
    return next((each for each in item.entries if nearest(each.name, (key,)) == key), None)


def _file(item: Node, files: Sequence) -> Iterator[Refusal]:
    span = item.span if item.end > item.start else files.span
    if isinstance(item, Mapping):
        source, destination = item.get("source"), item.get("destination")
        if is_nil(source):
            slip = _slip(item, "source") if source is None else None
            yield Refusal(
                "file-without-source-or-destination",
                slip.key.span if slip else place(item) if source is None else at(item, "source"),
                'this item of `files` has no `source`: "specifies a destination file, but no source file"; '
                + (f"rename `{shown(slip.name)}` to `source`" if slip else "add it"),
            )
        elif is_nil(destination):
            slip = _slip(item, "destination") if destination is None else None
            yield Refusal(
                "file-without-source-or-destination",
                slip.key.span if slip else place(item) if destination is None else at(item, "destination"),
                'this item of `files` has no `destination`: "specifies only a source file '
                f'({shown(_text(source or item))})"; '
                + (f"rename `{shown(slip.name)}` to `destination`" if slip else "add the directory that it goes to"),
            )
        return
    seen = psych.value(item) if isinstance(item, Scalar) else None
    if isinstance(seen, str | Symbol):
        word = seen if isinstance(seen, str) else seen.name
        if "source" in word and "destination" in word:
            return  # Ruby's `"..."["source"]` finds the word in the text
        message = (
            f'an item of `files` is a mapping with `source` and `destination`, but this is {_what(item)}: "specifies a '
            'destination file, but no source file"'
        )
        yield Refusal("file-without-source-or-destination", span, message, _is_open(item))
        return
    message = (
        f"an item of `files` is a mapping with `source` and `destination`, but this is {_what(item)}: the agent stops "
        "with an exception"
    )
    yield Refusal("files-wrong-shape", span, message)


def _hooks(node: Node | None) -> Iterator[Refusal]:
    if node is None or is_false(node):
        return
    if not isinstance(node, Mapping):
        form = (
            "`hooks` is a list, as in an appspec for ECS or Lambda; on EC2 it maps each event to a list of scripts: "
            "`BeforeInstall:` and below it `- location: ...`"
            if isinstance(node, Sequence)
            else f"`hooks` maps each event to a list of scripts, but this is {_what(node)}"
        )
        yield Refusal("hooks-wrong-shape", node.span, f"{form}. The agent stops with a NoMethodError", _is_open(node))
        return
    for name in node.names():
        entry = node.entry(name)
        if entry and not (name == "<<" and isinstance(entry.value, Mapping | Sequence)):
            yield from _scripts(name, entry.value)


def _scripts(event: str, node: Node) -> Iterator[Refusal]:
    if is_false(node):
        return
    if isinstance(node, Mapping) and node.entries:
        message = (
            f"the scripts of `{shown(event)}` must be a list, but this is a mapping; put `- ` before its first key. "
            "The agent stops with a NoMethodError"
        )
        yield Refusal("hooks-wrong-shape", node.span, message)
    elif isinstance(node, Scalar):
        message = (
            f"the scripts of `{shown(event)}` must be a list of mappings with `location`, but this is {_what(node)}: "
            "the agent stops with a NoMethodError"
        )
        yield Refusal("hooks-wrong-shape", node.span, message, _is_open(node))
    elif isinstance(node, Sequence):
        for item in node.items:
            yield from _script(event, item, node)


def _script(event: str, item: Node, scripts: Sequence) -> Iterator[Refusal]:
    if not isinstance(item, Mapping):
        advice = f"; write `- location: {shown(item.value)}`" if isinstance(item, Scalar) and not is_nil(item) else ""
        message = (
            f"a script of `{shown(event)}` is a mapping with `location`, but this is {_what(item)}: the agent stops "
            f"with a NoMethodError{advice}"
        )
        yield Refusal(
            "hooks-wrong-shape", item.span if item.end > item.start else scripts.span, message, _is_open(item)
        )
        return
    location = item.get("location")
    if is_nil(location) or _is_blank(location):
        span = place(item) if location is None else at(item, "location")
        key = _split_off(item, scripts)
        message = f'a script of `{shown(event)}` has no `location`: "specifies a script with no location value"; ' + (
            f"remove the dash before `{key}`, so that it belongs to the location above"
            if key
            else "add the path of the script in the bundle"
        )
        yield Refusal("script-without-location", span, message)
    timeout = item.get("timeout")
    seconds = timeout_seconds(timeout)
    if seconds is None or seconds <= 0:
        assert timeout is not None
        read = "" if seconds is None or _text(timeout).strip() == str(seconds) else f", which it reads as {seconds}"
        message = (
            f'the agent refuses the timeout {_said(timeout)}{read}: "an invalid timeout value was provided for a '
            'script"; give whole seconds, 1 or more'
        )
        yield Refusal("invalid-timeout", at(item, "timeout"), message, _is_open(timeout))


def _split_off(item: Mapping, scripts: Sequence) -> str | None:
    """The first key of an item that a stray dash split off the one before, which has a location and not these keys."""
    place = next((at for at, each in enumerate(scripts.items) if each is item), 0)
    before = scripts.items[place - 1] if place else None
    keys = item.names()
    if not keys or not isinstance(before, Mapping) or is_nil(before.get("location")):
        return None
    fits = all(key in ("timeout", "runas", "sudo") and before.get(key) is None for key in keys)
    return keys[0] if fits else None


def _is_blank(node: Node | None) -> bool:
    return isinstance(node, Scalar) and isinstance(psych.value(node), str) and not node.value.strip(_BLANKS)


def _permissions(root: Mapping, system: str) -> Iterator[Refusal]:
    node = root.get("permissions")
    if node is None or is_false(node) or (isinstance(node, Mapping) and not node.entries):
        return
    if not isinstance(node, Sequence):
        advice = "; put `- ` before its first key" if isinstance(node, Mapping) else ""
        message = (
            f"`permissions` must be a list, but this is {_what(node)}: the agent stops with a NoMethodError{advice}"
        )
        yield Refusal("permissions-wrong-shape", node.span, message, _is_open(node))
        return
    for item in node.items:
        if not isinstance(item, Mapping):
            message = (
                f"an item of `permissions` is a mapping with `object`, but this is {_what(item)}: the agent stops with "
                "a NoMethodError"
            )
            span = item.span if item.end > item.start else node.span
            yield Refusal("permissions-wrong-shape", span, message, _is_open(item))
        elif system == "windows":
            yield from _no_object(item) if is_nil(item.get("object")) else _on_windows(item)
        else:
            yield from _permission(item)


def _no_object(item: Mapping) -> Iterator[Refusal]:
    span = place(item) if item.get("object") is None else at(item, "object")
    message = (
        'this item of `permissions` has no `object`: "a permission listed in the application specification file has no '
        'object value"; add the path'
    )
    yield Refusal("permission-without-object", span, message)


def _on_windows(item: Mapping) -> Iterator[Refusal]:
    message = (
        'permissions are for Linux only, and the agent refuses this file on Windows: "specifiles file permissions, but '
        'the deployment is targeting one or more Windows Server instances"; remove them and set ACLs in a hook script'
    )
    yield Refusal("permissions-on-windows", place(item), message)


def _permission(item: Mapping) -> Iterator[Refusal]:
    node = item.get("object")
    if is_nil(node) or _is_blank(node):
        yield from _no_object(item)
        if is_nil(node):
            return
    yield from _except(item.get("except"))
    yield from _object_types(item.get("type"))
    yield from _mode(item)
    yield from _acls(item.get("acls"))
    yield from _context(item)


def _except(node: Node | None) -> Iterator[Refusal]:
    if node is None or is_false(node) or isinstance(node, Sequence | Mapping):
        return
    message = (
        f"`except` must be a list, but this is {_what(node)}: the agent stops with a NoMethodError; write `except: "
        f"[{shown(_text(node))}]`"
    )
    yield Refusal("permissions-wrong-shape", node.span, message, _is_open(node))


def _object_types(node: Node | None) -> Iterator[Refusal]:
    if node is None or is_false(node) or (isinstance(node, Mapping) and not node.entries):
        return
    if not isinstance(node, Sequence):
        message = (
            f"`type` must be a list of `file` and `directory`, but this is {_what(node)}: the agent stops with an "
            "exception"
        )
        if isinstance(node, Scalar):
            message += f"; write `type: [{shown(node.value)}]`"
        yield Refusal("invalid-object-type", node.span, message, _is_open(node))
        return
    for item in node.items:
        if not (isinstance(item, Scalar) and psych.value(item) in OBJECT_TYPES):
            message = (
                f'`type` knows `file` and `directory`, not {_said(item)}: "an object type not supported for '
                f'permissions ({shown(_text(item))})"; write `file`, `directory` or both'
            )
            yield Refusal(
                "invalid-object-type", item.span if item.end > item.start else node.span, message, _is_open(item)
            )


def _mode(item: Mapping) -> Iterator[Refusal]:
    node = item.get("mode")
    if node is None or is_nil(node):
        return
    if not isinstance(node, Scalar):
        yield Refusal(
            "invalid-mode", node.span, f'a mode is one to four octal digits such as "644", but this is {_what(node)}'
        )
        return
    seen = mode_text(node)
    if is_mode(seen):
        return
    octal = octal_digits(node)
    if octal is not None:
        message = (
            f"YAML reads the unquoted `{node.value}` as the octal number for {octal}, and the agent takes those digits "
            f'for the mode: "the permissions mode ({seen}) ... contains an invalid character"; write `"{node.value}"`'
        )
        yield Refusal("octal-mode", node.span, message, fix=quote_mode(node))
        return
    why = (
        f'"the length of a permissions mode ({shown(seen)}) ... is invalid"'
        if len(seen) > 4
        else f'"the permissions mode ({seen}) ... contains an invalid character"'
    )
    message = (
        f"the agent takes one to four digits from 0 to 7, not {_said(node)}: {why}; write the mode in octal, such as "
        '"644"'
    )
    yield Refusal("invalid-mode", node.span, message, placeholder(node.value))


def octal_digits(node: Scalar) -> str | None:
    """The digits that the agent sees of an unquoted mode with a leading zero; None where they are those written."""
    seen = psych.value(node)
    if node.quoted or isinstance(seen, bool) or not isinstance(seen, int):
        return None
    plain = node.value.lstrip("+-")
    return str(seen) if len(plain) > 1 and plain[0] == "0" and str(seen) != (plain.lstrip("0") or "0") else None


def quote_mode(node: Scalar) -> Fix:
    """The edit that makes the agent take a mode as written; it changes what is deployed."""
    return Fix("Quote the mode", "unsafe", (Replacement(node.span, f'"{node.value}"'),))


def _acls(node: Node | None) -> Iterator[Refusal]:
    if node is None or is_nil(node) or (isinstance(node, Mapping) and not node.entries):
        return
    if not isinstance(node, Sequence):
        message = (
            f"`acls` must be a list of entries such as `u:alice:rw`, but this is {_what(node)}: the agent stops with a "
            "NoMethodError"
        )
        yield Refusal("permissions-wrong-shape", node.span, message, _is_open(node))
        return
    for item in node.items:
        seen = psych.value(item) if isinstance(item, Scalar) else None
        why = (
            ace_problem(seen)
            if isinstance(seen, str)
            else f"an entry is text such as `u:alice:rw`, but this is {_what(item)}; quote it"
        )
        if why:
            yield Refusal("invalid-acl", item.span if item.end > item.start else node.span, why, _is_open(item))


def ace_problem(entry: str) -> str | None:
    """Why the agent refuses an entry of an access control list, or None."""
    invalid = f'"a problem with the acls permission settings ... Invalid acl entry ({shown(entry)})"'
    parts = entry.split(":") if entry else []
    if not 2 <= len(parts) <= 4:
        return f"an entry of `acls` is written `[d:][u|g|m|o:][name]:rwx`, not `{shown(entry)}`: {invalid}"
    *words, name, permissions = parts
    default = False
    kind = ""
    if len(words) == 2:
        if words[0] not in ("d", "default"):
            return f"the first of four parts is `d` or `default`, not `{shown(words[0])}`: {invalid}"
        default = True
    if words:
        word = words[-1]
        if word in ("d", "default"):
            if default:
                return f"`default` stands twice: {invalid}"
            default = True
        elif word in ACL_TYPES_BY_WORD:
            kind = ACL_TYPES_BY_WORD[word]
        else:
            return f"`{shown(word)}` is no type; `u`, `g`, `m`, `o` and their long forms are: {invalid}"
    named = ACL_TYPES_BY_WORD.get(name)
    if named in ("mask", "other"):
        kind, name = (kind, named) if kind else (named, "")
    kind = kind or "user"
    if kind in ("mask", "other") and name:
        return f"an entry for `{kind}` has no name: {invalid}"
    if not default and kind != "mask" and not name:
        return (
            f'the owner, the group and others are set by `mode`: "Use mode to set the base acl entry ({shown(entry)})"'
        )
    if len(permissions) == 1 and "0" <= permissions <= "7":
        return None
    wrong = next((char for char in permissions if char not in "rwx-"), None)
    if wrong is not None:
        return (
            'rights are made of r, w, x and -, or one digit from 0 to 7: "the access control list (ACL) named '
            f'{shown(entry)} ... contains an invalid character ({wrong})"'
        )
    return None


def _context(item: Mapping) -> Iterator[Refusal]:
    node = item.get("context")
    if node is None or is_nil(node):
        return
    if not isinstance(node, Mapping):
        seen = psych.value(node) if isinstance(node, Scalar) else None
        word = seen if isinstance(seen, str) else seen.name if isinstance(seen, Symbol) else ""
        if "type" in word and "range" not in word:
            return  # Ruby's `"..."["type"]` finds the word in the text
        message = (
            f"`context` is a mapping with `name`, `type` and `range`, but this is {_what(node)}; the agent refuses it"
        )
        yield Refusal("invalid-selinux-context", node.span, message, _is_open(node))
        return
    if is_nil(node.get("type")):
        message = (
            'this `context` has no `type`: "specifies an invalid context type"; add it, for example `type: '
            "httpd_sys_content_t`"
        )
        yield Refusal("invalid-selinux-context", place(node) if node.entries else at(item, "context"), message)
    level = node.get("range")
    if level is None or is_nil(level):
        return
    seen = psych.value(level) if isinstance(level, Scalar) else None
    why = (
        range_problem(seen)
        if isinstance(seen, str)
        else f"a range is text such as `s0:c0.c1023`, but this is {_what(level)}"
    )
    if why:
        yield Refusal("invalid-selinux-context", at(node, "range"), why, _is_open(level))


def range_problem(text: str) -> str | None:
    """Why the agent refuses an SELinux range, or None. Its form is `s<n>[-s<n>][:c<n>[.c<n>][,...]]`."""
    levels, colon, categories = text.partition(":")
    low, hyphen, high = levels.partition("-")
    form = "; its form is `s0`, `s0-s3` or `s0:c1,c3.c5`"
    if not levels or not low or (colon and not categories) or (hyphen and not high):
        return f'the agent refuses the range `{shown(text)}`: "invalid range part"{form}'
    sensitivities = [_number(part, "s") for part in ((low, high) if hyphen else (low,))]
    if None in sensitivities:
        return f'the agent refuses the range `{shown(text)}`: "invalid sensitivity"{form}'
    if hyphen and (sensitivities[1] or 0) < (sensitivities[0] or 0):
        return (
            f'the range descends: "a problem with the SELinux range specified ({shown(text)})"; write the lower level '
            "first"
        )
    return _categories_problem(categories) if colon else None


def _categories_problem(text: str) -> str | None:
    found: list[int] = []
    for part in text.rstrip(",").split(",") if text.rstrip(",") else []:
        first, dot, last = part.partition(".")
        if dot and not (first and last):
            return f'`{part}` is no range of categories: "invalid range part {part}"'
        low, high = _number(first, "c"), _number(last, "c") if dot else None
        if low is None or (dot and high is None) or max(low, high or 0) > MAX_CATEGORY:
            return f'a category is `c0` to `c{MAX_CATEGORY}`, not `{part}`: "invalid category"'
        if high is not None and high < low:
            return f'`{part}` descends: "invalid category range"; write the lower category first'
        found.extend(range(low, (high if high is not None else low) + 1))
    return 'a category stands twice: "duplicate categories"; name each once' if len(found) != len(set(found)) else None


def _number(text: str, letter: str) -> int | None:
    digits = text.removeprefix(letter)
    return int(digits) if text != digits and digits and digits.isascii() and digits.isdigit() else None
