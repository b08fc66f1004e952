"""TOML files as plain data, and where each key of one stands. What the keys mean is for `config` to know.

The standard reader takes 25 ms to import. What it made of a file is kept in the user's cache directory beside the very
bytes that it was made of, as JSON: a stale entry cannot be taken for a fresh one, and reading it runs no code.
"""

from __future__ import annotations

import json
import os
import re
from typing import Any, Final

from cilint.source.pattern import lazy
from cilint.source.record import NamedTuple

MAX_BYTES: Final = 1_000_000
Table = dict[str, Any]
Path = tuple[str | int, ...]

_BLANK: Final = lazy(r"(?:[ \t\r\n]+|#[^\n]*)*")
_BLANK_IN_LINE: Final = lazy(r"[ \t]*")
_BARE_KEY: Final = lazy(r"[A-Za-z0-9_-]+")
_STRING: Final = lazy(r'"""(?:[^\\]|\\.)*?"{3,5}|\'\'\'.*?\'{3,5}|"(?:[^"\\]|\\.)*"|\'[^\']*\'', re.DOTALL)
_OTHER_VALUE: Final = lazy(r"[^\s,\]}#][^,\]}#\n]*")


class TomlError(ValueError):
    """A text that is no TOML. `line` and `column` count from 1, 0 where they are not known."""

    def __init__(self, message: str, line: int = 0, column: int = 0) -> None:
        super().__init__(message)
        self.line = line
        self.column = column


def read(path: str) -> tuple[Table, str]:
    """A file's tables and its text. Raises OSError and TomlError."""
    with open(path, "rb") as file:
        data = file.read(MAX_BYTES + 1)
    if len(data) > MAX_BYTES:
        raise TomlError(f"it has more than {MAX_BYTES:,} bytes")
    try:
        text = data.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise TomlError("it is not UTF-8", line, error.start - data.rfind(b"\n", 0, error.start)) from error
    table = _recall(path, text)
    if table is None:
        table = parse(text)
        _remember(path, text, table)
    return table, text


