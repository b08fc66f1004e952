"""One picture of a pipeline: what is said of a template is said of the same pipeline as `get-pipeline` writes it."""

from __future__ import annotations

import json
from typing import Any

import pytest
import yaml

from cilint.core.context import EmptyTree
from cilint.engine import index as rule_index
from cilint.engine.analyze import analyze
from cilint.model.kinds import recognise
from cilint.model.pipeline import Pipeline
from cilint.model.subjects import units
from cilint.source.read import read
from cilint.source.text import Text
from tests.pipeline.test_peers import CASES, GOOD, changed, found

ONLY_IN_TEMPLATES = {"token-parameter-visible"}


class Loader(yaml.SafeLoader):
    """YAML with CloudFormation's tags; a function becomes the text of its argument."""


Loader.add_multi_constructor("!", lambda loader, suffix, node: "${" + str(getattr(node, "value", "x")) + "}")


def declaration(content: str) -> str:
    """The API's JSON of the template's first pipeline."""
    resources = yaml.load(content, Loader)["Resources"]
    pipeline = next(each for each in resources.values() if each["Type"] == "AWS::CodePipeline::Pipeline")
    return json.dumps({"pipeline": lowered(pipeline["Properties"])}, indent=1)


def lowered(value: Any) -> Any:
    if isinstance(value, dict):
        return {key[0].lower() + key[1:]: of_key(key, child) for key, child in value.items()}
    return [lowered(item) for item in value] if isinstance(value, list) else value


def of_key(key: str, value: Any) -> Any:
    if key == "Configuration":
        return {name: str(each).lower() if isinstance(each, bool) else str(each) for name, each in value.items()}
    return lowered(value)


def said_of_json(content: str) -> set[str]:
    result = analyze("pipeline.json", declaration(content).encode(), rule_index.load().rules, EmptyTree())
    assert result.kind == "pipeline"
    return {each.rule for each in result.diagnostics if each.id.startswith("CP")}


def test_the_good_pipeline_is_good_as_json() -> None:
    assert said_of_json(GOOD) == set()


@pytest.mark.parametrize(("case", "caught_by", "old", "new", "rule"), CASES, ids=[each[0] for each in CASES])
def test_the_same_is_said(case: str, caught_by: str, old: str, new: str, rule: str | None) -> None:
    content = changed(old, new)
    assert said_of_json(content) == set(found(content)) - ONLY_IN_TEMPLATES


def pipeline_of(content: str, name: str) -> Pipeline:
    document = read(Text(content), name)
    recognised = recognise(document, name)
    assert recognised is not None
    (view,) = (unit.view for unit in units(document, recognised.kind, name, False) if unit.kind == "pipeline")
    assert isinstance(view, Pipeline)
    return view


def facts(pipeline: Pipeline) -> list[tuple[object, ...]]:
    return [
        (
            *(each.name, each.category, each.owner, each.provider, each.stage.name, each.stage.index, each.run_order),
            [artifact.name for artifact in each.inputs],
            [artifact.name for artifact in each.outputs],
            list(each.configuration),
        )
        for each in pipeline.actions
    ]


def test_the_views_are_the_same() -> None:
    template, api = pipeline_of(GOOD, "template.yaml"), pipeline_of(declaration(GOOD), "pipeline.json")
    assert facts(template) == facts(api)
    assert template.complete and api.complete


@pytest.mark.parametrize(
    ("written", "order"),
    [("2", 2), ('"2"', 2), ("!Ref Order", None), ("two", None), ("!If [A, 1, 2]", None), ("!If [A, 3, 3]", 3)],
)
def test_a_run_order_is_a_number_or_unknown(written: str, order: int | None) -> None:
    named = "            - Name: Release\n"
    content = GOOD.replace(named, f"{named}              RunOrder: {written}\n")
    assert pipeline_of(content, "template.yaml").actions[-1].run_order == order


LINT = """\
            - Name: Lint
              ActionTypeId: {Category: Test, Owner: AWS, Provider: CodeBuild, Version: "1"}
"""


def test_the_order_is_of_stages_and_run_orders_not_of_the_list() -> None:
    named, gate = "            - Name: Compile\n", "        - Name: Gate\n"
    content = GOOD.replace(named, f"{named}              RunOrder: 2\n").replace(gate, LINT + gate)
    source, compile_, lint, _approve, release = pipeline_of(content, "template.yaml").actions
    assert source.precedes(compile_) and lint.precedes(compile_) and compile_.precedes(release)
    assert not compile_.precedes(lint) and not lint.precedes(lint)
