"""CloudFormation's functions (`Ref`, `Fn::Sub`, ...), short and long: what they give, as far as the template tells.

Values that exist only when a stack is made stay visible as `${Name}` in a text. Nothing here knows resources.
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference.html
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Final, Protocol

from cilint.source.maps import SourceMap, scalar_map
from cilint.source.nodes import Mapping, Node, Scalar, Sequence
from cilint.source.record import NamedTuple
from cilint.source.text import Span, Text

NO_VALUE: Final = "AWS::NoValue"
_MAX_DEPTH: Final = 40
_VARIABLE: Final = re.compile(r"\$\{([^!${}][^${}]*)\}")
_LITERAL_VARIABLE: Final = re.compile(r"\$\{!([^{}]*)\}")
_NOT_A_WORD: Final = re.compile(r"\W+")
_ENDS_TEXT: Final = re.compile(r'["\\{}\x00-\x1f]')


class Unknown:
    """The value of what only a stack knows; there is one, `UNKNOWN`."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "UNKNOWN"


UNKNOWN: Final = Unknown()

Branch = tuple[str, bool]
"""A condition's name and the answer that a value asks of it."""


class Intrinsic(NamedTuple):
    """A call of a function: its long name without `Fn::` (`Ref`, `GetAtt`, `Sub`, `If`) and its argument."""

    name: str
    argument: Node


class Alternative(NamedTuple):
    """One of the values that `Fn::If` can give, with the branches that lead to it."""

    node: Node
    when: tuple[Branch, ...] = ()

    def excludes(self, when: tuple[Branch, ...]) -> bool:
        """Whether no stack can hold both this value and one that asks for `when`."""
        return excluding(self.when, when)


class Names(Protocol):
    """What a template knows by name."""

    def default(self, parameter: str) -> Node | None:
        """The default of a parameter."""
        ...

    def mapped(self, keys: tuple[str, ...]) -> Node | None:
        """The value at map name, first and second key of `Mappings`."""
        ...


def excluding(one: tuple[Branch, ...], other: tuple[Branch, ...]) -> bool:
    """Whether two sets of branches ask opposite answers of one condition."""
    return any((name, not answer) in other for name, answer in one)


def intrinsic(node: Node | None) -> Intrinsic | None:
    """The function that a node calls: by tag (`!Sub`), or as a mapping of one key (`Fn::Sub`)."""
    if node is None:
        return None
    if node.tag is not None:
        return Intrinsic(node.tag[1:], node) if node.tag[0] == "!" and len(node.tag) > 1 else None
    if isinstance(node, Mapping) and len(node.entries) == 1:
        name, value = node.entries[0].name, node.entries[0].value
        if name == "Ref":
            return Intrinsic(name, value)
        if name.startswith("Fn::"):
            return Intrinsic(name[4:], value)
    return None


def is_intrinsic(node: Node) -> bool:
    """Whether only a stack knows the node's value: a function, a mapping with a macro's key in it, a text of which a
    part is put in later (`{{resolve:...}}`, a template engine's `{{ name }}` and `{% if %}`)."""
    if node.tag is not None and node.tag[0] == "!" and len(node.tag) > 1:
        return True
    if isinstance(node, Mapping):
        return any(
            (entry.name == "Ref" and len(node.entries) == 1) or entry.name.startswith("Fn::") for entry in node.entries
        )
    return isinstance(node, Scalar) and ("{{" in node.value or "{%" in node.value)


def is_known(text: str | None) -> bool:
    """Whether a text is there and nothing in it is put in by a stack or by a tool before it."""
    return text is not None and not any(mark in text for mark in ("${", "{{", "{%", "<%"))


