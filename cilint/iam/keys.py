"""Condition keys: what kind of value they hold, and whether requests for an action carry them."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import Final

from cilint.catalog import iam_actions
from cilint.catalog.condition_keys import GLOBAL, ConditionKey, global_key, template_of
from cilint.catalog.iam_actions import Action
from cilint.catalog.nearest import nearest
from cilint.iam.verdict import Verdict
from cilint.model.values import HOLE

TAG_KEYS: Final = ("aws:resourcetag", "aws:requesttag", "aws:principaltag")
# Prefixes of keys that come from an identity provider, whose claims no list holds.
_CLAIMS: Final = ("saml", "sts", "www.amazon.com", "graph.facebook.com")


@lru_cache(maxsize=2048)
def known(name: str) -> ConditionKey | None:
    """The key that a name (in lower case) spells or fills in: a global one or one of its service."""
    found = global_key(name)
    if found is not None:
        return found
    service = iam_actions.service(name.partition(":")[0])
    if service is None:
        return None
    return service.condition_key(name) or _angled(name, service.condition_keys.values())


def _angled(name: str, found: Iterable[ConditionKey]) -> ConditionKey | None:
    """Some keys have their open part as `<key>`: `s3:ExistingObjectTag/<key>`."""
    for key in found:
        head, angle, _ = key.name.lower().partition("<")
        if angle and len(name) > len(head) and name.startswith(head):
            return key
    return None


@lru_cache(maxsize=2048)
def judge(written: str) -> Verdict | None:
    """What is wrong with a key as written; None of known ones and of claims of identity providers."""
    name = written.lower()
    prefix, colon, rest = name.partition(":")
    if HOLE in name or name.startswith("${"):
        return None
    if not colon or not rest:
        if name in TAG_KEYS:
            return None
        hint = next((key.name for lower, key in GLOBAL.items() if lower.partition(":")[2] == name), None)
        advice = f"; did you mean `{hint}`?" if hint else ", such as `aws:SourceAccount`"
        return Verdict(f"`{written}` is no condition key: they are written `service:Name`{advice}", "warning")
    if "." in prefix or "/" in prefix or (prefix in _CLAIMS and not rest.islower()):
        return None
    if name.rstrip("/") in TAG_KEYS:
        return Verdict(f"`{written}` does not say which tag; write `{written.rstrip('/')}/NAME`", "warning")
    if known(name):
        return None
    return _unknown(written, name, prefix)


def _unknown(written: str, name: str, prefix: str) -> Verdict | None:
    if prefix == "aws":
        hint = nearest(name, (key.name for key in GLOBAL.values()))
        what = f"IAM has no key `{written}`, so the test never finds it"
    else:
        service = iam_actions.service(prefix)
        if service is None:
            hint = iam_actions.nearest_service(prefix)
            if hint and not iam_actions.discontinued_service(prefix):
                return Verdict(f"no service has the prefix `{prefix}`; did you mean `{hint}`?", "warning", "medium")
            return None
        if any(name.startswith(key.lower().split("${")[0].split("<")[0]) for key in _open(service.prefix)):
            return None
        hint = nearest(name, (key.name for key in service.condition_keys.values()))
        what = f"`{prefix}` has no condition key `{written}`, so the test never finds it"
    if hint:
        return Verdict(f"{what}; did you mean `{hint}`?", "warning")
    return Verdict(f"`{written}` is no condition key in AWS's reference of {iam_actions.data_date()}", "note", "low")


@lru_cache(maxsize=256)
def _open(prefix: str) -> tuple[str, ...]:
    service = iam_actions.service(prefix)
    keys = service.condition_keys.values() if service else ()
    return tuple(key.name for key in keys if "${" in key.name or "<" in key.name)


@lru_cache(maxsize=4096)
def of_action(action: Action) -> frozenset[str]:
    """The keys, in lower case, that AWS's reference lists for an action and for what it works on."""
    service = iam_actions.service(action.service)
    if service is None:
        return frozenset()
    names = [*service.keys_of_action(action)]
    for kind in action.resource_types:
        names += service.keys_of_resource_type(kind)
    return frozenset(name.lower() for name in names)


@lru_cache(maxsize=8192)
def carries(action: Action, name: str) -> bool:
    """Whether requests for the action carry the key (in lower case), as far as AWS's reference lists it."""
    own = of_action(action)
    if name in own:
        return True
    return any(_fills(name, key) for key in own if "${" in key or "<" in key)


def _fills(name: str, key: str) -> bool:
    """Whether a name fills in the open part of a key, both in lower case."""
    return bool(template_of(name, (ConditionKey(key, ""),))) or _angled(name, (ConditionKey(key, ""),)) is not None
