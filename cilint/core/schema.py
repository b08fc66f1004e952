"""JSON Schema over nodes, with three answers: what cannot be known (an unresolved `!Ref`) is neither valid nor not.

Only the stated keywords are understood (`KEYWORDS`); `unsupported` names others so that a page or schema that uses
them is refused when it is read. Messages name the place, the legal values and the nearest match.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from typing import Any, Final

from cilint.core.nearest import listed, nearest, unmistakable
from cilint.source import scalars
from cilint.source.nodes import DOUBLE_QUOTED, PLAIN, Mapping, Node, Scalar, Sequence
from cilint.source.pattern import lazy
from cilint.source.record import NamedTuple
from cilint.source.text import Span

Schema = Any  # a decoded JSON Schema: a mapping or a boolean
Value = str | int | float | bool

ANNOTATIONS: Final = frozenset(
    ["$schema", "$id", "$comment", "title", "description", "default", "examples", "definitions", "format"]
)
KEYWORDS: Final = frozenset(
    ["$ref", "type", "enum", "const", "pattern", "minLength", "maxLength", "minimum", "maximum"]
    + ["properties", "additionalProperties", "patternProperties", "propertyNames", "required"]
    + ["minProperties", "maxProperties", "items", "minItems", "maxItems", "uniqueItems", "contains"]
    + ["anyOf", "oneOf", "allOf", "not", "if", "then", "else"]
)
_WHOLE: Final = lazy(r"(?:0|[1-9][0-9]{0,8})\Z")
_COMBINING: Final = frozenset(["anyOf", "oneOf", "allOf", "not", "if"])
_POINTLESS: Final = frozenset(["x-cilint-deprecated", "x-cilint-ignored", "x-cilint-spelling-of"])
_TYPE_NAMES: Final = {
    "object": "a mapping",
    "array": "a list",
    "string": "text",
    "number": "a number",
    "integer": "a whole number",
    "boolean": "true or false",
    "null": "empty",
}


class Violation(NamedTuple):
    """One thing that a schema refuses. `path` leads from the root: keys and list indexes.

    `instead` is what `node`, a scalar, was certainly meant to be: then the schema would not refuse it.
    `lenient` tells that not every consumer refuses it; `needed` that an unknown key was meant to be one that must be
    there, so that the consumer misses it; `harmless` that the consumer takes it as if it were not there.
    """

    keyword: str
    span: Span
    message: str
    path: tuple[str | int, ...]
    node: Node
    instead: Value | None = None
    lenient: bool = False
    needed: bool = False
    harmless: bool = False


Unknown = Callable[[Node], bool]


def tagged(node: Node) -> bool:
    """Whether a local tag (`!Ref`, `!Sub`) makes the node's value unknown."""
    return node.tag is not None and node.tag.startswith("!") and node.tag != "!"


def evaluate(
    schema: Schema,
    node: Node,
    unknown: Unknown = tagged,
    path: tuple[str | int, ...] = (),
    at: Span | None = None,
) -> list[Violation]:
    """What `schema` refuses about `node`, in the order of the text. Unknown values refuse nothing.

    `path` leads from the document's root to `node`, for messages; `at` is where to point for what is not there.
    """
    return _Evaluation(schema, unknown).run(schema, node, path, at or node.span)


def accepts(schema: Schema, node: Node, unknown: Unknown = tagged) -> bool | None:
    """Whether the node is valid: True, False, or None where that depends on an unknown value."""
    return _Evaluation(schema, unknown).answer(schema, node)


def unsupported(schema: Schema) -> Iterator[str]:
    """The keywords in a schema that `evaluate` does not know."""
    if not isinstance(schema, dict):
        return
    for keyword, value in schema.items():
        if keyword in ("properties", "patternProperties", "definitions"):
            for child in value.values():
                yield from unsupported(child)
        elif keyword in ("anyOf", "oneOf", "allOf"):
            for child in value:
                yield from unsupported(child)
        elif keyword in ("items", "additionalProperties", "propertyNames", "not", "if", "then", "else", "contains"):
            yield from unsupported(value)
        elif keyword not in KEYWORDS and keyword not in ANNOTATIONS and not keyword.startswith("x-cilint-"):
            yield keyword


