"""What a plain scalar means: as PyYAML's YAML 1.1 resolver has it, with the differences that are wanted."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
import yaml
from hypothesis import example, given
from hypothesis import strategies as st

from cilint.source.nodes import DOUBLE_QUOTED, JSON_STRING, Scalar
from cilint.source.scalars import kind, value
from cilint.source.text import Text
from cilint.source.yaml import parse_yaml

resolve: Any = yaml.SafeLoader("").resolve
KINDS = {"null": "null", "bool": "boolean", "int": "integer", "float": "number", "str": "string"}
# Ours alone: JSON's exponent without a point or a sign, and a sign before a leading point.
JSON_OR_SIGNED = re.compile(r"[-+]?(?:[0-9][0-9_]*|[0-9][0-9_]*\.[0-9_]*|\.[0-9][0-9_]*)(?:[eE][-+]?[0-9]+)?\Z")
# Integers to PyYAML's resolver, which its constructor then cannot read.
DIGITLESS = re.compile(r"[-+]?0[bx]_+\Z")


def pyyaml_kind(text: str) -> str:
    tag = str(resolve(yaml.ScalarNode, text, (True, False))).removeprefix("tag:yaml.org,2002:")
    if tag in ("int", "float") and (":" in text or DIGITLESS.match(text)):
        return "string"
    return KINDS.get(tag, "string")


NUMBERS = st.text(alphabet="0123456789+-._:eExXbBaf", max_size=8)
WORDS = st.sampled_from(
    (
        ".inf",
        "-.INF",
        ".nan",
        "+.nan",
        "y",
        "n",
        "yes",
        "No",
        "ON",
        "off",
        "True",
        "FALSE",
        "tRue",
        "null",
        "Null",
        "~",
        "nil",
        "<<",
        "=",
        "2012-10-17",
    )
)


@given(NUMBERS | WORDS | st.text(max_size=3))
@example("0b_")
@example("08")
@example("12:30")
@example("1__0")
def test_kind_is_that_of_pyyaml(text: str) -> None:
    ours, theirs = kind(Scalar(0, 0, text)), pyyaml_kind(text)
    if ours != theirs:
        assert (ours, theirs) == ("number", "string")
        assert JSON_OR_SIGNED.match(text)


@given(NUMBERS | WORDS)
def test_value_is_that_of_pyyaml(text: str) -> None:
    if pyyaml_kind(text) == "string":
        return
    theirs = yaml.safe_load(text)
    ours = value(Scalar(0, 0, text))
    assert type(ours) is type(theirs)
    assert ours == theirs or (ours != ours and theirs != theirs)


@given(st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False))
def test_json_literals_have_their_json_value(expected: Any) -> None:
    assert value(Scalar(0, 0, json.dumps(expected))) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("0755", 493),
        ("0o755", "0o755"),
        ("08", "08"),
        ("1_000", 1000),
        ("0x1f", 31),
        ("0b11", 3),
        ("3.10", 3.1),
        ("1e3", 1000.0),
        ("-.5", -0.5),
        ("yes", True),
        ("y", "y"),
        ("12:30", "12:30"),
        ("2012-10-17", "2012-10-17"),
        ("", None),
        ("~", None),
        ("9" * 5000, "9" * 5000),
    ],
)
def test_values(text: str, expected: Any) -> None:
    assert value(Scalar(0, 0, text)) == expected


def test_quotes_and_the_string_tag_make_a_string() -> None:
    assert kind(Scalar(0, 0, "1", DOUBLE_QUOTED)) == kind(Scalar(0, 0, "1", JSON_STRING)) == "string"
    root = parse_yaml(Text("!!str 0755")).root
    assert isinstance(root, Scalar) and value(root) == "0755"


def test_a_tag_with_nothing_behind_it_is_no_null() -> None:
    root = parse_yaml(Text("!Ref")).root
    assert isinstance(root, Scalar) and kind(root) == "string"
