"""What Ruby's YAML reader (Psych, as the CodeDeploy agent loads it) makes of a scalar. Other consumers' readings of
YAML 1.1 are in `cilint.source.scalars`; the two differ in numbers with commas, in times and in `1e3`.
"""

from __future__ import annotations

import re
from typing import Final

from cilint.source.nodes import Scalar
from cilint.source.pattern import lazy
from cilint.source.record import NamedTuple

_WORD: Final = lazy(r"[^\d.:-]?(?:[^\W\d]|[\s!@#$%^&*(){}<>|/\\~;=])")
_TIME: Final = lazy(
    r"-?\d{4}-\d{1,2}-\d{1,2}(?:[Tt]|\s+)\d{1,2}:\d\d:\d\d(?:\.\d*)?(?:\s*(?:Z|[-+]\d{1,2}:?(?:\d\d)?))?\Z", re.ASCII
)
_DATE: Final = lazy(r"\d{4}-(?:1[012]|0\d|\d)-(?:[12]\d|3[01]|0\d|\d)\Z", re.ASCII)
_BASE_60: Final = lazy(r"[-+]?[0-9][0-9_]*(?::[0-5]?[0-9]){1,2}(\.[0-9_]*)?\Z")
_FLOAT: Final = lazy(r"[-+]?(?:[0-9][0-9_,]*)?\.[0-9]*(?:[eE][-+][0-9]+)?\Z")
_INTEGER: Final = lazy(r"[-+]?(?:0b[0-1_,]+|0[0-7_,]+|0|[1-9](?:[0-9]|,[0-9]|_[0-9])*|0x[0-9a-fA-F_,]+)\Z")
_LEADING_NUMBER: Final = lazy(r"[\s\0]*([-+]?[0-9]+(?:_[0-9]+)*)")
_WORDS: Final = {"~": None, "null": None, "yes": True, "true": True, "on": True, "no": False, "false": False}
_STRING_TAGS: Final = ("!", "!str", "tag:yaml.org,2002:str")


class Symbol(NamedTuple):
    """A Ruby symbol: `:name`."""

    name: str


class Time(NamedTuple):
    """A date or a time, which Psych 4 (Ruby 3.1 and later) refuses to load and earlier ones made an object of."""

    text: str


Value = str | int | float | bool | None | Symbol | Time


def value(scalar: Scalar) -> Value:
    """The Ruby value of a scalar. Quoted text is itself unless it has a tag; a tag unknown to Psych changes nothing."""
    if (scalar.quoted and scalar.tag is None) or scalar.tag in _STRING_TAGS:
        return scalar.value
    text = scalar.value
    if not text:
        return None
    if "\n" in text:
        return text
    if _WORD.match(text):
        folded = text.lower()
        return False if folded == "off" else _WORDS.get(folded, text)
    if _TIME.match(text) or _DATE.match(text):
        return Time(text)
    if text[0] == ":" and len(text) > 1:
        return Symbol(text[1:])
    return _number(text)


def _number(text: str) -> str | int | float:
    folded = text.lower()
    if folded in (".inf", "+.inf", "-.inf"):
        return float(folded.replace(".", ""))
    if folded == ".nan":
        return float("nan")
    if base_60 := _BASE_60.match(text):
        parts = text.replace("_", "").split(":")
        whole = base_60[1] is None
        powers = (3600, 60, 1)
        return sum((int(part) if whole else float(part)) * power for part, power in zip(parts, powers, strict=False))
    if _FLOAT.match(text):
        digits = text.replace(",", "").replace("_", "")
        return text if digits.lstrip("+-") == "." else float(digits)
    return _integer(text.replace(",", "").replace("_", "")) if _INTEGER.match(text) else text


def _integer(digits: str) -> int:
    sign = -1 if digits.startswith("-") else 1
    digits = digits.lstrip("+-")
    if len(digits) > 1 and digits[0] == "0":
        base = {"b": 2, "x": 16}.get(digits[1])
        return sign * (int(digits[2:] or "0", base) if base else int(digits, 8))
    return sign * int(digits)


def to_i(text: str) -> int:
    """Ruby's `String#to_i`: the whole number that a text starts with, else 0."""
    found = _LEADING_NUMBER.match(text)
    return int(found[1].replace("_", "")) if found else 0