@lru_cache(maxsize=512)
def regex(pattern: str) -> re.Pattern[str]:
    """The pattern of a schema, compiled once."""
    return re.compile(pattern)


def json_type(node: Node) -> str:
    """The JSON Schema type of a node as a YAML 1.1 or JSON reader sees it."""
    if isinstance(node, Mapping):
        return "object"
    if isinstance(node, Sequence):
        return "array"
    return scalars.kind(node) if isinstance(node, Scalar) else "null"


def label(path: tuple[str | int, ...]) -> str:
    """A path for people: `phases.build.commands[2]`; the last three steps say enough, and what an index counts in."""
    text = ""
    first = max(0, len(path) - 3)
    while first and isinstance(path[first], int):
        first -= 1
    for step in path[first:]:
        text += f"[{step}]" if isinstance(step, int) else f".{step}" if text else step
    return f"`{text}`" if text else "the document"


def referred(root: Any, reference: str) -> Schema:
    """The schema at a reference (`#/definitions/name`) into the root schema."""
    for step in reference.removeprefix("#").strip("/").split("/"):
        if step:
            root = root[step.replace("~1", "/").replace("~0", "~")]
    return root


class _Evaluation:
    """One run of one schema. `uncertain` is set when an unknown value was met."""

    def __init__(self, root: Schema, unknown: Unknown) -> None:
        self.root = root
        self.unknown = unknown
        self.uncertain = False
        self.resolved: dict[str, Schema] = {}
        named = root.get("x-cilint-whole") if isinstance(root, dict) else None
        self.whole = named or "the document"
        self.top = f"at the top level of {named}" if named else "at the top level"

    def answer(self, schema: Schema, node: Node) -> bool | None:
        before, self.uncertain = self.uncertain, False
        found = self.run(schema, node, (), node.span)
        uncertain, self.uncertain = self.uncertain, before or self.uncertain
        return False if found else None if uncertain else True

    def run(self, schema: Schema, node: Node, path: tuple[str | int, ...], at: Span) -> list[Violation]:
        if schema is True:
            return []
        if schema is False:
            return [Violation("false", at, f"{label(path)} is not allowed here", path, node)]
        if "$ref" in schema:
            return self.run(self.resolve(schema["$ref"]), node, path, at)
        if self.unknown(node):
            self.uncertain = True
            return []
        wanted = schema.get("type")
        found_type = json_type(node)
        if wanted is not None and not _type_fits(wanted, found_type):
            wrong = _wrong_type(wanted, found_type, node, path, at, schema.get("x-cilint-form"))
            if found_type == "null" and "x-cilint-empty" in schema:
                message = f"{label(path)} is empty, and {schema['x-cilint-empty']}; remove it, or fill it in"
                return [wrong._replace(message=message, harmless=True)]
            if found_type == "array" and "x-cilint-list-under" in schema:
                wrong = wrong._replace(message=f"{wrong.message}; put it under `{schema['x-cilint-list-under']}:`")
            wrong = wrong._replace(instead=self.retyped(schema, _types(wanted), node))
            return [self.tolerated(wrong)]
        found: list[Violation] = []
        if isinstance(node, Scalar):
            self.scalar(schema, node, found_type, path, found)
        elif isinstance(node, Mapping):
            self.mapping(schema, node, path, at, found)
        elif isinstance(node, Sequence):
            self.sequence(schema, node, path, at, found)
        if not _COMBINING.isdisjoint(schema):
            self.combinations(schema, node, path, at, found)
        return found

    def tolerated(self, wrong: Violation) -> Violation:
        """The violation with what consumers make of a number that is written as text, where the schema says that."""
        number = isinstance(wrong.instead, int) and not isinstance(wrong.instead, bool)
        refusal = self.root.get("x-cilint-number-as-text") if number and isinstance(self.root, dict) else None
        return wrong._replace(message=f"{wrong.message}; {refusal}", lenient=True) if refusal else wrong

    def resolve(self, reference: str) -> Schema:
        known = self.resolved.get(reference)
        if known is None:
            known = self.resolved[reference] = referred(self.root, reference)
        return known

    def keys_of(self, schema: Schema) -> Iterable[str]:
        """The keys that a structure may have."""
        while isinstance(schema, dict) and "$ref" in schema:
            schema = self.resolve(schema["$ref"])
        return schema.get("properties", ()) if isinstance(schema, dict) else ()

    def scalar(
        self, schema: Schema, node: Scalar, found_type: str, path: tuple[str | int, ...], found: list[Violation]
    ) -> None:
        def refuse(keyword: str, message: str) -> None:
            found.append(Violation(keyword, node.span, message, path, node))

        if "enum" in schema or "const" in schema:
            allowed = schema["enum"] if "enum" in schema else [schema["const"]]
            value = scalars.value(node)
            if not any(same(value, item) for item in allowed):
                lenient = _in_other_case(schema, node.value, allowed)
                message = f"{label(path)} cannot be `{shown(node.value)}`{_choices(node.value, allowed)}"
                instead = _meant(node.value, allowed)
                if lenient:
                    message = f"{label(path)} is documented as `{instead}`; write it so"
                found.append(Violation("enum", node.span, message, path, node, instead, lenient=lenient))
        if found_type == "string":
            if "pattern" in schema and not regex(schema["pattern"]).search(node.value):
                what = schema.get("x-cilint-form") or schema.get("title") or f"text that matches {schema['pattern']}"
                message = f"{label(path)} cannot be `{shown(node.value)}`; it must be {what}"
                found.append(Violation("pattern", node.span, message, path, node, _named(node.value, schema)))
            if len(node.value) < schema.get("minLength", 0):
                refuse("minLength", f"{label(path)} must have at least {schema['minLength']} characters")
            if len(node.value) > schema.get("maxLength", len(node.value)):
                refuse(
                    "maxLength",
                    f"{label(path)} has {len(node.value)} characters; at most {schema['maxLength']} are allowed",
                )
        elif found_type in ("integer", "number"):
            number = scalars.value(node)
            assert isinstance(number, int | float)
            if number < schema.get("minimum", number):
                refuse("minimum", f"{label(path)} is {node.value}; it must be at least {schema['minimum']}")
            if number > schema.get("maximum", number):
                refuse("maximum", f"{label(path)} is {node.value}; it must be at most {schema['maximum']}")

    def mapping(
        self, schema: Schema, node: Mapping, path: tuple[str | int, ...], at: Span, found: list[Violation]
    ) -> None:
        properties = schema.get("properties", {})
        patterns = schema.get("patternProperties", {})
        additional = schema.get("additionalProperties", True)
        names = schema.get("propertyNames")
        present = node.names()
        meant: set[str | None] = set()  # keys that stand there under a misspelt name, of which that finding speaks
        doubled = len(present) < len(node.entries)
        for entry in node.entries:
            key, value, merged = entry
            if not isinstance(key, Scalar):
                continue
            name = key.value
            if name == "<<" and not key.quoted:
                continue
            if doubled and node.entry(name) is not entry:
                continue  # another of this name counts, and no consumer sees this one
            if not merged and names is not None:
                found.extend(
                    violation._replace(
                        keyword="propertyNames",
                        span=key.span,
                        instead=None if violation.instead in present else violation.instead,
                    )
                    for violation in self.run(names, key, (*path, name), key.span)
                )
            known = False
            if name in properties:
                known = True
                found.extend(self.run(properties[name], value, (*path, name), key.span))
            for pattern, child in patterns.items():
                if regex(pattern).search(name):
                    known = True
                    found.extend(self.run(child, value, (*path, name), key.span))
            if known:
                continue
            if additional is False:
                right = None if merged else self.right_key(name, value, properties, present)
                near = nearest(name, properties)
                meant.add(near)
                needed = near in schema.get("required", ()) and near not in present
                bare = name.lstrip("\\ \t") or name  # a backslash at the end of the line above it, or before it
                owners = [] if near else [each for each in properties if bare in self.keys_of(properties[each])]
                where = f"in {label(path)}" if path else self.top
                unknown = _unknown_key(key, properties, path, owners, where)
                if name in schema.get("x-cilint-elsewhere", ()):
                    elsewhere = schema["x-cilint-elsewhere"][name]
                    unknown = unknown._replace(message=f"unknown key `{shown(name)}` {where}; {elsewhere}")
                found.append(unknown._replace(instead=right, needed=needed))
            elif additional is not True:
                found.extend(self.run(additional, value, (*path, name), key.span))
        place = node.entries[0].key.span if not path and node.entries else at
        for name in schema.get("required", ()):
            if name not in present and name not in meant:
                own = f"{label(path) if path else self.whole} has no `{name}`; add it"
                weaker = [
                    said for key, said in schema.get("x-cilint-instead-without", {}).items() if key not in present
                ]
                message = weaker[0] if weaker else schema.get("x-cilint-instead", own)
                found.append(Violation("required", place, message, (*path, name), node, lenient=bool(weaker)))
        if len(present) < schema.get("minProperties", 0):
            found.append(Violation("minProperties", place, f"{label(path)} must not be empty", path, node))
        if len(present) > schema.get("maxProperties", len(present)):
            message = f"{label(path)} has {len(present)} keys; at most {schema['maxProperties']} are allowed"
            found.append(Violation("maxProperties", place, message, path, node))

    def sequence(
        self, schema: Schema, node: Sequence, path: tuple[str | int, ...], at: Span, found: list[Violation]
    ) -> None:
        items = schema.get("items", True)
        if items is not True:
            for index, item in enumerate(node.items):
                found.extend(self.run(items, item, (*path, index), item.span if item.end > item.start else at))
        count = len(node.items)
        if count < schema.get("minItems", 0):
            wanted = schema["minItems"]
            what = "must not be empty" if wanted == 1 else f"has {count} items; at least {wanted} are needed"
            found.append(Violation("minItems", at, f"{label(path)} {what}", path, node))
        if count > schema.get("maxItems", count):
            message = f"{label(path)} has {count} items; at most {schema['maxItems']} are allowed"
            found.append(Violation("maxItems", at, message, path, node))
        if schema.get("uniqueItems"):
            seen: set[str] = set()
            for index, item in enumerate(node.items):
                if isinstance(item, Scalar) and not self.unknown(item):
                    if item.value in seen:
                        message = f"`{shown(item.value)}` stands twice in {label(path)}; remove one"
                        found.append(Violation("uniqueItems", item.span, message, (*path, index), item))
                    seen.add(item.value)
        if "contains" in schema:
            answers = [self.answer(schema["contains"], item) for item in node.items]
            if True not in answers and None not in answers:
                found.append(Violation("contains", at, f"{label(path)} lacks a required item", path, node))

    def combinations(
        self, schema: Schema, node: Node, path: tuple[str | int, ...], at: Span, found: list[Violation]
    ) -> None:
        for child in schema.get("allOf", ()):
            found.extend(self.run(child, node, path, at))
        for keyword in ("anyOf", "oneOf"):
            if keyword in schema:
                found.extend(self.choice(schema[keyword], keyword, node, path, at))
        if "not" in schema and self.answer(schema["not"], node) is True:
            why = schema.get("x-cilint-instead", f"{label(path)} is not allowed in this form")
            found.append(Violation("not", at, why, path, node, lenient=bool(schema.get("x-cilint-unproved"))))
        if "if" in schema:
            match self.answer(schema["if"], node):
                case True:
                    found.extend(self.run(schema.get("then", True), node, path, at))
                case False:
                    found.extend(self.run(schema.get("else", True), node, path, at))
                case None:
                    self.uncertain = True

    def choice(
        self, branches: list[Schema], keyword: str, node: Node, path: tuple[str | int, ...], at: Span
    ) -> list[Violation]:
        """No branch fits: speak of the one that comes closest. Several fit where one may: say so."""
        found_type = json_type(node)
        possible = [branch for branch in branches if self.may_fit(branch, found_type)]
        if len(possible) == 1:
            return self.run(possible[0], node, path, at)
        answers = [self.answer(branch, node) for branch in branches]
        if keyword == "oneOf" and answers.count(True) > 1:
            return [Violation("oneOf", at, f"{label(path)} mixes forms of which only one is allowed", path, node)]
        if True in answers or None in answers:
            return []
        tries = [self.run(branch, node, path, at) for branch in branches]
        wrong_types = [found[0] for found in tries if found[0].keyword == "type" and found[0].path == path]
        if len(wrong_types) == len(tries):
            wanted = [name for branch in branches for name in _types(self.deref(branch).get("type", []))]
            instead = self.retyped({"anyOf": branches}, wanted, node)
            return [_wrong_type(wanted, json_type(node), node, path, at)._replace(instead=instead)]
        fitting = [found for found in tries if not (found[0].keyword == "type" and found[0].path == path)]
        return min(fitting, key=len)

    def right_key(self, name: str, value: Node, properties: dict[str, Schema], present: list[str]) -> str | None:
        """The key that `name` was meant to be, where it is free and may hold the value, misspellings in it aside."""
        right = unmistakable(name, properties)
        if right is None or right in present:
            return None
        before = self.uncertain
        refused = self.run(properties[right], value, (), value.span)
        self.uncertain = before
        renamed = {each.instead for each in refused if each.keyword == "additionalProperties"}
        missing = [each for each in refused if each.instead is None]
        return right if all(each.keyword == "required" and each.path[-1] in renamed for each in missing) else None

    def retyped(self, schema: Schema, wanted: list[str], node: Node) -> Value | None:
        """The same scalar as the type that is wanted: a number as text, `"true"` as true."""
        if not isinstance(node, Scalar):
            return None
        text = node.value
        if scalars.kind(node) in ("integer", "number", "boolean"):
            style = DOUBLE_QUOTED
            other: Value | None = text if "string" in wanted else None
        else:
            style = PLAIN
            other = _read_as(text, wanted)
        spelled = text.lower() if isinstance(other, bool) else text
        fits = other is not None and self.answer(schema, Scalar(node.start, node.end, spelled, style)) is not False
        return other if fits else None

    def may_fit(self, branch: Schema, found_type: str) -> bool:
        """Whether a branch is not ruled out by the node's type alone."""
        wanted = self.deref(branch).get("type")
        return branch is not False and (wanted is None or _type_fits(wanted, found_type))

    def deref(self, schema: Schema) -> Schema:
        while isinstance(schema, dict) and "$ref" in schema:
            schema = self.resolve(schema["$ref"])
        return schema if isinstance(schema, dict) else {}