def parse(text: str) -> Table:
    """The tables of a text, dates as text. Raises TomlError."""
    import tomllib

    try:
        table: Table = _plain(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        message, _, where = str(error).partition(" (at ")
        numbers = [int(number) for number in re.findall(r"\d+", where)]
        line, column = numbers if len(numbers) == 2 else (text.rstrip().count("\n") + 1, 1)
        raise TomlError(message[:1].lower() + message[1:], line, column) from error
    except RecursionError as error:
        raise TomlError("it is nested too deeply") from error
    return table


def _plain(value: Any) -> Any:
    """The value as JSON has it."""
    if isinstance(value, dict):
        return {key: _plain(child) for key, child in value.items()}
    if isinstance(value, list):
        return [_plain(child) for child in value]
    return value.isoformat() if hasattr(value, "isoformat") else value


def cache_directory() -> str:
    """Where cilint may keep what it can make anew."""
    home = os.environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache")
    return os.path.join(home, "cilint")


def _kept_at(path: str) -> str:
    from zlib import crc32

    return os.path.join(cache_directory(), f"toml-{crc32(os.fsencode(os.path.abspath(path))):08x}.json")


def _recall(path: str, text: str) -> Table | None:
    """What was made of this very text before; only from a file that nobody else can have written."""
    try:
        with open(_kept_at(path), encoding="utf-8") as file:
            status = os.fstat(file.fileno())
            if hasattr(os, "getuid") and (status.st_uid != os.getuid() or status.st_mode & 0o022):
                return None
            kept = json.load(file)
        table = kept["table"] if kept["text"] == text else None
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return None
    return table if isinstance(table, dict) else None


def _remember(path: str, text: str, table: Table) -> None:
    target = _kept_at(path)
    temporary = f"{target}.{os.getpid()}"
    try:
        os.makedirs(os.path.dirname(target), mode=0o700, exist_ok=True)
        with open(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
            json.dump({"text": text, "table": table}, file)
        os.replace(temporary, target)
    except (OSError, ValueError):
        pass  # a read-only home: read it again next time


class Spot(NamedTuple):
    """Line and column, both 1-based, of a key or of an item of a list."""

    line: int
    column: int


class Extent(NamedTuple):
    """From where to where something stands in a text: a key with its value, an item, the head of a table."""

    start: int
    end: int


def locate(text: str, path: Path) -> Spot | None:
    """Where the key or item at `path` stands in a text that is TOML, or the nearest thing around it that does."""
    found = extents(text)
    while path and path not in found:
        path = path[:-1]
    if path not in found:
        return None
    at = found[path].start
    return Spot(text.count("\n", 0, at) + 1, at - text.rfind("\n", 0, at))


def extents(text: str) -> dict[Path, Extent]:
    """Where each key, item and table of a text stands that `parse` accepts."""
    places = _Places(text)
    places.walk()
    return places.found


class _Places:
    """A walk over a text that the standard reader accepts."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.lists: dict[Path, int] = {}
        self.found: dict[Path, Extent] = {}

    def walk(self) -> None:
        table: Path = ()
        self.skip(_BLANK)
        while self.at < len(self.text):
            if self.text[self.at] == "[":
                table = self.head()
            else:
                self.pair(table)
            self.skip(_BLANK)

    def head(self) -> Path:
        """The path of the table whose head stands here; an item of a list of tables has its number in it."""
        start = self.at
        brackets = 2 if self.text.startswith("[[", start) else 1
        self.at += brackets
        table = self.inside(self.keys())
        self.at += brackets
        extent = Extent(start, self.at)
        if brackets == 2:
            number = self.lists[table] = self.lists.get(table, -1) + 1
            self.found.setdefault(table, extent)
            table = (*table, number)
        self.found[table] = extent
        return table

    def inside(self, keys: Path) -> Path:
        """The keys of a table's head, with the number of the item that a list of tables has reached."""
        path: Path = ()
        for key in keys[:-1]:
            path = (*path, key)
            path = (*path, self.lists[path]) if path in self.lists else path
        return (*path, keys[-1])

    def pair(self, table: Path) -> None:
        start = self.at
        path = (*table, *self.keys())
        self.at += 1  # =
        self.skip(_BLANK_IN_LINE)
        self.value(path)
        for length in range(len(table) + 1, len(path) + 1):
            self.found[path[:length]] = Extent(start, self.at)

    def keys(self) -> Path:
        found: list[str] = []
        while True:
            self.skip(_BLANK_IN_LINE)
            if quoted := _STRING.match(self.text, self.at):
                found.append(next(iter(parse(f"{quoted[0]} = 0"))))
                self.at = quoted.end()
            elif bare := _BARE_KEY.match(self.text, self.at):
                found.append(bare[0])
                self.at = bare.end()
            self.skip(_BLANK_IN_LINE)
            if not self.text.startswith(".", self.at):
                return tuple(found)
            self.at += 1

    def value(self, path: Path) -> None:
        first = self.text[self.at]
        if first not in "[{":
            value = _STRING.match(self.text, self.at) or _OTHER_VALUE.match(self.text, self.at)
            self.at = value.end() if value else len(self.text)
            return
        self.at += 1
        number = 0
        self.skip(_BLANK)
        while self.text[self.at] not in "]}":
            if first == "[":
                start = self.at
                self.value((*path, number))
                self.found[(*path, number)] = Extent(start, self.at)
            else:
                self.pair(path)
            number += 1
            self.skip(_BLANK)
            if self.text[self.at] == ",":
                self.at += 1
                self.skip(_BLANK)
        self.at += 1

    def skip(self, pattern: re.Pattern[str]) -> None:
        match = pattern.match(self.text, self.at)
        self.at = match.end() if match else self.at
