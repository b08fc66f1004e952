"""Files that went wrong on the way: cut off, shuffled, with stray bytes. No rule crashes on them, and whatever is found
lies inside the file. The files are those of the corpus, which is not part of the project, and of `fixtures/`."""

from __future__ import annotations

import os
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cilint.core.context import EmptyTree
from cilint.engine import index as rule_index
from cilint.engine.analyze import analyze
from cilint.engine.result import FileResult, Place
from cilint.engine.scripts import scripts
from cilint.source.read import read
from cilint.source.text import Span, decode

ROOT = Path(__file__).parents[2]
CORPUS = Path(os.environ.get("CILINT_CORPUS") or ROOT.parent / "shared" / "corpus")
SUFFIXES = (".yml", ".yaml", ".json", ".template")
RULES = rule_index.load().rules
STRAYS = (
    b"\x00",
    b"\x1b",
    b"\xff",
    b"\xf0\x9f",
    b"\t",
    b"\r",
    b"'",
    b'"',
    b"|\n",
    b"&a ",
    b"*a",
    b": ",
    b"{",
    b"]",
    b"$(",
)


@cache
def files(*roots: Path) -> tuple[tuple[str, bytes], ...]:
    """Name and content of what some rule looks at."""
    found = []
    for root in roots:
        for path in sorted(root.rglob("*")):
            if path.suffix in SUFFIXES and path.is_file() and path.stat().st_size < 30_000:
                data = path.read_bytes()
                if analyze(path.name, data, (), EmptyTree()).kind:
                    found.append((path.name, data))
    return tuple(found)


def mutated(data: bytes, how: str, at: float, to: float, stray: bytes) -> bytes:
    """The file after one accident; `at` and `to` are places in it, as parts of its length."""
    lines = data.splitlines(keepends=True) or [b""]
    here, there = int(at * (len(lines) - 1)), int(to * (len(lines) - 1))
    offset = int(at * len(data))
    match how:
        case "cut off":
            return data[:offset]
        case "beginning lost":
            return data[offset:]
        case "line twice":
            lines.insert(there, lines[here])
        case "lines swapped":
            lines[here], lines[there] = lines[there], lines[here]
        case "line lost":
            del lines[here]
        case "indentation lost":
            lines[here] = lines[here].lstrip()
        case "indented deeper":
            lines[here] = b"  " + lines[here]
        case "stray bytes":
            return data[:offset] + stray + data[offset:]
        case "other line ends":
            return data.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
    return b"".join(lines)


ACCIDENTS = (
    "cut off",
    "beginning lost",
    "line twice",
    "lines swapped",
    "line lost",
    "indentation lost",
    "indented deeper",
    "stray bytes",
    "other line ends",
)
MUTATIONS = st.lists(
    st.tuples(st.sampled_from(ACCIDENTS), st.floats(0, 1), st.floats(0, 1), st.sampled_from(STRAYS)),
    min_size=1,
    max_size=3,
)


def places(result: FileResult) -> Iterator[Place]:
    for each in result.diagnostics:
        yield each.place
        yield from (note.place for note in each.related)
        yield from (edit.place for edit in (each.fix.edits if each.fix else ()))
    for suppression in result.suppressions:
        yield from (place for place in (suppression.place, suppression.inner, suppression.removal) if place)


def assert_sound(name: str, data: bytes) -> None:
    result = analyze(name, data, RULES, EmptyTree())
    assert not result.crashed, [each.message for each in result.diagnostics if each.rule == "internal-error"]
    text = decode(data)
    for place in places(result):
        assert 0 <= place.start <= place.end <= len(text.content)
        assert text.position(place.start) == (place.line, place.column)
    document = read(text, name)
    for script in scripts(document, name):
        where = script.place(Span(0, len(script.text)))
        assert where is None or 0 <= where.start <= where.end <= len(text.content)


def broken(data: st.DataObject, known: tuple[tuple[str, bytes], ...]) -> None:
    name, content = data.draw(st.sampled_from(known))
    for accident in data.draw(MUTATIONS):
        content = mutated(content, *accident)
    assert_sound(name, content)


@given(st.data())
@settings(max_examples=60, deadline=None)
def test_no_rule_crashes_on_a_broken_fixture(data: st.DataObject) -> None:
    broken(data, files(ROOT / "fixtures"))


@pytest.mark.skipif(not CORPUS.is_dir(), reason="no corpus: set CILINT_CORPUS to a folder of real files")
@given(st.data())
@settings(max_examples=150, deadline=None)
def test_no_rule_crashes_on_a_broken_real_file(data: st.DataObject) -> None:
    broken(data, files(CORPUS / "files"))