def _types(wanted: str | list[str]) -> list[str]:
    return [wanted] if isinstance(wanted, str) else wanted


def _type_fits(wanted: str | list[str], found: str) -> bool:
    types = _types(wanted)
    return found in types or (found == "integer" and "number" in types)


def same(value: str | int | float | bool | None, item: Any) -> bool:
    """Equality of JSON Schema: 0 is 0.0, but false is not 0."""
    return bool(value == item) and isinstance(value, bool) == isinstance(item, bool)


def _wrong_type(
    wanted: str | list[str], found: str, node: Node, path: tuple[str | int, ...], at: Span, form: str | None = None
) -> Violation:
    names = list(dict.fromkeys(_TYPE_NAMES[name] for name in _types(wanted)))
    expected = form or (names[0] if len(names) == 1 else ", ".join(names[:-1]) + f" or {names[-1]}")
    got = _TYPE_NAMES[found]
    span = node.span if node.end > node.start else at
    quote = "; put it in quotes" if _braced(node) and "string" in _types(wanted) else ""
    return Violation("type", span, f"{label(path)} must be {expected}, but this is {got}{quote}", path, node)


def _braced(node: Node) -> bool:
    """Whether a mapping is what YAML makes of a placeholder: `{name}` or `{{name}}`."""
    if not isinstance(node, Mapping) or not node.flow or len(node.entries) != 1:
        return False
    key, value, _ = node.entries[0]
    return isinstance(value, Scalar) and value.start == value.end and (isinstance(key, Scalar) or _braced(key))


