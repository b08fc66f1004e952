"""What a table of settings says, and what is wrong with it, each with its place. Which files count is `config`'s work.

The shape of a table is `schemas/cilint.schema.json`; here is what a schema cannot tell.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from typing import Any, Final, NoReturn

from cilint.core.context import Known
from cilint.core.nearest import nearest
from cilint.core.schema import evaluate
from cilint.engine import toml
from cilint.engine.config import ConfigError, Layer, option_schemas
from cilint.engine.declare import load_schema
from cilint.engine.index import Index
from cilint.engine.settings import Place, Settings, Waiver, Where, is_rule_of_program, known, matches
from cilint.source.nodes import DOUBLE_QUOTED, Entry, Mapping, Node, Scalar, Sequence
from cilint.source.pattern import lazy
from cilint.version import __version__

MAX_EXTENDS: Final = 10
_COMPARISON: Final = lazy(r"(>=|<=|==|!=|~=|>|<)?\s*([\d.]+)")


def settings_of(path: str, root: str, index: Index, base: Settings, chain: tuple[str, ...] = ()) -> Settings:
    """The settings that a file gives over `base`, with all that it extends; its paths start from `root`.

    Raises ConfigError.
    """
    layer = file_layer(path, root)
    here = os.path.realpath(path)
    require_version(layer)
    refuse_problems(layer, index)
    settings = base
    if extended := layer.table.get("extend"):
        target = os.path.normpath(os.path.join(os.path.dirname(os.path.abspath(path)), extended))
        if os.path.realpath(target) in (*chain, here) or len(chain) > MAX_EXTENDS:
            _refuse(layer, ("extend",), f"`{extended}` leads back to this file")
        if not os.path.isfile(target):
            _refuse(layer, ("extend",), f"there is no file `{extended}`")
        settings = settings_of(target, os.path.dirname(target), index, base, (*chain, here))
    settings = layered(settings, layer, index)
    plugins = plugin_directories(layer, path)
    return settings._replace(sources=(*settings.sources, path), plugins=settings.plugins + plugins)


def file_layer(path: str, root: str) -> Layer:
    """A configuration file as written. Raises ConfigError when it cannot be read."""
    shown = _shown(path)
    try:
        table, text = toml.read(path)
    except OSError as error:
        raise ConfigError(f"{shown}: cannot be read: {error.strerror or error}") from error
    except toml.TomlError as error:
        where = f":{error.line}:{error.column}" if error.line else ""
        raise ConfigError(f"{shown}{where}: not valid TOML: {error}") from error
    if os.path.basename(path) != "pyproject.toml":
        return Layer(shown, table, root, text, path=os.path.abspath(path))
    tool = table.get("tool")
    inner = tool.get("cilint", {}) if isinstance(tool, dict) else {}
    return Layer(shown, inner, root, text, ("tool", "cilint"), path=os.path.abspath(path))


def given_layer(text: str, index: Index) -> Layer:
    """`--config 'key = value'` as a layer. Raises ConfigError."""
    try:
        layer = Layer(f"--config {text!r}", toml.parse(text), os.getcwd(), is_file=False)
    except toml.TomlError as error:
        raise ConfigError(f"--config {text!r}: neither a file nor `key = value` in TOML: {error}") from error
    refuse_problems(layer, index)
    return layer


def layered(settings: Settings, layer: Layer, index: Index) -> Settings:
    """The settings with a valid layer over them."""
    table, root = layer.table, layer.root
    told: dict[str, Any] = {}
    for key, field in _PLAIN.items():
        if key in table:
            told[field] = table[key]
    told.update(_selection(settings, table, index))
    if "severity" in table:
        told["severities"] = settings.severities + tuple(table["severity"].items())
    told["places"] = settings.places + tuple(
        [Place(Where(root, (glob,)), ignore=tuple(rules)) for glob, rules in table.get("per-file-ignores", {}).items()]
        + [
            Place(Where(root, (glob,)), severity=tuple(levels.items()))
            for glob, levels in table.get("per-file-severity", {}).items()
        ]
    )
    if table.get("exclude"):
        told["exclude"] = (*settings.exclude, Where(root, tuple(table["exclude"])))
    if table.get("include"):
        there = (os.path.normpath(os.path.join(root, path)) for path in table["include"])
        told["include"] = (*settings.include, *there)
    if "options" in table:
        told["options"] = _options(settings, table["options"], index)
    if "known" in table or "projects" in table:
        told["known"] = _known(settings.known, table, root)
    told["waivers"] = settings.waivers + tuple(
        _waiver(each, layer, number) for number, each in enumerate(table.get("suppress", ()))
    )
    if "baseline" in table:
        told["baseline"] = os.path.normpath(os.path.join(root, table["baseline"]))
    told["remarks"] = (*settings.remarks, *_remarks(layer, index))
    return settings._replace(**told)


def plugin_directories(layer: Layer, file: str) -> tuple[str, ...]:
    """The directories of plugins that the table of a file names, as absolute paths; they start from the file.

    Whether they may be loaded is not said here.
    """
    named = layer.table.get("plugins", ())
    texts = [each for each in named if isinstance(each, str)] if isinstance(named, list | tuple) else []
    return tuple(os.path.normpath(os.path.join(os.path.dirname(os.path.abspath(file)), each)) for each in texts)


_PLAIN: Final = {
    "audience": "audience",
    "preview": "preview",
    "min-severity": "severity",
    "min-confidence": "confidence",
    "fail-on": "fail_on",
    "cfn-lint": "cfn_lint",
    "shellcheck": "shellcheck",
}


def _selection(settings: Settings, table: toml.Table, index: Index) -> dict[str, Any]:
    """`select` starts anew; the others add, and what a later layer selects an earlier one ignores no more."""
    select, more, ignore = settings.select, settings.extend_select, settings.ignore
    if "select" in table:
        select, more, ignore = tuple(table["select"]), (), ()
    added = tuple(table.get("extend-select", ()))
    if added:
        meant = {_canonical(word, index) for word in added}
        more, ignore = more + added, tuple(word for word in ignore if _canonical(word, index) not in meant)
    return {"select": select, "extend_select": more, "ignore": ignore + tuple(table.get("ignore", ()))}


def _canonical(word: str, index: Index) -> str:
    rule = index.by_name(word)
    return rule.id if rule else word


def _options(settings: Settings, given: toml.Table, index: Index) -> tuple[tuple[str, dict[str, Any]], ...]:
    options = dict(settings.options)
    for name, told in given.items():
        rule = index.by_name(name)
        if rule is not None:
            options[rule.name] = options.get(rule.name, {}) | told
    return tuple(options.items())


def _known(before: Known, table: toml.Table, root: str) -> Known:
    said = {key.replace("-", "_"): tuple(values) for key, values in table.get("known", {}).items()}
    said["projects"] = tuple(
        (project, os.path.normpath(os.path.join(root, path))) for project, path in table.get("projects", {}).items()
    )
    return before._replace(**{key: getattr(before, key) + values for key, values in said.items()})


def _waiver(each: toml.Table, layer: Layer, number: int) -> Waiver:
    return Waiver(
        Where(layer.root, (each["path"],)),
        tuple(each["rules"]),
        each.get("at", ""),
        each.get("reason", ""),
        each.get("until", ""),
        layer.path,
        number,
    )


def require_version(layer: Layer) -> None:
    """Refuse a configuration that asks for another version. Raises ConfigError."""
    wanted = layer.table.get("required-version", "")
    if isinstance(wanted, str) and not fits(__version__, wanted):
        _refuse(layer, ("required-version",), f"this project asks for cilint {wanted}; this is cilint {__version__}")


def fits(version: str, wanted: str) -> bool:
    """Whether a version is one of those that `wanted` names, such as `>=0.4,<1`. What cannot be read fits."""
    have = _numbers(version)
    for how, text in _COMPARISON.findall(wanted):
        want = _numbers(text)
        length = max(len(have), len(want))
        a, b = (each + (0,) * (length - len(each)) for each in (have, want))
        compatible = a >= b and a[: max(len(want) - 1, 1)] == b[: max(len(want) - 1, 1)]
        answers = {">=": a >= b, "<=": a <= b, ">": a > b, "<": a < b, "!=": a != b, "~=": compatible}
        if not answers.get(how, a == b):
            return False
    return True


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(number) for number in re.findall(r"\d+", version))


def refuse_problems(layer: Layer, index: Index) -> None:
    """Refuse a layer that says what cannot be obeyed. Raises ConfigError."""
    if problems := list(_problems(layer, index)):
        raise ConfigError("\n".join(problems))


def _problems(layer: Layer, index: Index) -> Iterator[str]:
    """What is wrong with a layer, each with its place."""
    found = [(each.path, each.message) for each in evaluate(load_schema("cilint"), as_node(layer.table))]
    if not found:
        found = list(_wrong_words(layer.table, index)) + list(_wrong_options(layer.table, index))
        found += list(_wrong_dates(layer.table))
    for path, message in found:
        yield _at(layer, path, message)


def _wrong_words(table: toml.Table, index: Index) -> Iterator[tuple[toml.Path, str]]:
    """Words that mean no rule, with their paths."""
    for path, word in _words(table):
        if path[0] == "suppress":
            if index.by_name(word) is None and not is_rule_of_program(word):
                yield path, unknown_rule(index, word)
        elif path[0] != "options" and not known(index, word):
            yield path, unknown_word(index, word)


def _words(table: toml.Table) -> Iterator[tuple[toml.Path, str]]:
    """All words for rules in a valid table, with their paths."""
    for key in ("select", "extend-select", "ignore"):
        for number, word in enumerate(table.get(key, ())):
            yield (key, number), word
    for key in ("severity", "options"):
        for word in table.get(key, {}):
            yield (key, word), word
    for key in ("per-file-ignores", "per-file-severity"):
        for glob, words in table.get(key, {}).items():
            for number, word in enumerate(words):
                yield (key, glob, number if isinstance(words, list) else word), word
    for number, each in enumerate(table.get("suppress", ())):
        for place, word in enumerate(each["rules"]):
            yield ("suppress", number, "rules", place), word


def _remarks(layer: Layer, index: Index) -> Iterator[str]:
    """A line for each word that is a rule's name of an earlier version."""
    renamed = index.renamed
    for path, word in _words(layer.table) if renamed else ():
        if word in renamed:
            yield _at(layer, path, f"`{word}` is called `{renamed[word]}` now")


