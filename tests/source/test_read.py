"""Which language a file is read as."""

from __future__ import annotations

import pytest

from cilint.source.read import read
from cilint.source.text import Text


@pytest.mark.parametrize(
    ("name", "source", "format"),
    [
        ("policy.json", '{"a": 1}', "json"),
        ("policy.JSON", "a: 1", "json"),
        ("buildspec.yml", "a: 1", "yaml"),
        ("buildspec.yml", '{"a": 1}', "yaml"),
        ("buildspec.yaml", '{"a": "\\ud83d\\ude00"}', "json"),  # a surrogate pair is no YAML escape
        ("vpc.template", '{"a": 1}', "json"),
        ("vpc.template", "a: 1", "yaml"),
        ("vpc.template", "\n  {a: !Ref b}", "yaml"),
        ("vpc.template", '{"a": 1, "a": 2}', "json"),
        ("vpc.template", '{"a": 1,}', "yaml"),  # a trailing comma is legal in a flow mapping
        ("buildspec", '["a"]', "json"),
        ("buildspec", "", "yaml"),
    ],
)
def test_format(name: str, source: str, format: str) -> None:
    assert read(Text(source), name).format == format


def test_what_neither_can_read_is_told_in_the_language_of_its_name() -> None:
    assert read(Text("{a: ]"), "x.yml").format == "yaml"
    assert read(Text("{a: ]"), "x.template").format == "json"