def resolve(node: Node | None, names: Names | None = None, defaults: bool = False) -> str | Node | Unknown | None:
    """The value of a node: a text, a mapping or a list as written, None where there is none, else UNKNOWN.

    A parameter counts as unknown, since a stack may be given another value; `defaults` takes its default.
    """
    if node is None:
        return None
    found = intrinsic(node)
    if found is None:
        if is_intrinsic(node):
            return UNKNOWN
        return node.value if isinstance(node, Scalar) else node
    target = _target(found, names, defaults)
    if target is not None:
        return resolve(target, None, defaults)
    if found.name == "Ref" and isinstance(found.argument, Scalar) and found.argument.value == NO_VALUE:
        return None
    text = symbolic(node, names, defaults)
    return text if text is not None and is_known(text) else UNKNOWN


def _target(found: Intrinsic, names: Names | None, defaults: bool) -> Node | None:
    """The node that a function gives as it stands in the template."""
    if names is None:
        return None
    if found.name == "Ref" and defaults and isinstance(found.argument, Scalar):
        return names.default(found.argument.value)
    if found.name == "FindInMap" and isinstance(found.argument, Sequence):
        keys = [symbolic(item, names, defaults) for item in found.argument.items[:3]]
        if len(keys) == 3 and all(map(is_known, keys)):
            return names.mapped(tuple(key or "" for key in keys))
    return None


def symbolic(node: Node | None, names: Names | None = None, defaults: bool = False, depth: int = 0) -> str | None:
    """The text of a node, with `${Name}` where only a stack knows; None for what is no text.

    Two equal symbolic texts are equal in every stack; two different ones may be.
    """
    if node is None or depth > _MAX_DEPTH:
        return None
    found = intrinsic(node)
    if found is None:
        return node.value if isinstance(node, Scalar) else None
    target = _target(found, names, defaults)
    if target is not None:
        return symbolic(target, None, defaults, depth + 1)
    argument = found.argument
    match found.name, argument:
        case "Ref", Scalar(value=name):
            return f"${{{name}}}"
        case "GetAtt", Scalar(value=name):
            return f"${{{name}}}"
        case "GetAtt", Sequence(items=items) if items and all(isinstance(item, Scalar) for item in items):
            return "${" + ".".join(item.value for item in items if isinstance(item, Scalar)) + "}"
        case "Sub", Scalar(value=text):
            return _substituted(text, None, names, defaults, depth)
        case "Sub", Sequence(items=[Scalar(value=text), *more]):
            return _substituted(text, more[0] if more else None, names, defaults, depth)
        case "Join", Sequence(items=[Scalar(value=delimiter), Sequence(items=items, tag=None)]):
            parts = [symbolic(item, names, defaults, depth + 1) or "${}" for item in items]
            return delimiter.join(parts)
        case "Select", Sequence(items=[Scalar(value=index), Sequence(items=items, tag=None)]) if index.isdigit():
            return symbolic(items[int(index)], names, defaults, depth + 1) if int(index) < len(items) else "${}"
        case "If", Sequence(items=[Scalar(value=condition), first, second]):
            one, other = (symbolic(each, names, defaults, depth + 1) for each in (first, second))
            return one if one == other else f"${{If {condition}: {_inside(one)}, {_inside(other)}}}"
        case _:
            return f"${{{found.name} {node.start}}}"


def _inside(text: str | None) -> str:
    return (text or "").replace("${", "").replace("}", "")


def _substituted(text: str, table: Node | None, names: Names | None, defaults: bool, depth: int) -> str:
    """The text of `Fn::Sub`: own variables put in, `${!Name}` unescaped last so that it is no variable."""

    def value(match: re.Match[str]) -> str:
        name = match[1].strip()
        own = table.get(name) if isinstance(table, Mapping) else None
        if own is None and defaults and names is not None and "." not in name:
            own = names.default(name)
        return (symbolic(own, names, defaults, depth + 1) if own is not None else None) or f"${{{name}}}"

    return _LITERAL_VARIABLE.sub(r"${\1}", _VARIABLE.sub(value, text))