def unknown_word(index: Index, word: str) -> str:
    """What to say of a word that means no rule, family or category."""
    families = dict.fromkeys(rule.id.rstrip("0123456789") for rule in index.rules)
    categories = dict.fromkeys(rule.category for rule in index.rules)
    hint = _nearest_rule(index, word) or nearest(word, [*categories, *families, "ALL"])
    advice = f"; did you mean `{hint}`?" if hint else "; `cilint rules` lists them"
    return f"no rule, family or category is called `{word}`{advice}"


def unknown_rule(index: Index, word: str) -> str:
    """What to say of a word that is the id or name of no rule."""
    if any(matches(rule, word) for rule in index.rules):
        return f"`{word}` is a group of rules; name each rule"
    hint = _nearest_rule(index, word)
    return f"no rule is called `{word}`" + (f"; did you mean `{hint}`?" if hint else "; `cilint rules` lists them")


def _nearest_rule(index: Index, word: str) -> str | None:
    if re.fullmatch(r"[A-Za-z]{2,4}\d+", word):
        return next((rule.id for rule in index.rules if rule.id == word.upper()), None)
    return nearest(word, [rule.name for rule in index.rules])


def _wrong_options(table: toml.Table, index: Index) -> Iterator[tuple[toml.Path, str]]:
    for name, told in table.get("options", {}).items():
        rule = index.by_name(name)
        if rule is None:
            yield ("options", name), unknown_rule(index, name)
            continue
        schema = {"type": "object", "properties": option_schemas(rule), "additionalProperties": False}
        for violation in evaluate({"properties": {name: schema}}, as_node({name: told})):
            advice = "" if rule.options else f"; the rule {rule.name} has no options"
            yield ("options", *violation.path), violation.message + advice