def _unknown_key(
    key: Scalar, properties: dict[str, Schema], path: tuple[str | int, ...], owners: list[str], where: str
) -> Violation:
    """`owners` are the keys beside it whose structures have one of that name; `where` it stands, for people."""
    hint = _longer_than(key.value, properties) or nearest(key.value, properties)
    documented = [each for each, schema in properties.items() if not _left_behind(schema)]
    advice = f"; remove it or write one of these: {listed(documented)}" if documented else ""
    bare = key.value.lstrip("\\ \t")
    if hint:
        advice = f"; did you mean `{hint}`?"
    elif len(owners) == 1:
        it = "it" if bare == key.value else f"remove the backslash: `{shown(bare)}`"
        advice = f"; {it} belongs under `{owners[0]}`"
    return Violation(
        "additionalProperties", key.span, f"unknown key `{shown(key.value)}` {where}{advice}", (*path, key.value), key
    )


def _left_behind(schema: Schema) -> bool:
    """Whether a key is one that nobody should be pointed to: of no use any more, or another spelling of one that is."""
    return isinstance(schema, dict) and not _POINTLESS.isdisjoint(schema)


def _longer_than(key: str, properties: dict[str, Schema]) -> str | None:
    """The property that a key names with more words: `PipelineName` of a pipeline is its `Name`."""
    return next((name for name in properties if len(name) > 3 and key.endswith(name) and name[0].isupper()), None)


