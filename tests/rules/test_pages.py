"""Every page's examples are executable: `bad` gives exactly the findings it expects, `good` gives none of its rule."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from cilint.core import resources
from cilint.core.context import EmptyTree
from cilint.engine import index as rule_index
from cilint.engine.analyze import analyze
from cilint.engine.pages import Page, load, page_paths
from cilint.engine.result import Diagnostic
from cilint.source.text import decode

ROOT = resources.checkout()
assert ROOT is not None
PAGES = [load(path) for path in page_paths(f"{ROOT}/rules")]
INDEX = rule_index.load()
NAMES = {
    "appspec-ec2": "appspec.yml",
    "buildspec": "buildspec.yml",
    "iam-policy": "policy.json",
    "file": "buildspec.yml",
}


def _examples(key: str) -> list[Any]:
    return [
        pytest.param(page, example, id=f"{page.name}-{number}")
        for page in PAGES
        for number, example in enumerate(page.data[key], 1)
    ]


def _content(page: Page, example: Any) -> tuple[str, bytes]:
    if isinstance(example, str):
        example = {"file": example}
    name = example.get("name") or NAMES[page.data["kinds"][0]]
    if "base64" in example:
        return name, base64.b64decode(example["base64"])
    return name, example["file"].encode()


def _check(page: Page, example: Any) -> tuple[bytes, list[Diagnostic]]:
    name, data = _content(page, example)
    result = analyze(name, data, INDEX.rules, EmptyTree())
    assert result.checked, f"cilint takes the example for {result.kind or 'nothing'}"
    return data, [each for each in result.diagnostics if each.rule == page.name]


@pytest.mark.parametrize(("page", "example"), _examples("bad"))
def test_bad_example_gives_exactly_what_it_expects(page: Page, example: Any) -> None:
    data, found = _check(page, example)
    content = decode(data).content
    assert len(found) == len(example["expect"]), [each.message for each in found]
    for each, expected in zip(found, example["expect"], strict=True):
        if "at" in expected:
            assert content[each.place.start : each.place.end].strip() == expected["at"].strip()
        assert expected.get("says", "") in each.message
        assert each.place.line == expected.get("line", each.place.line)
        assert each.severity == expected.get("severity", page.data["severity"])
        assert each.confidence == expected.get("confidence", page.data["confidence"])


@pytest.mark.parametrize(("page", "example"), _examples("good"))
def test_good_example_gives_nothing(page: Page, example: Any) -> None:
    _data, found = _check(page, example)
    assert not found, [each.message for each in found]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_page_has_what_a_reader_needs(page: Page) -> None:
    assert page.data["references"], "a page names its sources"
    assert page.data["why"].strip()
    assert not page.data["summary"].endswith(".")
    if page.name != "internal-error":  # a crash cannot be written down as a file; tests/engine proves it
        assert page.data["bad"] and page.data["good"]


def test_a_page_that_can_be_lower_than_its_level_says_where() -> None:
    lowered = {
        page.name
        for page in PAGES
        for example in page.data["bad"]
        for expected in example["expect"]
        if "severity" in expected or "confidence" in expected
    }
    assert lowered <= {page.name for page in PAGES if "lowered" in page.data}
