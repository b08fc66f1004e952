"""The edit distance behind "did you mean"."""

from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cilint.catalog.nearest import distance, nearest

words = st.text(alphabet="abc", max_size=7)


@cache
def by_definition(left: str, right: str) -> int:
    if not left or not right:
        return len(left) + len(right)
    steps = [
        by_definition(left[:-1], right) + 1,
        by_definition(left, right[:-1]) + 1,
        by_definition(left[:-1], right[:-1]) + (left[-1] != right[-1]),
    ]
    if left[-2:] == right[-2:][::-1] and len(left) > 1:
        steps.append(by_definition(left[:-2], right[:-2]) + 1)
    return min(steps)


@given(words, words, st.integers(0, 4))
def test_the_distance_is_the_textbooks_up_to_the_limit(left: str, right: str, limit: int) -> None:
    assert distance(left, right, limit) == min(by_definition(left, right), limit + 1)


@pytest.mark.parametrize(
    ("name", "known", "answer"),
    [
        ("GetObjcet", ["GetObject", "PutObject"], "GetObject"),
        ("getobject", ["GetObject"], "GetObject"),
        ("GetRole", ["GetRule", "GetRoles"], "GetRoles"),
        ("abcdef", ["abxxxf"], None),
        ("kmx", ["kms", "km"], "km"),
        ("s4", ["s3"], None),
        ("s3", ["S3"], "S3"),
        ("", ["a"], None),
        ("anything", [], None),
    ],
)
def test_the_nearest_of_the_known(name: str, known: list[str], answer: str | None) -> None:
    assert nearest(name, known) == answer
