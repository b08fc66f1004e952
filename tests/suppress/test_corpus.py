"""Suppressions and anchors in real public files."""

from __future__ import annotations

import os
from collections import Counter
from functools import partial
from pathlib import Path

import pytest

from cilint.core.context import EmptyTree
from cilint.engine import index as rule_index
from cilint.engine.analyze import analyze
from cilint.engine.ignores import annotate, same
from cilint.engine.result import FileResult
from cilint.engine.suppress import applied
from cilint.source.read import read
from cilint.source.text import decode

INDEX = rule_index.load()
RULES = tuple(rule for rule in INDEX.rules if rule.audience == "regular")
EVERY = 50  # the files that are tried: enough to meet all sorts of layout, few enough to wait for


def check(path: str, data: bytes) -> FileResult:
    return applied(analyze(path, data, RULES, EmptyTree()), RULES, INDEX)


@pytest.fixture(scope="module")
def sample(corpus: Path) -> list[tuple[str, bytes]]:
    """Some YAML files that can be read, about which something is found."""
    paths = sorted(
        os.path.join(folder, name)
        for folder, _folders, names in os.walk(corpus)
        for name in names
        if name.endswith((".yml", ".yaml"))
    )
    files = [(path, Path(path).read_bytes()) for path in paths[::EVERY]]
    return [
        (path, data)
        for path, data in files
        if check(path, data).diagnostics and not read(decode(data), path).problems and b"cilint" not in data
    ]


def test_all_that_is_found_can_be_suppressed(sample: list[tuple[str, bytes]]) -> None:
    assert len(sample) >= 5
    for path, data in sample:
        wanted = [each for each in check(path, data).diagnostics if each.confidence != "low"]

        after = annotate(path, data, wanted, partial(check, path), "why", "")

        assert not after.left, path
        assert same(read(decode(data), path), read(decode(after.data), path)), path
        assert len(check(path, after.data).diagnostics) == len(check(path, data).diagnostics) - len(wanted), path


def test_lines_above_wake_nothing(sample: list[tuple[str, bytes]]) -> None:
    for path, data in sample:
        before = Counter((each.id, each.anchor) for each in check(path, data).diagnostics)
        moved = b"# one\n\n# two\n" + data
        assert Counter((each.id, each.anchor) for each in check(path, moved).diagnostics) == before, path
