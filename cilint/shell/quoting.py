"""What is left of quoted text when the shell has removed quotes and escapes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

_DOUBLE_ESCAPES: Final = '"\\$`'
_ANSI_ESCAPES: Final = {"n": "\n", "t": "\t", "r": "\r", "a": "\a", "b": "\b", "e": "\x1b", "f": "\f", "v": "\v"}


def unescape_word(raw: str) -> tuple[str, bool]:
    """The value of unquoted text, and whether it is a pattern for file names."""
    if "\\" not in raw:
        return raw, any(char in raw for char in "*?[")
    value: list[str] = []
    is_glob = escaped = False
    for char in raw:
        if escaped:
            value += () if char == "\n" else char
            escaped = False
        elif char == "\\":
            escaped = True
        else:
            is_glob = is_glob or char in "*?["
            value += char
    return "".join(value), is_glob


def unescape_double(raw: str) -> str:
    return _unescaped(raw, _in_double)


def unescape_ansi(raw: str) -> str:
    """`$'…'` with its one-letter escapes; numeric ones are left as written."""
    return _unescaped(raw, _in_ansi)


def _in_double(char: str) -> str:
    """What a backslash and this character are inside double quotes; a backslash at the end has none behind it."""
    if char == "\n":
        return ""
    return char if char and char in _DOUBLE_ESCAPES else "\\" + char


def _in_ansi(char: str) -> str:
    return _ANSI_ESCAPES.get(char, char if char in "\\'\"?" else "\\" + char)


def _unescaped(raw: str, meaning: Callable[[str], str]) -> str:
    if "\\" not in raw:
        return raw
    chars = iter(raw)
    return "".join(meaning(next(chars, "")) if char == "\\" else char for char in chars)