def _choices(text: str, allowed: list[Any]) -> str:
    names = list(dict.fromkeys(_spelled(item) for item in allowed if item is not None))
    hint = nearest(text, names)
    return f"; did you mean `{hint}`?" if hint else f"; allowed: {listed(names)}"


def _in_other_case(schema: Schema, text: str, allowed: list[Any]) -> bool:
    """Whether the consumer is known to take an allowed value in this case as well: `x-cilint-any-case`."""
    return bool(schema.get("x-cilint-any-case")) and text.lower() in [_spelled(item).lower() for item in allowed]


def _meant(text: str, allowed: list[Any]) -> Value | None:
    """The allowed value that `text` is a slip of the pen for."""
    by_name = {_spelled(item): item for item in allowed if item is not None}
    right = unmistakable(text, by_name)
    meant: Value | None = by_name[right] if right is not None else None
    return meant


def _named(text: str, schema: Schema) -> Value | None:
    """Of the values that `x-cilint-values` gives beside a pattern, the one that `text` is a slip of the pen for."""
    named = [each for each in schema.get("x-cilint-values", ()) if "<" not in each]
    return _meant(text, [each for each in named if regex(schema["pattern"]).search(each)])


def _read_as(text: str, wanted: list[str]) -> Value | None:
    """The boolean or number that a text spells, where one is wanted."""
    if "boolean" in wanted and text.lower() in ("true", "false"):
        return text.lower() == "true"
    if ("integer" in wanted or "number" in wanted) and _WHOLE.match(text):
        return int(text)
    return None


def _spelled(item: Any) -> str:
    if isinstance(item, bool):
        return "true" if item else "false"
    return "null" if item is None else str(item)


def shown(text: str, limit: int = 60) -> str:
    """A value for a message: one line, cut when long."""
    line = " ".join(text.split())
    return line if len(line) <= limit else line[: limit - 1] + "…"
