"""`Fn::ForEach` of templates with `AWS::LanguageExtensions`: what a loop makes, each part at its place in the body.

Imported only for a template that has a loop. What other functions give is said in `intrinsics`.
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-foreach.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from cilint.model.intrinsics import intrinsic, is_known, resolve
from cilint.source.nodes import Entry, Mapping, Node, Scalar, Sequence, walk

LOOP: Final = "Fn::ForEach"
_MOST: Final = 200_000  # nodes; a template is smaller by far, and a loop that makes more is left as it is
_SECTIONS: Final = ("Resources", "Conditions", "Outputs")
_NOT_ALPHANUMERIC: Final = re.compile(r"[^A-Za-z0-9]")

Values = dict[str, str]
"""The identifiers of the loops around a place, with their values in this turn."""


def unrolled(root: Mapping) -> Mapping:
    """The template with what its loops make in place of them.

    A loop over values that only a stack knows stays; its body stands beside it once, with the identifier left as
    `${Identifier}` or `Ref`, which is unknown like a parameter. Copies keep the spans of the body; a text that a value
    was put into counts as an alias, since the file holds no such text.
    """
    loops = _Loops(root)
    made = [
        entry._replace(value=loops.table(entry.value, {}, keep_body=True))
        if entry.name in _SECTIONS and isinstance(entry.value, Mapping)
        else entry
        for entry in root.entries
    ]
    return Mapping(root.start, root.end, made, root.flow, root.tag, root.anchor)


class _Loops:
    """One pass over a template; as `Names`, what its mappings say. `left` is how many nodes may still be made."""

    def __init__(self, root: Mapping) -> None:
        self.mappings = root.get("Mappings")
        self.left = _MOST

    def default(self, parameter: str) -> Node | None:
        """None: a stack may be given another value."""
        return None

    def mapped(self, keys: tuple[str, ...]) -> Node | None:
        node = self.mappings
        for key in keys:
            node = node.get(key) if isinstance(node, Mapping) else None
        return node

    def copy(self, node: Node, values: Values) -> Node:
        """The node with the values put in; where there is nothing to put in, with its loops unrolled."""
        called = intrinsic(node)
        if called and called.name == "Ref" and isinstance(called.argument, Scalar) and called.argument.value in values:
            return Scalar(node.start, node.end, values[called.argument.value], '"', is_alias=True)
        match node:
            case Mapping():
                return self.table(node, values)
            case Sequence(items=items):
                made = [self.copy(item, values) for item in items]
                return Sequence(node.start, node.end, made, node.flow, node.tag, node.anchor)
            case Scalar(value=text) if (put := _put_in(text, values)) != text:
                return Scalar(node.start, node.end, put, node.style, node.tag, node.anchor, is_alias=True)
        return node

    def table(self, node: Mapping, values: Values, keep_body: bool = False) -> Mapping:
        made: list[Entry] = []
        for entry in node.entries:
            if entry.name.startswith(LOOP):
                made += self.loop(entry, values, keep_body)
            else:
                made.append(Entry(self.copy(entry.key, values), self.copy(entry.value, values), entry.merged))
        return Mapping(node.start, node.end, made, node.flow, node.tag, node.anchor)

    def loop(self, entry: Entry, values: Values, keep_body: bool) -> Iterator[Entry]:
        """What a loop makes; the loop itself where its values are unknown or its form is another."""
        match entry.value:
            case Sequence(items=[Scalar(value=identifier), collection, Mapping() as body]):
                known = self.known(collection, values)
                size = len(known or ()) * sum(1 for _node in walk(body))
                if known is not None and size <= self.left:
                    self.left -= size
                    for value in known:
                        yield from self.table(body, {**values, identifier: value}, keep_body).entries
                    return
                yield entry
                if keep_body:
                    yield from self.table(body, values, keep_body).entries
            case _:
                yield entry

    def known(self, collection: Node, values: Values) -> list[str] | None:
        """The values of a collection, None where only a stack knows them all."""
        found = resolve(self.copy(collection, values), self)
        if not isinstance(found, Sequence):
            return None
        texts = [item.value for item in found.items if isinstance(item, Scalar) and intrinsic(item) is None]
        return texts if len(texts) == len(found.items) and all(map(is_known, texts)) else None


def _put_in(text: str, values: Values) -> str:
    for name, value in values.items():
        text = text.replace(f"${{{name}}}", value).replace(f"&{{{name}}}", _NOT_ALPHANUMERIC.sub("", value))
    return text
