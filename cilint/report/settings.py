"""The settings that hold for a file, as `--show-settings` prints them: TOML, with where they come from."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator

from cilint.core.rule import Rule
from cilint.engine.settings import Settings, Where


def render(settings: Settings, rules: tuple[Rule, ...], path: str) -> str:
    """The settings for `path` under which `rules` speak."""
    return "\n".join(_lines(settings, rules, path)) + "\n"


def _lines(settings: Settings, rules: tuple[Rule, ...], path: str) -> Iterator[str]:
    yield f"# settings for {path}"
    yield "# from " + (", then ".join(settings.sources) or "no configuration file") + ", then the command line"
    for key, words in (
        ("select", settings.select),
        ("extend-select", settings.extend_select),
        ("ignore", settings.ignore),
    ):
        if words:
            yield f"{key} = {_value(words)}"
    yield f"audience = {_value(settings.audience)}"
    yield f"preview = {_value(settings.preview)}"
    yield f"min-severity = {_value(settings.severity)}"
    yield f"min-confidence = {_value(settings.confidence)}"
    yield f"fail-on = {_value(settings.fail_on)}"
    for program, asked in (("cfn-lint", settings.cfn_lint), ("shellcheck", settings.shellcheck)):
        if asked:
            yield f"{program} = true"
    for where in settings.exclude:
        yield f"exclude = {_value(where.patterns)}{_below(where)}"
    if settings.include:
        yield f"include = {_value(tuple(os.path.relpath(path) for path in settings.include))}"
    if settings.baseline:
        yield f"baseline = {_value(settings.baseline)}"
    if settings.severities:
        yield from _table("severity", dict(settings.severities))
    for place in settings.places:
        key = "per-file-severity" if place.severity else "per-file-ignores"
        said = dict(place.severity) if place.severity else place.ignore
        yield f"{key}.{_value(place.where.patterns[0])} = {_inline(said)}{_below(place.where)}"
    for name, told in settings.options:
        yield from _table(f"options.{name}", told)
    known = {key.replace("_", "-"): values for key, values in settings.known._asdict().items() if values}
    if known:
        yield from _table("known", known)
    for waiver in settings.waivers:
        yield "[[suppress]]"
        yield f"path = {_value(waiver.where.patterns[0])}{_below(waiver.where)}"
        for key in ("rules", "at", "reason", "until"):
            if getattr(waiver, key):
                yield f"{key} = {_value(getattr(waiver, key))}"
    yield f"# {len(rules)} rules are on:"
    yield from (f"#   {rule.id} {rule.name}" for rule in rules)


def _table(name: str, values: dict[str, object]) -> Iterator[str]:
    yield f"[{name}]"
    yield from (f"{key} = {_inline(value)}" for key, value in values.items())


def _inline(value: object) -> str:
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{key} = {_value(child)}" for key, child in value.items()) + " }"
    return _value(value)


def _value(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def _below(where: Where) -> str:
    return f"  # below {where.root}"
