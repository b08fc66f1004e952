"""What is left of quoted text when the shell has removed quotes and escapes."""

from __future__ import annotations

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
    if "\\" not in raw:
        return raw
    value: list[str] = []
    chars = iter(raw)
    for char in chars:
        if char == "\\":
            following = next(chars, "")
            if following != "\n":
                value.append(following if following and following in _DOUBLE_ESCAPES else "\\" + following)
        else:
            value.append(char)
    return "".join(value)


def unescape_ansi(raw: str) -> str:
    """`$'…'` with its one-letter escapes; numeric ones are left as written."""
    if "\\" not in raw:
        return raw
    value: list[str] = []
    chars = iter(raw)
    for char in chars:
        if char == "\\":
            following = next(chars, "")
            value.append(_ANSI_ESCAPES.get(following, following if following in "\\'\"?" else "\\" + following))
        else:
            value.append(char)
    return "".join(value)
