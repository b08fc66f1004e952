"""Structures that the API and the command line spell in lowerCamelCase and CloudFormation in UpperCamelCase.

A view names its keys as the API does and reads either spelling.
"""

from __future__ import annotations

from typing import Final, TypeVar

from cilint.model.intrinsics import Names, intrinsic, is_known, listed, symbolic
from cilint.model.view import View
from cilint.source.nodes import Mapping, Node, Scalar
from cilint.source.text import Span, Text

CLOUDFORMATION: Final = "cloudformation/"
"""The folder of `schemas/` for CloudFormation's spelling."""

_Spelled = TypeVar("_Spelled", bound="Spelled")


class Place:
    """Where a structure was found: `names` is the template it is in, None for what the API takes.

    `upper` says that its keys are in UpperCamelCase.
    """

    __slots__ = ("names", "text", "upper")

    def __init__(self, text: Text, upper: bool = False, names: Names | None = None) -> None:
        self.text = text
        self.upper = upper
        self.names = names


class Spelled(View):
    """A structure with keys in either spelling."""

    def __init__(self, node: Node, place: Place) -> None:
        super().__init__(node, place.text)
        self.place = place

    def spelled(self, key: str) -> str:
        """The key as this file writes it: `RunOrder` for `runOrder` in a template."""
        return key[0].upper() + key[1:] if self.place.upper else key

    def get(self, key: str) -> Node | None:
        return super().get(self.spelled(key))

    def key_span(self, key: str) -> Span:
        return super().key_span(self.spelled(key))

    def word(self, key: str) -> str | None:
        """The text under a key, with `${Name}` where only a stack knows; None where it is absent or no text."""
        return symbolic(self.get(key), self.place.names)

    def known(self, key: str) -> str | None:
        """The text under a key where the file tells all of it."""
        text = self.word(key)
        return text if is_known(text) else None

    def child(self, key: str, view: type[_Spelled]) -> _Spelled | None:
        """The structure under a key; None where it is absent, no mapping or given by a function."""
        node = self.get(key)
        return view(node, self.place) if isinstance(node, Mapping) and intrinsic(node) is None else None

    def children(self, key: str, view: type[_Spelled]) -> tuple[_Spelled, ...]:
        """The structures in the list under a key, those under `Fn::If` included."""
        return tuple(view(item.node, self.place) for item in listed(self.get(key)) if isinstance(item.node, Mapping))

    def entries(self, key: str) -> dict[str, Node]:
        """The table under a key: names as written (they are data, not keys of AWS) to values."""
        node = self.get(key)
        if not isinstance(node, Mapping) or intrinsic(node) is not None:
            return {}
        return {entry.name: entry.value for entry in node.entries if isinstance(entry.key, Scalar)}
