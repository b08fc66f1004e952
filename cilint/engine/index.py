"""The rule index: every page's data without its prose, compiled once, so that start-up parses no page.

A wheel holds it as the module `cilint._index`; a checkout compiles it on first use and keeps it by content in the
user's cache directory.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

from cilint.core import resources
from cilint.core.rule import CheckReference, Declaration, Rule

if TYPE_CHECKING:
    import ast

Row = dict[str, Any]


class Index(NamedTuple):
    """All rules, in the order of their ids."""

    rules: tuple[Rule, ...]

    def by_name(self, name: str) -> Rule | None:
        """The rule with this id or name."""
        return next((rule for rule in self.rules if name in (rule.name, rule.id)), None)


def load() -> Index:
    """The index of this installation. Raises PageError in a checkout with a bad page."""
    return Index(tuple(_rule(row) for row in _rows()))


def _rows() -> list[Row]:
    checkout = resources.checkout()
    if checkout is not None:
        return _cached(checkout)
    from cilint import _index  # type: ignore[attr-defined,unused-ignore]

    rows: list[Row] = _index.ROWS
    return rows


def compile_rows(root: str) -> list[Row]:
    """The rows of all pages below `root`/rules, each joined with its check. Raises PageError."""
    from cilint.engine.pages import PageError, page_paths, parse

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
        twice = sorted({value for value in values if values.count(value) > 1})
        if twice:
            raise PageError(f"{field} used by two pages: {', '.join(twice)}")
    return sorted(rows, key=lambda each: str(each["id"]))


def row(path: str, data: dict[str, Any], check: tuple[str, str, tuple[str, ...]] | None) -> Row:
    """What the engine needs of a page."""
    declared: dict[str, Any] = {
        key: data[key] for key in ("select", "require", "forbid", "message", "schema") if key in data
    }
    if "keywords" in data:
        declared["keywords"] = tuple(data["keywords"])
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
        "fix_safety": (data.get("fix") or {}).get("safety", ""),
        "page": path,
        "security_severity": str(data.get("security-severity", "")),
    }


def _rule(values: Row) -> Rule:
    check, declaration = values["check"], values["declaration"]
    return Rule(
        **{
            **values,
            "check": CheckReference(*check) if check else None,
            "declaration": Declaration(**declaration) if declaration else None,
        }
    )


def find_checks(root: str) -> Iterator[tuple[str, tuple[str, str, tuple[str, ...]]]]:
    """Name of the page, and (module, function, types of the parameters), of each `@check` below cilint/checks."""
    import ast

    folder = os.path.join(root, "cilint", "checks")
    for directory, _folders, names in sorted(os.walk(folder)):
        for name in sorted(names):
            if name.endswith(".py"):
                path = os.path.join(directory, name)
                module = os.path.relpath(path, root)[:-3].replace(os.sep, ".")
                with open(path, encoding="utf-8") as file:
                    yield from _checks_of(module, ast.parse(file.read(), path))


def _checks_of(module: str, tree: ast.Module) -> Iterator[tuple[str, tuple[str, str, tuple[str, ...]]]]:
    import ast

    for node in tree.body:
        if not isinstance(node, ast.FunctionDef):
            continue
        for decorator in node.decorator_list:
            if isinstance(decorator, ast.Call) and getattr(decorator.func, "id", "") == "check":
                name = ast.literal_eval(decorator.args[0])
                types = tuple(ast.unparse(argument.annotation) for argument in node.args.args if argument.annotation)
                yield name, (module, node.name, types)


def _cached(root: str) -> list[Row]:
    """The compiled rows of a checkout, kept by what the sources look like now."""
    import marshal

    path = os.path.join(_cache_directory(), f"index-{_state(root)}.marshal")
    try:
        with open(path, "rb") as file:
            rows: list[Row] = marshal.load(file)
            return rows
    except (OSError, ValueError, EOFError, TypeError):
        pass
    rows = compile_rows(root)
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


def _state(root: str) -> str:
    from hashlib import blake2b

    digest = blake2b(f"{sys.version_info}{root}".encode(), digest_size=12)
    for folder in ("rules", os.path.join("cilint", "checks"), os.path.join("cilint", "engine")):
        for directory, folders, names in os.walk(os.path.join(root, folder)):
            folders[:] = sorted(name for name in folders if name != "__pycache__")
            for name in sorted(names):
                if name.endswith((".yaml", ".py")):
                    stat = os.stat(os.path.join(directory, name))
                    digest.update(f"{directory}/{name}:{stat.st_size}:{stat.st_mtime_ns}".encode())
    return digest.hexdigest()
