"""Checks of what a policy says twice. Nothing here changes what the policy allows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from cilint.core.finding import Finding, Related
from cilint.core.rule import check
from cilint.core.schema import shown
from cilint.iam.patterns import covers
from cilint.model.intrinsics import excluding
from cilint.model.policy import Policy, Statement
from cilint.model.values import Value
from cilint.source.nodes import Mapping, Node, Scalar, Sequence


@check("redundant-action")
def redundant_action(statement: Statement) -> Iterator[Finding]:
    """An action that another of the same list covers."""
    yield from _covered(statement.action_values, fold=True)
    yield from _covered(statement.not_action_values, fold=True)


@check("redundant-resource")
def redundant_resource(statement: Statement) -> Iterator[Finding]:
    """A resource that another of the same list covers."""
    yield from _covered(statement.resource_values, fold=False)
    yield from _covered(statement.not_resource_values, fold=False)


def _covered(values: tuple[Value, ...], fold: bool) -> Iterator[Finding]:
    texts = [value.text.lower() if fold else value.text for value in values]
    wide = [number for number, text in enumerate(texts) if "*" in text or "?" in text]
    first: dict[str, int] = {}
    for number, text in enumerate(texts):
        if not values[number].whole:
            continue
        same = first.setdefault(text, number)
        by = same if same != number else next((w for w in wide if texts[w] != text and covers(texts[w], text)), None)
        if by is not None:
            how = "stands in the list already" if by == same else f"is covered by `{shown(values[by].text)}`"
            yield Finding(
                values[number].node.span,
                f"`{shown(values[number].text)}` {how}; remove it",
                related=(Related(values[by].node.span, "this covers it"),),
            )


@check("redundant-statement")
def redundant_statement(policy: Policy) -> Iterator[Finding]:
    """A statement that another one repeats, whatever their Sids; those of exclusive branches never meet."""
    seen: dict[object, list[Statement]] = {}
    alike = Counter(map(_gist, policy.statements))
    for statement in policy.statements:
        if alike[_gist(statement)] == 1:
            continue
        key = _canonical(statement.node)
        before = seen.setdefault(key, [])
        first = next((each for each in before if not excluding(each.when, statement.when)), None)
        before.append(statement)
        if first is not None:
            yield Finding(
                statement.key_span("Effect"),
                "another statement says the same; remove one",
                related=(Related(first.key_span("Effect"), "the same"),),
            )


def _gist(statement: Statement) -> tuple[object, ...]:
    """What two statements that say the same have in common, and most others do not."""
    actions = statement.action_values or statement.not_action_values
    resources = statement.resource_values or statement.not_resource_values
    return statement.allows, tuple(each.text for each in actions), tuple(each.text for each in resources)


def _canonical(node: Node) -> object:
    """What a node says, without its Sid and the order of its keys."""
    if isinstance(node, Mapping):
        return node.tag, frozenset(
            (entry.name, _canonical(entry.value)) for entry in node.entries if entry.name != "Sid"
        )
    if isinstance(node, Sequence):
        return node.tag, tuple(_canonical(item) for item in node.items)
    return (node.tag, node.value) if isinstance(node, Scalar) else None
