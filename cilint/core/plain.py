"""Whether a schema has nothing to say about a node, and nothing else: what it has to say is for `schema` to find.

Most documents are right, and to find that out takes no messages, paths and nearest names. A schema is made into
functions, which pays from the second document on.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any, Final

from cilint.core.schema import Schema, Unknown, referred, regex, same, tagged
from cilint.source import scalars
from cilint.source.nodes import Mapping, Node, Scalar, Sequence

Fits = Callable[[Node], bool]
_SCALARS: Final = frozenset(["null", "boolean", "integer", "number", "string"])


@lru_cache(maxsize=64)
def fitting(name: str, unknown: Unknown, load: Callable[[str], Schema]) -> Fits:
    """The function that tells whether the schema that `load` gives for a name refuses nothing of a node."""
    return _Made(load(name), unknown).fits


class _Made:
    """A schema as functions. `uncertain` is set when an unknown value was met, as in an evaluation of `schema`."""

    def __init__(self, root: Schema, unknown: Unknown) -> None:
        self.root = root
        self.unknown = unknown
        self.uncertain = False
        self.known: dict[str, Fits] = {}
        self.fits = self.make(root)

    def make(self, schema: Schema) -> Fits:
        if isinstance(schema, bool):
            return (lambda node: True) if schema else (lambda node: False)
        if "$ref" in schema:
            return self.reference(schema["$ref"])
        return self.whole(schema)

    def reference(self, reference: str) -> Fits:
        """What is referred to is made when it is first asked, so that a schema may refer to itself."""
        known = self.known

        def follow(node: Node) -> bool:
            fits = known.get(reference)
            if fits is None:
                fits = known[reference] = self.make(referred(self.root, reference))
            return fits(node)

        return follow

    def whole(self, schema: dict[str, Any]) -> Fits:
        wanted = _types(schema)
        scalar, mapping, sequence = _scalar(schema), self.mapping(schema), self.sequence(schema)
        combined = self.combinations(schema)
        unknown, kind = self.unknown, scalars.kind
        by_tag = unknown is tagged
        any_scalar = wanted is None or wanted >= _SCALARS

        def fits(node: Node) -> bool:
            if (node.tag is not None or not by_tag) and unknown(node):
                self.uncertain = True
                return True
            if isinstance(node, Scalar):
                if scalar is not None or not any_scalar:
                    found = "string" if node.style else kind(node)
                    if not (any_scalar or (wanted is not None and found in wanted)):
                        return False
                    if scalar is not None and not scalar(node, found):
                        return False
            elif isinstance(node, Mapping):
                if (wanted is not None and "object" not in wanted) or not mapping(node):
                    return False
            elif isinstance(node, Sequence):
                if (wanted is not None and "array" not in wanted) or not sequence(node):
                    return False
            else:
                return False
            return all(each(node) for each in combined) if combined else True

        return fits

    def mapping(self, schema: dict[str, Any]) -> Callable[[Mapping], bool]:
        properties = {name: self.make(child) for name, child in schema.get("properties", {}).items()}
        patterns = [
            (regex(text).search, self.make(child)) for text, child in schema.get("patternProperties", {}).items()
        ]
        additional = self.make(schema.get("additionalProperties", True))
        names = self.make(schema["propertyNames"]) if "propertyNames" in schema else None
        required = schema.get("required", ())
        least, most = schema.get("minProperties", 0), schema.get("maxProperties")

        def fits(node: Mapping) -> bool:
            for key, value, merged in node.entries:
                if not isinstance(key, Scalar):
                    continue
                name = key.value
                if name == "<<" and not key.style:
                    continue
                if names is not None and not merged and not names(key):
                    return False
                child = properties.get(name)
                if child is not None and not child(value):
                    return False
                known = child is not None
                for search, other in patterns:
                    if search(name):
                        known = True
                        if not other(value):
                            return False
                if not known and not additional(value):
                    return False
            present = len(node.names()) if least or most is not None else 0
            return (
                all(node.entry(name) is not None for name in required)
                and present >= least
                and (most is None or present <= most)
            )

        return fits

    def sequence(self, schema: dict[str, Any]) -> Callable[[Sequence], bool]:
        items = self.make(schema["items"]) if "items" in schema else None
        least, most = schema.get("minItems", 0), schema.get("maxItems")
        unique = schema.get("uniqueItems")
        contains = self.make(schema["contains"]) if "contains" in schema else None

        def fits(node: Sequence) -> bool:
            found = node.items
            if len(found) < least or (most is not None and len(found) > most):
                return False
            if items is not None and not all(items(item) for item in found):
                return False
            if unique:
                texts = [item.value for item in found if isinstance(item, Scalar) and not self.unknown(item)]
                if len(set(texts)) < len(texts):
                    return False
            if contains is None:
                return True
            answers = [self.answer(contains, item) for item in found]
            return True in answers or None in answers

        return fits

    def combinations(self, schema: dict[str, Any]) -> list[Fits]:
        found = [self.make(child) for child in schema.get("allOf", ())]
        found += [
            self.choice(schema[keyword], keyword == "oneOf") for keyword in ("anyOf", "oneOf") if keyword in schema
        ]
        if "not" in schema:
            refused = self.make(schema["not"])
            found.append(lambda node: self.answer(refused, node) is not True)
        if "if" in schema:
            found.append(self.condition(schema))
        return found

    def choice(self, branches: list[Schema], only_one: bool) -> Fits:
        made = [(_types(self.followed(branch)), self.make(branch)) for branch in branches if branch is not False]

        def fits(node: Node) -> bool:
            found = _type(node)
            possible = [each for wanted, each in made if wanted is None or found in wanted]
            if len(possible) == 1:
                return possible[0](node)
            answers = [self.answer(each, node) for each in possible]
            if only_one and answers.count(True) > 1:
                return False
            return any(answer is not False for answer in answers)

        return fits

    def condition(self, schema: dict[str, Any]) -> Fits:
        asked, then, otherwise = (self.make(schema.get(key, True)) for key in ("if", "then", "else"))

        def fits(node: Node) -> bool:
            answer = self.answer(asked, node)
            if answer is None:
                self.uncertain = True
                return True
            return then(node) if answer else otherwise(node)

        return fits

    def followed(self, schema: Schema) -> Schema:
        while isinstance(schema, dict) and "$ref" in schema:
            schema = referred(self.root, schema["$ref"])
        return schema if isinstance(schema, dict) else {}

    def answer(self, fits: Fits, node: Node) -> bool | None:
        """True, False, or None where that depends on an unknown value."""
        before, self.uncertain = self.uncertain, False
        found = fits(node)
        uncertain, self.uncertain = self.uncertain, before or self.uncertain
        return False if not found else None if uncertain else True


def _types(schema: Schema) -> frozenset[str] | None:
    """The types that a schema names; None where it takes any."""
    wanted = schema.get("type")
    if wanted is None:
        return None
    found = {wanted} if isinstance(wanted, str) else set(wanted)
    return frozenset(found | {"integer"} if "number" in found else found)


def _type(node: Node) -> str:
    if isinstance(node, Scalar):
        return "string" if node.style else scalars.kind(node)
    return "object" if isinstance(node, Mapping) else "array" if isinstance(node, Sequence) else "null"


def _scalar(schema: dict[str, Any]) -> Callable[[Scalar, str], bool] | None:
    """What a schema asks of a scalar of its type; None where it asks nothing."""
    if not any(key in schema for key in ("enum", "const", "pattern", "minLength", "maxLength", "minimum", "maximum")):
        return None
    allowed = schema["enum"] if "enum" in schema else [schema["const"]] if "const" in schema else None
    search = regex(schema["pattern"]).search if "pattern" in schema else None
    shortest, longest = schema.get("minLength", 0), schema.get("maxLength")
    least, most = schema.get("minimum"), schema.get("maximum")

    def fits(node: Scalar, found: str) -> bool:
        if allowed is not None:
            value = scalars.value(node)
            if not any(same(value, item) for item in allowed):
                return False
        if found == "string":
            text = node.value
            if search is not None and not search(text):
                return False
            return len(text) >= shortest and (longest is None or len(text) <= longest)
        if found in ("integer", "number"):
            number = scalars.value(node)
            assert isinstance(number, int | float)
            return not ((least is not None and number < least) or (most is not None and number > most))
        return True

    return fits