def _wrong_dates(table: toml.Table) -> Iterator[tuple[toml.Path, str]]:
    for number, each in enumerate(table.get("suppress", ())):
        if "until" in each and not is_date(each["until"]):
            yield ("suppress", number, "until"), f"there is no day {each['until']}"


def is_date(text: str) -> bool:
    """Whether a text of the form YYYY-MM-DD is a day."""
    import datetime

    try:
        datetime.date.fromisoformat(text)
    except ValueError:
        return False
    return True


def _at(layer: Layer, path: toml.Path, message: str) -> str:
    spot = toml.locate(layer.text, layer.prefix + path) if layer.is_file and layer.text else None
    return f"{layer.name}:{spot.line}:{spot.column}: {message}" if spot else f"{layer.name}: {message}"


def _refuse(layer: Layer, path: toml.Path, message: str) -> NoReturn:
    raise ConfigError(_at(layer, path, message))


def _shown(path: str) -> str:
    """A path for messages: relative where that is shorter."""
    path = os.path.abspath(path)
    relative = os.path.relpath(path)
    return path if relative.startswith(os.path.join("..", "..")) else relative


def as_node(value: Any) -> Node:
    """Plain data as the evaluator of schemas reads it."""
    if isinstance(value, dict):
        return Mapping(0, 0, [Entry(_text(key), as_node(child)) for key, child in value.items()])
    if isinstance(value, list):
        return Sequence(0, 0, [as_node(child) for child in value])
    if isinstance(value, bool):
        return Scalar(0, 0, "true" if value else "false")
    return _text(value) if isinstance(value, str) else Scalar(0, 0, repr(value))


def _text(value: str) -> Scalar:
    return Scalar(0, 0, value, DOUBLE_QUOTED)
