"""TOML as plain data: what is kept of it, and where its keys stand."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cilint.engine import toml

TEXT = """\
# a comment with [a.table] and key = 1
select = [ # first
  "BS",   # ] not yet
  'CI', "x # \\"y\\"",
]
severity = { BS101 = "note", "CB.x" = 'error' }

[tool.cilint . options]
a.b = 1
multi = \"\"\"
[not.a.table]
key = 2 \\\"\"\" \"\"\"
  [[suppress]]
path = "one"
[[suppress]]
path = "two"
rules = [
  "r1", [1, {z = 2}],
  "r2"]
[suppress.more]
x = 2026-01-02
"""


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        (("select",), (2, 1)),
        (("select", 0), (3, 3)),
        (("select", 1), (4, 3)),
        (("select", 2), (4, 9)),
        (("severity",), (6, 1)),
        (("severity", "BS101"), (6, 14)),
        (("severity", "CB.x"), (6, 30)),
        (("tool", "cilint", "options"), (8, 1)),
        (("tool", "cilint", "options", "a"), (9, 1)),
        (("tool", "cilint", "options", "multi"), (10, 1)),
        (("suppress",), (13, 3)),
        (("suppress", 0, "path"), (14, 1)),
        (("suppress", 1), (15, 1)),
        (("suppress", 1, "rules", 1, 1, "z"), (18, 14)),
        (("suppress", 1, "rules", 2), (19, 3)),
        (("suppress", 1, "more", "x"), (21, 1)),
        (("suppress", 1, "gone"), (15, 1)),  # what is missing is where it should be
        (("gone",), None),
    ],
)
def test_places(path: tuple[str | int, ...], expected: tuple[int, int] | None) -> None:
    assert toml.parse(TEXT)["suppress"][1]["more"] == {"x": "2026-01-02"}
    assert toml.locate(TEXT, path) == expected


KEYS = st.text("ab-.\"'# é=[]", min_size=1, max_size=4)
VALUES = st.recursive(
    st.booleans() | st.integers(0, 99) | st.text('ab\n"\\#]},', max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=8,
)


def written(value: Any) -> str:
    """A value as TOML; JSON's texts, numbers and lists are TOML's."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{json.dumps(key)} = {written(child)}" for key, child in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", # ]\n ".join(map(written, value)) + "]"
    return json.dumps(value)


def paths(value: Any, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [deeper for key, child in inner for deeper in [(*path, key), *paths(child, (*path, key))]]


@given(st.dictionaries(KEYS, VALUES, max_size=4))
def test_every_key_and_item_has_a_place_of_its_own(table: dict[str, Any]) -> None:
    text = "".join(f"{json.dumps(key)} = {written(value)} # = [x]\n" for key, value in table.items())
    assert toml.parse(text) == table
    lines = text.split("\n")
    for path in paths(table):
        spot = toml.locate(text, path)
        assert spot is not None
        rest = "\n".join([lines[spot.line - 1][spot.column - 1 :], *lines[spot.line :]])
        shown = json.dumps(path[-1]) if isinstance(path[-1], str) else ""
        assert rest.startswith(shown), f"{path} at {rest!r}"


@pytest.fixture
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file whose tables were read once, and an empty cache before that."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    path = tmp_path / "cilint.toml"
    path.write_text('select = ["BS"]\n')
    assert toml.read(str(path))[0] == {"select": ["BS"]}
    return path


def test_a_file_is_parsed_once(kept: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(toml, "parse", lambda text: pytest.fail("parsed again"))
    assert toml.read(str(kept))[0] == {"select": ["BS"]}


def test_a_changed_file_is_parsed_again_whatever_its_size_and_time(kept: Path) -> None:
    before = kept.stat()
    kept.write_text('select = ["CI"]\n')
    os.utime(kept, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert toml.read(str(kept))[0] == {"select": ["CI"]}


@pytest.mark.skipif(sys.platform == "win32", reason="modes are POSIX's")
def test_what_others_could_have_written_is_not_believed(kept: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (entry,) = (kept.parent / "cache" / "cilint").iterdir()
    assert entry.stat().st_mode & 0o777 == 0o600
    kept_data = json.loads(entry.read_text())
    entry.write_text(json.dumps(kept_data | {"table": {"ignore": ["ALL"]}}))
    entry.chmod(0o666)
    assert toml.read(str(kept))[0] == {"select": ["BS"]}


@pytest.mark.parametrize("damage", ["", "{", "[]", '{"text": "select = [\\"BS\\"]\\n", "table": 3}', "[" * 9999])
def test_a_damaged_entry_is_no_entry(kept: Path, damage: str) -> None:
    (entry,) = (kept.parent / "cache" / "cilint").iterdir()
    entry.write_text(damage)
    assert toml.read(str(kept))[0] == {"select": ["BS"]}


@pytest.mark.parametrize(
    ("data", "message", "line"),
    [
        (b"a = 1\nb = \n", "invalid value", 2),
        (b"a = 'x\n", "expected", 1),
        (b"a = 1\na = 2\n", "overwrite", 2),
        (b"\n\n \xff = 1", "not UTF-8", 3),
        (b"#" * 1_000_001, "more than 1,000,000 bytes", 0),
    ],
)
def test_errors_tell_their_line(tmp_path: Path, data: bytes, message: str, line: int) -> None:
    (tmp_path / "x.toml").write_bytes(data)
    with pytest.raises(toml.TomlError, match=message) as raised:
        toml.read(str(tmp_path / "x.toml"))
    assert raised.value.line == line
