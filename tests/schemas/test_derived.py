"""The schemas for CloudFormation's spelling and for fragments follow the published one."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path

import pytest

from cilint.core.schema import evaluate, unsupported
from cilint.model.intrinsics import is_intrinsic
from cilint.source.text import Text
from cilint.source.yaml import parse_yaml

ROOT = Path(__file__).resolve().parents[2]
SPEC = importlib.util.spec_from_file_location("writer", ROOT / "scripts" / "write_cloudformation_schemas.py")
assert SPEC and SPEC.loader
WRITER = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(WRITER)
DERIVED = WRITER.derived()


@pytest.mark.parametrize("name", sorted(DERIVED))
def test_the_file_is_what_the_script_writes(name: str) -> None:
    assert json.loads((ROOT / "schemas" / name).read_text(encoding="utf-8")) == DERIVED[name], "run the script again"


@pytest.mark.parametrize("name", sorted(DERIVED))
def test_the_evaluator_knows_its_keywords(name: str) -> None:
    assert list(unsupported(DERIVED[name])) == []


@pytest.mark.parametrize(
    ("written", "refused"),
    [
        ("RunOrder: 2", []),
        ('RunOrder: "2"', []),
        ("RunOrder: two", ["pattern"]),
        ("runOrder: 2", ["additionalProperties"]),
        ("Configuration: {Extract: true}", []),
        ("Configuration: {Retries: 3}", []),
        ("Configuration: {ParameterOverrides: {A: b}}", ["type"]),
        ("Configuration: {EnvironmentVariables: ''}", ["minLength"]),
        ("Configuration: !If [A, {B: c}, {}]", []),
        ("Configuration: {Fn::Transform: {Name: AWS::Include}}", []),
    ],
)
def test_an_action_of_a_template(written: str, refused: list[str]) -> None:
    action = f"Name: A\nActionTypeId: {{Category: Deploy, Owner: AWS, Provider: S3, Version: 1}}\n{written}\n"
    root = parse_yaml(Text(action)).root
    assert root is not None
    schema = DERIVED["cloudformation/pipeline.schema.json"]
    schema = {"$ref": "#/definitions/ActionDeclaration", "definitions": schema["definitions"]}
    assert [each.keyword for each in evaluate(schema, root, is_intrinsic)] == refused
