"""The quick answer whether a schema refuses nothing is the evaluator's own, for every example of every page.

Each document is also asked with a part taken out, doubled, emptied or made unknown.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator

import pytest

from cilint.core.plain import fitting
from cilint.core.schema import Unknown, evaluate, tagged
from cilint.engine import index
from cilint.engine.declare import load_schema
from cilint.engine.pages import load
from cilint.model.kinds import recognise
from cilint.model.subjects import MODULES, units
from cilint.model.unit import Unit
from cilint.source.nodes import PLAIN, Entry, Mapping, Node, Scalar, Sequence
from cilint.source.read import read
from cilint.source.text import Text

RULES = index.load().rules
SCHEMAS = {
    kind: {rule.declaration.schema for rule in RULES if rule.declaration and kind in rule.kinds} - {None, ""}
    for kind in MODULES
}


def _units() -> Iterator[Unit]:
    for rule in RULES:
        data = load(rule.page).data
        for example in (*data["bad"], *data["good"]):
            content = example.get("file") if isinstance(example, dict) else example
            if isinstance(content, str):
                name = example.get("name", "example") if isinstance(example, dict) else "example"
                document = read(Text(content), name)
                recognised = recognise(document, name)
                if recognised and recognised.kind in MODULES:
                    yield from units(document, recognised.kind, name, recognised.fragment)


def _changed(node: Node, random_: random.Random) -> Node:
    """A copy with some parts left out, doubled, emptied, retyped or made unknown."""
    chance = random_.random()
    if chance < 0.02:
        return Scalar(node.start, node.end, "x", PLAIN, tag="!Ref")
    if chance < 0.04:
        return random_.choice([Scalar(node.start, node.end, "7", PLAIN), Mapping(node.start, node.end, [])])
    if isinstance(node, Mapping):
        entries = [Entry(each.key, _changed(each.value, random_), each.merged) for each in node.entries]
        kept = [each for each in entries if random_.random() > 0.04]
        if kept and chance < 0.08:
            key = Scalar(node.start, node.end, "Unheard", PLAIN)
            kept.append(Entry(key, kept[0].value))
        return Mapping(node.start, node.end, kept, tag=node.tag)
    if isinstance(node, Sequence):
        items = [_changed(item, random_) for item in node.items]
        return Sequence(node.start, node.end, items * 2 if chance < 0.08 else items[chance < 0.12 :], tag=node.tag)
    return node


def _agrees(schema: str, node: Node, unknown: Unknown) -> bool:
    refused = bool(evaluate(load_schema(schema), node, unknown))
    assert fitting(schema, unknown, load_schema)(node) is not refused, (schema, node)
    return refused


@pytest.mark.parametrize("changes", [0, 4], ids=["as they are", "changed"])
def test_both_refuse_the_same(changes: int) -> None:
    random_ = random.Random(3)
    answers: Counter[bool] = Counter()
    for unit in _units():
        unknown = unit.unknown or tagged
        for schema in sorted(unit.spelling + each for each in SCHEMAS[unit.kind] if each):
            for _ in range(max(1, changes)):
                node = _changed(unit.view.node, random_) if changes else unit.view.node
                answers[_agrees(schema, node, unknown)] += 1
    assert min(answers[True], answers[False]) > 100
