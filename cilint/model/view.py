"""Typed read-only views of nodes: a field is a node with its span, absent is None, malformed stays visible as a node.

A view's class names the keys of one AWS structure; nothing here knows which.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar, overload

from cilint.source.nodes import Mapping, Node, Scalar, Sequence
from cilint.source.text import Span, Text

_View = TypeVar("_View", bound="View")
_Owner = TypeVar("_Owner")
_Value = TypeVar("_Value")


class once(Generic[_Owner, _Value]):
    """A property that is computed once for its view. `functools.cached_property` takes a lock for it in Python 3.11."""

    def __init__(self, compute: Callable[[_Owner], _Value]) -> None:
        self.compute = compute
        self.name = compute.__name__
        self.__doc__ = compute.__doc__

    @overload
    def __get__(self, view: None, owner: type) -> once[_Owner, _Value]: ...
    @overload
    def __get__(self, view: _Owner, owner: type) -> _Value: ...
    def __get__(self, view: _Owner | None, owner: type) -> _Value | once[_Owner, _Value]:
        if view is None:
            return self
        found = view.__dict__[self.name] = self.compute(view)
        return found


class View:
    """A structure in a document: its node, and the text that the node's spans are in."""

    __slots__ = ("node", "text")

    def __init__(self, node: Node, text: Text) -> None:
        self.node = node
        self.text = text

    @property
    def span(self) -> Span:
        return self.node.span

    def get(self, key: str) -> Node | None:
        """The value under `key`, None where it is absent or this structure is no mapping."""
        return self.node.get(key) if isinstance(self.node, Mapping) else None

    def key_span(self, key: str) -> Span:
        """The span of the key itself, or of the whole structure where it is absent."""
        entry = self.node.entry(key) if isinstance(self.node, Mapping) else None
        return entry.key.span if entry else self.node.span


class Value:
    """The node under a key, whatever it is."""

    def __init__(self, key: str) -> None:
        self.key = key

    def __get__(self, view: View, owner: type | None = None) -> Node | None:
        return view.get(self.key)


class Word:
    """The scalar under a key; None where it is absent or no scalar."""

    def __init__(self, key: str) -> None:
        self.key = key

    def __get__(self, view: View, owner: type | None = None) -> Scalar | None:
        node = view.get(self.key)
        return node if isinstance(node, Scalar) else None


class Table:
    """The mapping under a key; None where it is absent or no mapping."""

    def __init__(self, key: str) -> None:
        self.key = key

    def __get__(self, view: View, owner: type | None = None) -> Mapping | None:
        node = view.get(self.key)
        return node if isinstance(node, Mapping) else None


class Items:
    """The items of the list under a key; a lone scalar counts as a list of one, as most of AWS's readers take it."""

    def __init__(self, key: str) -> None:
        self.key = key

    def __get__(self, view: View, owner: type | None = None) -> tuple[Node, ...]:
        return items(view.get(self.key))


class Child(Generic[_View]):
    """The structure under a key; None where it is absent or no mapping."""

    def __init__(self, key: str, view: type[_View]) -> None:
        self.key = key
        self.view = view

    def __get__(self, view: View, owner: type | None = None) -> _View | None:
        node = view.get(self.key)
        return self.view(node, view.text) if isinstance(node, Mapping) else None


class Children(Generic[_View]):
    """The mappings in the list under a key; items of other types are left out."""

    def __init__(self, key: str, view: type[_View]) -> None:
        self.key = key
        self.view = view

    def __get__(self, view: View, owner: type | None = None) -> tuple[_View, ...]:
        node = view.get(self.key)
        found = node.items if isinstance(node, Sequence) else ()
        return tuple(self.view(item, view.text) for item in found if isinstance(item, Mapping))


def items(node: Node | None) -> tuple[Node, ...]:
    """The items of a list, a scalar as a list of one, nothing of anything else."""
    if isinstance(node, Sequence):
        return tuple(node.items)
    if isinstance(node, Scalar) and not node.is_null:
        return (node,)
    return ()
