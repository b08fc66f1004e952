"""`primaryLocationLineHash`: the values that GitHub's own action gives, and an independent second implementation."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cilint.core.context import EmptyTree
from cilint.engine import index as rule_index
from cilint.engine.analyze import analyze
from cilint.engine.fingerprint import keys, line_hashes
from cilint.source.read import read
from cilint.source.text import Span, decode

# github/codeql-action, src/fingerprints.test.ts
VECTORS = [
    (b"", ["c129715d7a2bc9a3:1"]),
    (
        b" a\nb\n  \t\tc\n d",
        ["271789c17abda88f:1", "54703d4cd895b18:1", "180aee12dab6264:1", "a23a3dc5e078b07b:1"],
    ),
    (
        b"Lorem ipsum dolor sit amet.\n" * 10,
        [
            *(f"a7f2ff13bc495cf2:{count}" for count in range(1, 7)),
            "a7f2ff1481e87703:1",
            "a9cf91f7bbf1862b:1",
            "55ec222b86bcae53:1",
            "cc97dc7b1d7d8f7b:1",
            "c129715d7a2bc9a3:1",
        ],
    ),
]


@pytest.mark.parametrize(("data", "expected"), VECTORS, ids=["empty", "blanks", "repeated"])
def test_the_values_of_the_action(data: bytes, expected: list[str]) -> None:
    assert list(line_hashes(data, 1000)) == expected


def naive(data: bytes) -> list[str]:
    """The algorithm as the action writes it: one unit after the other, a ring of pending lines."""
    decoded = data.decode("utf-8", "replace")
    units: list[int] = []
    for char in decoded:
        encoded = char.encode("utf-16-be")
        units += [int.from_bytes(encoded[at : at + 2], "big") for at in range(0, len(encoded), 2)]
    kept: list[int] = []
    after_return = False
    for unit in units:
        if not (unit in (32, 9) or (unit == 10 and after_return)):
            kept.append(10 if unit == 13 else unit)
        after_return = unit == 13
    kept.append(0xFFFF)
    starts = [0] + [at + 1 for at, unit in enumerate(kept) if unit == 10]
    found: list[str] = []
    for start in starts:
        value = 0
        for at in range(start, start + 100):
            value = (value * 37 + (kept[at] if at < len(kept) else 0)) % 2**64
        text = f"{value:x}"
        found.append(f"{text}:{1 + sum(1 for each in found if each.split(':')[0] == text)}")
    return found


PIECES = st.sampled_from(["a", "key: value", " ", "\t", "\n", "\r", "\r\n", "\r \n", "é", "😀", "\ufeff", "x" * 60])
FILES = st.one_of(st.lists(PIECES, max_size=40).map(lambda pieces: "".join(pieces).encode()), st.binary(max_size=200))


@given(FILES)
def test_a_naive_implementation_gives_the_same(data: bytes) -> None:
    assert list(line_hashes(data, 10_000)) == naive(data)


@given(FILES, st.integers(min_value=1, max_value=5))
def test_fewer_lines_are_the_first_of_all(data: bytes, last: int) -> None:
    assert line_hashes(data, last) == line_hashes(data, 10_000)[:last]


def test_indenting_keeps_a_hash_and_an_edit_far_below_does_too() -> None:
    lines = [f"- echo number {number} of many lines\n" for number in range(20)]
    before = line_hashes("".join(lines).encode(), 1)
    assert line_hashes("".join("    " + line for line in lines).encode(), 1) == before
    assert line_hashes("".join([*lines[:10], "- other\n"]).encode(), 1) == before
    assert line_hashes("".join(["- other\n", *lines]).encode(), 1) != before


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        ("version", "version"),
        ("0.2", "version"),
        ("make", "phases.build.commands"),
        ("commands", "phases.build.commands"),
        ("x: {a: [{b: deep}]}\n    commands:\n      - make\n      - test", "phases.build"),
        ("deep", "phases.build.x.a.b"),
    ],
)
def test_keys_lead_to_the_innermost_value_around_a_place(at: str, expected: str) -> None:
    text = "version: 0.2\nphases:\n  build:\n    x: {a: [{b: deep}]}\n    commands:\n      - make\n      - test\n"
    start = text.index(at)
    document = read(decode(text.encode()), "buildspec.yml")
    assert keys(document, Span(start, start + len(at))) == expected


def test_a_finding_knows_its_keys_and_no_hashes_are_made_unasked() -> None:
    data = b"version: 0.2\nphases:\n  build:\n    finaly: [x]\n    commands: [make]\n"
    result = analyze("buildspec.yml", data, rule_index.load().rules, EmptyTree())
    assert "phases.build.finaly" in [each.keys for each in result.diagnostics]
    assert result.line_hashes == ()