def alternatives(node: Node | None, when: tuple[Branch, ...] = ()) -> Iterator[Alternative]:
    """The nodes that may stand in the place of `node`: the branches of `Fn::If`, or itself; none for `AWS::NoValue`."""
    if node is None or len(when) > _MAX_DEPTH:
        return
    match intrinsic(node):
        case Intrinsic("If", Sequence(items=[Scalar(value=condition), first, second])):
            for branch, answer in ((first, True), (second, False)):
                if (condition, not answer) not in when:
                    yield from alternatives(branch, (*when, (condition, answer)))
        case Intrinsic("Ref", Scalar(value=name)) if name == NO_VALUE:
            return
        case _:
            yield Alternative(node, when)


def listed(node: Node | None, when: tuple[Branch, ...] = ()) -> Iterator[Alternative]:
    """The items that a list may hold, in order, those under `Fn::If` with their branches. What is no list gives
    nothing, a function that gives a whole list gives itself: its items are not known."""
    for choice in alternatives(node, when):
        if isinstance(choice.node, Sequence) and choice.node.tag is None:
            for item in choice.node.items:
                yield from alternatives(item, choice.when)
        elif is_intrinsic(choice.node):
            yield choice


class Embedded(NamedTuple):
    """A text that a node gives, with the way back to the file. What a stack puts in stands as a word of
    `embedded`'s `stand_in` in it."""

    content: str
    map: SourceMap


def placeholder(name: str) -> str:
    """`__Name__` for what a stack puts in: neither YAML nor a shell reads anything into it."""
    return f"__{_NOT_A_WORD.sub('_', name).strip('_')}__"


def variable(name: str) -> str:
    """`${Name}` for what a stack puts in, as in `symbolic`; nothing in it ends a text of JSON."""
    name = name.strip()
    bare = name[2:-1] if name.startswith("${") and name.endswith("}") else name
    return "${value}" if _ENDS_TEXT.search(bare) else f"${{{bare}}}"


def embedded(
    node: Node | None, text: Text, stand_in: Callable[[str], str] = placeholder, depth: int = 0
) -> Embedded | None:
    """The text that a scalar, `Fn::Sub` or `Fn::Join` gives; None where it is another function or no text."""
    if node is None or depth > _MAX_DEPTH:
        return None
    match intrinsic(node):
        case None if isinstance(node, Scalar) and not node.is_null:
            return Embedded(node.value, scalar_map(text, node))
        case Intrinsic("Sub", Scalar() as scalar):
            return _sub(scalar, text, stand_in)
        case Intrinsic("Sub", Sequence(items=[Scalar() as scalar, *_])):
            return _sub(scalar, text, stand_in)
        case Intrinsic("Join", Sequence(items=[Scalar(value=delimiter), Sequence(items=items, tag=None)])):
            return _joined(delimiter, [_piece(item, text, stand_in, depth + 1) for item in items])
    return None


def _sub(scalar: Scalar, text: Text, stand_in: Callable[[str], str]) -> Embedded:
    replacements = [
        *((Span(*match.span()), stand_in(match[1])) for match in _VARIABLE.finditer(scalar.value)),
        *((Span(*match.span()), f"${{{match[1]}}}") for match in _LITERAL_VARIABLE.finditer(scalar.value)),
    ]
    content, at = [], 0
    for (start, end), word in sorted(replacements):
        content += [scalar.value[at:start], word]
        at = end
    content.append(scalar.value[at:])
    return Embedded("".join(content), scalar_map(text, scalar).substituted(replacements))


def _piece(node: Node, text: Text, stand_in: Callable[[str], str], depth: int) -> Embedded:
    """One item of `Fn::Join`; what has no text of its own is a stand-in for the whole of it."""
    found = embedded(node, text, stand_in, depth)
    if found is None:
        word = stand_in(symbolic(node) or "value")
        found = Embedded(word, SourceMap.atomic(len(word), node.span))
    return found


def _joined(delimiter: str, pieces: list[Embedded]) -> Embedded:
    parts: list[SourceMap | str] = []
    for piece in pieces:
        parts += [delimiter, piece.map] if parts else [piece.map]
    return Embedded(delimiter.join(piece.content for piece in pieces), SourceMap.concat(parts))
