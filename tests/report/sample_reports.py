"""Reports of files, reports made by hand, and a buildspec about which several rules speak."""

from __future__ import annotations

from typing import Any

from cilint.core.rule import Rule
from cilint.engine import index as rule_index
from cilint.engine.result import Diagnostic, FileResult, Place
from cilint.engine.run import Report, check_paths
from cilint.engine.settings import Settings

INDEX = rule_index.load()
BUILDSPEC = """\
version: 0.2
env:
  variables:
    DB_PASSWORD: hunter2hunter2
phases:
  build:
    commands:
      - echo "😀"
    commands:
      - make
    finaly: x
"""


def check(*paths: str) -> Report:
    """Check paths with all rules, as `cilint check --format sarif` does."""
    return check_paths(paths or (".",), INDEX, Settings(line_hashes=True))


def rule(**values: Any) -> Rule:
    """A rule without a page."""
    known: dict[str, Any] = {
        "id": "XX001",
        "name": "some-rule",
        "summary": "something is wrong",
        "category": "correctness",
        "severity": "warning",
        "confidence": "high",
        "audience": "regular",
        "kinds": ("buildspec",),
    }
    return Rule(**(known | values))


def place(line: int = 1, column: int = 1, end_line: int = 0, end_column: int = 0, path: str = "buildspec.yml") -> Place:
    """A place in a text without characters beyond the BMP."""
    end_line, end_column = end_line or line, end_column or column + 1
    return Place(path, 0, 1, line, column, end_line, end_column, column, end_column)


def diagnostic(message: str = "it is wrong", where: Place | None = None, **values: Any) -> Diagnostic:
    """A finding of `rule()`."""
    known: dict[str, Any] = {"severity": "warning", "confidence": "high", "lines": ()}
    return Diagnostic(rule="some-rule", id="XX001", message=message, place=where or place(), **(known | values))


def report(*diagnostics: Diagnostic, rules: tuple[Rule, ...] | None = None, **values: Any) -> Report:
    """A report on one checked buildspec."""
    known: dict[str, Any] = {
        "files": (FileResult("buildspec.yml", "buildspec", True, diagnostics),),
        "settings": Settings(),
        "seconds": 0.25,
    }
    return Report(diagnostics=diagnostics, rules=(rule(),) if rules is None else rules, **(known | values))
