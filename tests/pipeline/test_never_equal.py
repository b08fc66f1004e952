"""Two texts of a template: when are they different in every stack?"""

from __future__ import annotations

import pytest

from cilint.checks.pipeline.sources import never_equal


@pytest.mark.parametrize(
    ("one", "other"),
    [("Repo", "Repository"), ("${Project}-github", "${Project}"), ("a-${Project}", "b-${Project}"), ("x-${A}", "${A}")],
)
def test_what_is_written_out_differs(one: str, other: str) -> None:
    assert never_equal(one, other)
    assert never_equal(other, one)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("${Project}", "${Project}"),
        ("${Project}", "web"),
        ("${One}-github", "${Other}-github"),
        ("${Project}", "${Projects}"),
    ],
)
def test_a_stack_may_make_them_equal(one: str, other: str) -> None:
    assert not never_equal(one, other)
    assert not never_equal(other, one)
