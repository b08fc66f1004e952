"""Checks of the texts of JSON in an action's configuration, and of the variables that an action gives to a build."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Final

from cilint.catalog.secrets import credential, secret_by_name
from cilint.checks.pipeline.configuration import known_provider
from cilint.core.finding import Finding
from cilint.core.nearest import listed, nearest
from cilint.core.rule import check
from cilint.model.intrinsics import embedded, intrinsic, is_known, symbolic
from cilint.model.pipeline import Action
from cilint.source.json import parse_json
from cilint.source.nodes import Mapping, Node, Scalar, Sequence
from cilint.source.text import Span, Text

_STACK_PUTS_IN: Final = re.compile(r"\$\{[^{}]*\}|#\{[^{}]*\}")
_FILLED_IN: Final = re.compile(r"__|[#$]\{")
_JSON_STRING: Final = re.compile(r'"(?:[^"\\]|\\.)*"', re.DOTALL)


@check("configuration-not-json")
def configuration_not_json(action: Action) -> Iterator[Finding]:
    """A configuration value that must be a JSON text and is none."""
    known = known_provider(action)
    for name, key in (known.keys or {}).items() if known else ():
        node = action.configuration.get(name)
        if key.form != "json" or node is None:
            continue
        if isinstance(node, Sequence | Mapping) and intrinsic(node) is None:
            what = "a list" if isinstance(node, Sequence) else "a mapping"
            yield Finding(node.span, f"`{name}` is a text that holds JSON, and this is {what}; write {_example(name)}")
            continue
        text = symbolic(node, action.place.names)
        if text is None or not text.strip() or text.startswith(("${", "#{")) or "${}" in text or "{{resolve:" in text:
            continue
        found = _problem(text, node, action)
        if found:
            yield Finding(found, f"`{name}` is not valid JSON here, and the action fails on it; write {_example(name)}")


def _example(name: str) -> str:
    if name == "ParameterOverrides":
        return '`{"Name": "value"}`'
    return (
        '`[{"name": "COLOR", "value": "blue", "type": "PLAINTEXT"}]`'
        if name == "EnvironmentVariables"
        else '`[{"name": "value"}]`'
    )


def _problem(text: str, node: Node, action: Action) -> Span | None:
    """Where the JSON breaks; None when it is valid, or what a stack puts in outside of texts may make it so."""
    try:
        json.loads(_STACK_PUTS_IN.sub("0", text), strict=False)
        return None
    except (ValueError, RecursionError):
        pass
    if _STACK_PUTS_IN.search(_JSON_STRING.sub("", text)):
        return None
    inner = embedded(node, action.text)
    if inner is None:
        return node.span
    problems = parse_json(Text(inner.content)).problems
    return inner.map.outer(*problems[0].span) if problems else node.span


@check("plaintext-action-variable")
def plaintext_action_variable(action: Action) -> Iterator[Finding]:
    """A secret that an action gives to a build as a plain variable."""
    for name, value, kind, span in variables_of(action):
        if kind not in (None, "PLAINTEXT") or not is_known(value) or "#{" in value:
            continue
        what = credential(value)
        advice = "keep it in Secrets Manager and give its name with `type` `SECRETS_MANAGER`"
        if what:
            message = f"`{name}` holds {what} in plain text; revoke it, then {advice}"
            yield Finding(span, message, severity="error", secret=True)
        elif secret_by_name(name, value):
            yield Finding(
                span,
                f"`{name}` looks like a secret in plain text, readable for all who may see the pipeline; {advice}",
                secret=True,
            )


_VARIABLE_KEYS: Final = ("name", "value", "type")
_VARIABLE_TYPES: Final = ("PLAINTEXT", "PARAMETER_STORE", "SECRETS_MANAGER")


@check("action-variable-malformed")
def action_variable_malformed(action: Action) -> Iterator[Finding]:
    """An item of a CodeBuild action's variables with keys or a type that CodeBuild does not know."""
    node = action.configuration.get("EnvironmentVariables") if action.provider == "CodeBuild" else None
    inner = embedded(node, action.text) if node is not None else None
    root = parse_json(Text(inner.content)).root if inner and inner.content.lstrip().startswith("[") else None
    for item in root.items if isinstance(root, Sequence) and inner else ():
        if isinstance(item, Mapping) and inner is not None:
            for span, said in _variable(item):
                yield Finding(inner.map.outer(*span), said)


def _variable(item: Mapping) -> Iterator[tuple[Span, str]]:
    for entry in item.entries:
        if entry.name not in _VARIABLE_KEYS:
            hint = nearest(entry.name.lower(), _VARIABLE_KEYS)
            advice = f"write `{hint}`" if hint else f"it has {listed(_VARIABLE_KEYS)}"
            yield entry.key.span, f"a variable of a build action has no key `{entry.name}`; {advice}"
    kind = item.get("type")
    if isinstance(kind, Scalar) and kind.value not in _VARIABLE_TYPES and not _FILLED_IN.search(kind.value):
        hint = nearest(kind.value.upper(), _VARIABLE_TYPES)
        advice = f"write `{hint}`" if hint else f"it is {listed(_VARIABLE_TYPES)}"
        yield kind.span, f"the type of a variable cannot be `{kind.value}`; {advice}"


def variables_of(action: Action) -> Iterator[tuple[str, str, str | None, Span]]:
    """Name, value, type and place of each variable that the action gives: from the JSON text, or its own list."""
    own = action.get("environmentVariables")
    for item in own.items if isinstance(own, Sequence) and own.tag is None else ():
        name, value, kind = (_text(item, action.spelled(key), action) for key in ("name", "value", "type"))
        if name and value:
            yield name, value, kind, item.span
    node = action.configuration.get("EnvironmentVariables")
    inner = embedded(node, action.text) if node is not None else None
    root = parse_json(Text(inner.content)).root if inner and inner.content.lstrip().startswith("[") else None
    for item in root.items if isinstance(root, Sequence) and inner else ():
        name, value, kind = (_text(item, key, None) for key in ("name", "value", "type"))
        where = item.get("value") if isinstance(item, Mapping) else None
        if name and value and where is not None and inner is not None and "__" not in value:
            yield name, value, kind, inner.map.outer(*where.span)


def _text(item: Node, key: str, action: Action | None) -> str | None:
    node = item.get(key) if isinstance(item, Mapping) else None
    return symbolic(node, action.place.names if action else None)
