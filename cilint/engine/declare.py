"""Rules that are data: the place that `select` names, and what `require` or `forbid` makes of it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import cache, lru_cache
from typing import Any, Final

from cilint.core import resources
from cilint.core.finding import Finding, Severity
from cilint.core.rewrite import mended
from cilint.core.rule import Declaration
from cilint.core.schema import Unknown, Violation, accepts, evaluate, shown, tagged
from cilint.source.nodes import Entry, Mapping, Node, Scalar, Sequence
from cilint.source.record import NamedTuple
from cilint.source.text import Span

_STEP: Final = re.compile(r'\.(\*\*|\*|[^.\[\]~]+)|(\[\])|\["([^"]+)"\]')
_PLACEHOLDER: Final = re.compile(r"(?<!\$)\{(value|key|path)\}")


class Selected(NamedTuple):
    """A place that a pattern names: the node, the key that leads to it, and the names of all keys on the way.

    `item` tells that the key leads to the list that the node is an item of.
    """

    node: Node
    key: Scalar | None = None
    path: tuple[str, ...] = ()
    item: bool = False


def declared(
    declaration: Declaration, root: Node, unknown: Unknown = tagged, spelling: str = "", whole: bool = True
) -> Iterator[Finding]:
    """The findings of a declarative rule below `root`.

    `unknown` tells the nodes whose values cannot be known; `spelling` is the folder of the schema for this way of
    writing the kind. Of a document that is not `whole` (an excerpt) nothing is said to be missing.
    """
    for place in select(root, declaration.select):
        node = place.node
        if declaration.schema:
            for violation in _violations(spelling + declaration.schema, node, unknown):
                if violation.keyword in declaration.keywords and (whole or violation.keyword != "required"):
                    fix = mended(violation, declaration.fix) if declaration.fix else None
                    yield Finding(violation.span, violation.message, severity=_level(violation), fix=fix)
        if declaration.require is not None:
            violations = evaluate(declaration.require, node, unknown, place.path, _spot(place))
            if declaration.message:  # the page's own words are said once for a place
                violations = violations[:1]
            for violation in violations:
                yield Finding(violation.span, _worded(declaration.message, place) or violation.message)
        if declaration.forbid is not None and accepts(declaration.forbid, node, unknown):
            yield Finding(_spot(place), _worded(declaration.message, place))


def _level(violation: Violation) -> Severity | None:
    """The level of a violation where it is not the page's own."""
    if violation.harmless or (violation.lenient and violation.keyword == "enum"):
        return "note"  # a value in another case works
    return "error" if violation.needed else "warning" if violation.lenient else None


@lru_cache(maxsize=2)
def _violations(schema: str, node: Node, unknown: Unknown) -> list[Violation]:
    """What a schema refuses. The pages of a schema are asked one after the other about the same node."""
    if schema in _asked:
        from cilint.core.plain import fitting

        if fitting(schema, unknown, load_schema)(node):
            return []
    _asked.add(schema)
    return evaluate(load_schema(schema), node, unknown)


_asked: Final[set[str]] = set()
"""The schemas that were evaluated once: of one document, evaluating takes less time than making the functions."""


@cache
def load_schema(name: str) -> Any:
    """A schema of `schemas/` by its name without the ending."""
    return json.loads(resources.read(f"schemas/{name}.schema.json"))


def select(root: Node, pattern: str) -> Iterator[Selected]:
    """The places that a pattern of a page names; `select` in `schemas/rule.schema.json` tells the language."""
    found = [Selected(root)]
    for name, items, quoted in _STEP.findall(pattern):
        if items:
            found = [item for place in found for item in _items(place)]
        elif name == "**":
            found = [below for place in found for below in _below(place)]
        elif name == "*":
            found = [value for place in found for value in _values(place)]
        else:
            found = [value for place in found for value in _value(place, name or quoted)]
    if pattern.endswith("~"):
        return (place._replace(node=place.key) for place in found if place.key is not None)
    return iter(found)


def _items(place: Selected) -> list[Selected]:
    """The items of a list; what is no list counts as its only item, as AWS's readers take it."""
    node = place.node
    if isinstance(node, Sequence):
        return [place._replace(node=item, item=True) for item in node.items]
    return [] if isinstance(node, Scalar) and node.is_null else [place]


def _values(place: Selected) -> list[Selected]:
    node = place.node
    if not isinstance(node, Mapping):
        return []
    entries = [entry for name in node.names() if name != "<<" and (entry := node.entry(name))]
    return [_under(place, entry) for entry in entries]


def _value(place: Selected, name: str) -> list[Selected]:
    node = place.node
    entry = (node.entry(name) or node.entry(_other_case(name))) if isinstance(node, Mapping) else None
    return [_under(place, entry)] if entry else []


def _under(place: Selected, entry: Entry) -> Selected:
    key = entry.key if isinstance(entry.key, Scalar) else None
    return Selected(entry.value, key, (*place.path, entry.name))


def _below(place: Selected) -> list[Selected]:
    """The place itself and all below it, in the order of the text. Aliases of one node are met once each."""
    found: list[Selected] = []
    stack = [place]
    while stack:
        place = stack.pop()
        found.append(place)
        children = _items(place) if isinstance(place.node, Sequence) else _values(place)
        stack.extend(reversed(children))
    return found


def _other_case(name: str) -> str:
    """The API writes `stages`, a template `Stages`."""
    return (name[0].lower() if name[0].isupper() else name[0].upper()) + name[1:]


def _spot(place: Selected) -> Span:
    """Where to point: at a text itself, at a mapping or list by the key that leads to it, else by its first key."""
    node = place.node
    if isinstance(node, Scalar) and node.end > node.start:
        return node.span
    if place.key is not None and not place.item:
        return place.key.span
    return node.entries[0].key.span if isinstance(node, Mapping) and node.entries else node.span


def _worded(message: str, place: Selected) -> str:
    if "{" not in message:
        return message
    node = place.node
    values = {
        "value": shown(node.value) if isinstance(node, Scalar) else "this",
        "key": place.path[-1] if place.path else "",
        "path": ".".join(place.path),
    }
    return _PLACEHOLDER.sub(lambda match: values[match[1]], message)
