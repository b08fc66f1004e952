"""The rule index: every page's data without its prose, compiled once, so that start-up parses no page.

A wheel holds it as the module `cilint._index`; a checkout compiles it on first use and keeps it by content in the
user's cache directory.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final

from cilint.core import resources
from cilint.core.rule import CheckReference, Declaration, PageError, Rule
from cilint.engine.project import project_root
from cilint.source.record import NamedTuple
from cilint.version import __version__

Row = dict[str, Any]
CheckRow = tuple[str, str, tuple[str, ...]]
"""Module (or the path of a plugin's file), function, type names of its parameters."""

_SOURCES: Final = ("rules", "schemas", os.path.join("cilint", "checks"), os.path.join("cilint", "engine"))
_ENDINGS: Final = (".yaml", ".yml", ".py", "rule.schema.json")
PROJECT_RULES: Final = os.path.join(".cilint", "rules")

_MENDABLE: Final = frozenset(["additionalProperties", "propertyNames", "enum", "pattern", "type"])
"""Keywords of which a violation may say what was meant (`Violation.instead`)."""


class Index(NamedTuple):
    """All rules, in the order of their ids."""

    rules: tuple[Rule, ...]

    def by_name(self, name: str) -> Rule | None:
        """The rule with this id or name, or with this name in an earlier version."""
        return next((rule for rule in self.rules if name in (rule.name, rule.id) or name in rule.was), None)

    @property
    def renamed(self) -> dict[str, str]:
        """The names that rules had before, each with that of today."""
        return {old: rule.name for rule in self.rules for old in rule.was}


def load(rules: str | None = None, plugins: Sequence[str] = ()) -> Index:
    """The index of this installation, with the pages below the directory `rules` and of the directories `plugins`.

    Raises PageError for a bad page.
    """
    own = tuple(rule(row) for row in _rows())
    if rules is None and not plugins:
        return Index(own)
    from cilint.engine.extensions import further_rules

    return Index(tuple(sorted((*own, *further_rules(own, rules, plugins)), key=lambda each: each.id)))


def project_rules(directory: str = ".") -> str | None:
    """Where the project that `directory` lies in keeps rules of its own; None where it has none."""
    rules = os.path.join(project_root(os.path.realpath(directory)), PROJECT_RULES)
    return rules if os.path.isdir(rules) else None


def _rows() -> list[Row]:
    checkout = resources.checkout()
    if checkout is not None:
        return cached(f"index-{state()}", lambda: compile_rows(checkout))
    from cilint import _index  # type: ignore[attr-defined,unused-ignore]

    rows: list[Row] = _index.ROWS
    return rows


def compile_rows(root: str) -> list[Row]:
    """The rows of all pages below `root`/rules, each joined with its check. Raises PageError."""
    from cilint.engine.pages import page_paths, parse

    checks = dict(find_checks(root))
    rows: list[Row] = []
    for path in page_paths(os.path.join(root, "rules")):
        with open(os.path.join(root, "rules", path), "rb") as file:
            page = parse(path, file.read())
        rows.append(row(page.path, page.data, checks.pop(page.name, None)))
    if checks:
        raise PageError(f"checks without a page: {', '.join(sorted(checks))}")
    for field in ("id", "name"):
        values = [each[field] for each in rows]
        if field == "name":
            values += [old for each in rows for old in each["was"]]
        twice = sorted({value for value in values if values.count(value) > 1})
        if twice:
            raise PageError(f"{field} used by two pages: {', '.join(twice)}")
    return sorted(rows, key=lambda each: str(each["id"]))


def row(path: str, data: dict[str, Any], check: CheckRow | None) -> Row:
    """What the engine needs of a page."""
    declared: dict[str, Any] = {
        key: data[key] for key in ("select", "require", "forbid", "message", "schema") if key in data
    }
    if "keywords" in data:
        declared["keywords"] = tuple(data["keywords"])
    safety = _fix_safety(data)
    if declared:
        declared["fix"] = safety
    return {
        "id": data["id"],
        "name": data["name"],
        "summary": data["summary"],
        "category": data["category"],
        "severity": data["severity"],
        "confidence": data["confidence"],
        "audience": data.get("audience", "regular"),
        "kinds": tuple(data["kinds"]),
        "check": check,
        "declaration": declared or None,
        "general": bool(data.get("general", "schema" in data)),
        "preview": bool(data.get("preview", False)),
        "fix_safety": safety,
        "page": path,
        "security_severity": str(data.get("security-severity", "")),
        "was": tuple(data.get("was", ())),
        "options": tuple((name, json.dumps(schema)) for name, schema in (data.get("options") or {}).items()),
    }


def _fix_safety(data: dict[str, Any]) -> str:
    """The safety that a page states. The rules of a schema write what was certainly meant without saying so: that is
    safe where the consumer refuses or ignores what stands there now."""
    if "fix" in data:
        return str((data["fix"] or {}).get("safety", ""))
    if "schema" not in data or not set(data.get("keywords", ())) & _MENDABLE:
        return ""
    refused = data["severity"] == "error" or "additionalProperties" in data["keywords"]
    return "safe" if refused and data["confidence"] == "high" else "unsafe"


def rule(values: Row) -> Rule:
    """The rule of a row."""
    check, declaration = values["check"], values["declaration"]
    return Rule(
        **{
            **values,
            "check": CheckReference(*check) if check else None,
            "declaration": Declaration(**declaration) if declaration else None,
        }
    )


def find_checks(root: str) -> Iterator[tuple[str, CheckRow]]:
    """Name of the page, and where the function is, of each `@check` below cilint/checks."""
    folder = os.path.join(root, "cilint", "checks")
    for directory, _folders, names in sorted(os.walk(folder)):
        for name in sorted(names):
            if name.endswith(".py"):
                path = os.path.join(directory, name)
                yield from checks_of_file(path, os.path.relpath(path, root)[:-3].replace(os.sep, "."))


def checks_of_file(path: str, module: str) -> Iterator[tuple[str, CheckRow]]:
    """The `@check` functions of a Python file, which is read and not imported. Raises SyntaxError."""
    import ast

    with open(path, encoding="utf-8") as file:
        tree = ast.parse(file.read(), path)
    for node in tree.body:
        if not isinstance(node, ast.FunctionDef):
            continue
        for decorator in node.decorator_list:
            if isinstance(decorator, ast.Call) and getattr(decorator.func, "id", "") == "check":
                name = ast.literal_eval(decorator.args[0])
                types = tuple(ast.unparse(argument.annotation) for argument in node.args.args if argument.annotation)
                yield name, (module, node.name, types)


def cached(name: str, compile: Callable[[], list[Row]]) -> list[Row]:
    """Compiled rows, kept under a name that tells what the sources look like now."""
    import marshal

    path = os.path.join(_cache_directory(), f"{name}.marshal")
    try:
        with open(path, "rb") as file:
            rows: list[Row] = marshal.load(file)
            return rows
    except (OSError, ValueError, EOFError, TypeError):
        pass
    rows = compile()
    try:
        os.makedirs(os.path.dirname(path), mode=0o700, exist_ok=True)
        temporary = f"{path}.{os.getpid()}"
        with open(temporary, "wb") as file:
            marshal.dump(rows, file)
        os.replace(temporary, path)
    except OSError:
        pass  # a read-only home: compile again next time
    return rows


def _cache_directory() -> str:
    home = os.environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache")
    return os.path.join(home, "cilint")


def state(*folders: str) -> str:
    """What tells one state of sources from another: the names, sizes and times of the files below folders and, in a
    checkout, of cilint's own."""
    from hashlib import blake2b

    digest = blake2b(f"{sys.version_info}{__version__}".encode(), digest_size=12)
    checkout = resources.checkout()
    own = [os.path.join(checkout, each) for each in _SOURCES] if checkout is not None else []
    for top in (*folders, *own):
        for directory, below, names in os.walk(top):
            below[:] = sorted(name for name in below if name != "__pycache__")
            for name in sorted(names):
                if name.endswith(_ENDINGS):
                    stat = os.stat(os.path.join(directory, name))
                    digest.update(f"{directory}/{name}:{stat.st_size}:{stat.st_mtime_ns}".encode())
    return digest.hexdigest()
