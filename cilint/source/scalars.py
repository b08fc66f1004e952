"""What a plain scalar means to a consumer that reads YAML 1.1 or JSON: null, boolean, integer, float or string.

CodeBuild, CloudFormation and the CodeDeploy agent read YAML 1.1; JSON's literals are a subset of it. Unlike PyYAML's
resolver, dates and sexagesimal numbers (`12:30`) stay strings, and JSON's `1e3` and a signed `-.5` are numbers.
"""

from __future__ import annotations

from cilint.source.nodes import Scalar
from cilint.source.pattern import lazy

_BOOLEANS = {
    word: value
    for value, words in ((True, "true yes on y"), (False, "false no off n"))
    for base in words.split()
    for word in (base, base.capitalize(), base.upper())
    if len(base) > 1
}
_INTEGER = lazy(r"[-+]?(?:0b_*[01][01_]*|0x_*[0-9a-fA-F][0-9a-fA-F_]*|0[0-7_]+|0|[1-9][0-9_]*)\Z")
_FLOAT = lazy(
    r"[-+]?(?:(?:[0-9][0-9_]*\.[0-9_]*|\.[0-9][0-9_]*)(?:[eE][-+]?[0-9]+)?|[0-9]+[eE][-+]?[0-9]+"
    r"|\.(?:inf|Inf|INF))\Z|\.(?:nan|NaN|NAN)\Z"
)
# Python itself refuses to read decimal numbers of more than 4300 digits.
_LONGEST_NUMBER = 1000
_STRING_TAGS = ("!", "tag:yaml.org,2002:str")


def kind(scalar: Scalar) -> str:
    """`null`, `boolean`, `integer`, `number` or `string`, as JSON Schema names them."""
    if scalar.style or scalar.tag in _STRING_TAGS:
        return "string"
    text = scalar.value
    if scalar.is_null:
        return "null"
    if text in _BOOLEANS:
        return "boolean"
    if text[:1] in "+-.0123456789" and len(text) <= _LONGEST_NUMBER:
        if _INTEGER.match(text):
            return "integer"
        if _FLOAT.match(text):
            return "number"
    return "string"


def value(scalar: Scalar) -> str | int | float | bool | None:
    """The value that a YAML 1.1 reader sees: `0755` is 493, `yes` is True, quoted text is itself."""
    text = scalar.value
    match kind(scalar):
        case "null":
            return None
        case "boolean":
            return _BOOLEANS[text]
        case "integer":
            return integer(text)
        case "number":
            plain = text.replace("_", "").lower()
            return float(plain.replace(".inf", "inf").replace(".nan", "nan"))
    return text


def integer(text: str) -> int:
    """The number of a YAML 1.1 integer: `0755` is octal, `0x1f` hexadecimal, `0b11` binary, `1_000` a thousand."""
    sign = -1 if text.startswith("-") else 1
    digits = text.lstrip("+-").replace("_", "")
    if digits.startswith("0b"):
        return sign * int(digits, 2)
    if digits.startswith("0x"):
        return sign * int(digits, 16)
    if len(digits) > 1 and digits.startswith("0"):
        return sign * int(digits, 8)
    return sign * int(digits)
