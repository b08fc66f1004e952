"""Every page's examples are executable: `bad` gives exactly the findings it expects, `good` gives none of its rule."""

from __future__ import annotations

from typing import Any

import pytest

from cilint.core import resources
from cilint.engine import index as rule_index
from cilint.engine.examples import check_bad, check_good
from cilint.engine.pages import FAMILIES, Page, family, load, page_paths

ROOT = resources.checkout()
assert ROOT is not None
PAGES = [load(path) for path in page_paths(f"{ROOT}/rules")]
RULES = rule_index.load().rules


def _examples(key: str) -> list[Any]:
    return [
        pytest.param(page, example, id=f"{page.name}-{number}")
        for page in PAGES
        for number, example in enumerate(page.data[key], 1)
    ]


@pytest.mark.parametrize(("page", "example"), _examples("bad"))
def test_bad_example_gives_exactly_what_it_expects(page: Page, example: Any) -> None:
    assert list(check_bad(page, example, RULES)) == []


@pytest.mark.parametrize(("page", "example"), _examples("good"))
def test_good_example_gives_nothing(page: Page, example: Any) -> None:
    assert list(check_good(page, example, RULES)) == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_page_has_what_a_reader_needs(page: Page) -> None:
    assert family(page.data["id"]) in FAMILIES
    assert page.data["references"], "a page names its sources"
    assert page.data["why"].strip()
    assert not page.data["summary"].endswith(".")
    if page.name != "internal-error":  # a crash cannot be written down as a file; tests/engine proves it
        assert page.data["bad"] and page.data["good"]


@pytest.mark.parametrize("page", [page for page in PAGES if "fix" in page.data], ids=lambda page: page.name)
def test_a_page_with_a_fix_shows_what_it_gives(page: Page) -> None:
    assert any("fixed" in example for example in page.data["bad"])


def test_a_page_that_can_be_lower_than_its_level_says_where() -> None:
    lowered = {
        page.name
        for page in PAGES
        for example in page.data["bad"]
        for expected in example["expect"]
        if "severity" in expected or "confidence" in expected
    }
    assert lowered <= {page.name for page in PAGES if "lowered" in page.data}
