"""botocore's own validation of `create-pipeline` as the oracle: what it refuses and what the schema refuses agree.

botocore checks what is required, types, unknown keys and lower bounds; it knows no pattern, no enum and no upper bound,
and it does not know what only the service refuses. The declarations are one good pipeline that uses every structure,
changed at random places, always the same ones; no two are alike.
"""

from __future__ import annotations

import copy
import importlib
import json
import random
from typing import Any

import pytest

from cilint.core import resources
from cilint.core.schema import Violation, evaluate
from cilint.source.json import parse_json
from cilint.source.text import Text

session = pytest.importorskip("botocore.session", reason="botocore, the oracle, is not installed")

Path = tuple[str | int, ...]
Refusal = tuple[Path, str]
SCHEMA = json.loads(resources.read("schemas/pipeline.schema.json"))
KINDS = {
    "required": "missing",
    "additionalProperties": "unknown",
    "type": "type",
    "minLength": "range",
    "minItems": "range",
    "minimum": "range",
}
WANTED = 2000


def action(name: str, category: str, provider: str, **more: Any) -> dict[str, Any]:
    kind = {"category": category, "owner": "AWS", "provider": provider, "version": "1"}
    return {"name": name, "actionTypeId": kind, **more}


RULE = {
    "name": "Window",
    "ruleTypeId": {"category": "Rule", "owner": "AWS", "provider": "DeploymentWindow", "version": "1"},
    "configuration": {"Cron": "* * 9 ? * MON-FRI *"},
    "commands": ["true"],
    "inputArtifacts": [{"name": "Source"}],
    "roleArn": "arn:aws:iam::111122223333:role/rule",
    "region": "eu-west-1",
    "timeoutInMinutes": 10,
}
CONDITIONS = {"conditions": [{"result": "FAIL", "rules": [RULE]}]}
FILTER = {"includes": ["main"], "excludes": ["test/**"]}
GOOD: dict[str, Any] = {
    "pipeline": {
        "name": "web",
        "roleArn": "arn:aws:iam::111122223333:role/web",
        "artifactStore": {"type": "S3", "location": "artifacts", "encryptionKey": {"id": "alias/web", "type": "KMS"}},
        "version": 1,
        "executionMode": "QUEUED",
        "pipelineType": "V2",
        "variables": [{"name": "Color", "defaultValue": "blue", "description": "of the release"}],
        "triggers": [
            {
                "providerType": "CodeStarSourceConnection",
                "gitConfiguration": {
                    "sourceActionName": "Repository",
                    "push": [{"tags": FILTER}, {"branches": FILTER, "filePaths": FILTER}],
                    "pullRequest": [{"events": ["OPEN"], "branches": FILTER, "filePaths": FILTER}],
                },
            }
        ],
        "stages": [
            {
                "name": "Source",
                "blockers": [{"name": "b", "type": "Schedule"}],
                "actions": [
                    action(
                        "Repository",
                        "Source",
                        "CodeStarSourceConnection",
                        runOrder=1,
                        configuration={"ConnectionArn": "arn", "FullRepositoryId": "acme/web", "BranchName": "main"},
                        outputArtifacts=[{"name": "Source"}],
                        namespace="Src",
                    )
                ],
            },
            {
                "name": "Build",
                "beforeEntry": CONDITIONS,
                "onSuccess": CONDITIONS,
                "onFailure": {"result": "RETRY", "retryConfiguration": {"retryMode": "ALL_ACTIONS"}},
                "actions": [
                    action(
                        "Test",
                        "Compute",
                        "Commands",
                        commands=["make test"],
                        inputArtifacts=[{"name": "Source"}],
                        outputArtifacts=[{"name": "Package", "files": ["out/**"]}],
                        outputVariables=["VERSION"],
                        environmentVariables=[{"name": "A", "value": "b", "type": "PLAINTEXT"}],
                        roleArn="arn:aws:iam::111122223333:role/action",
                        region="eu-west-1",
                    ),
                    action("Approve", "Approval", "Manual", runOrder=2, timeoutInMinutes=60),
                ],
            },
        ],
    },
    "tags": [{"key": "team", "value": "web"}],
}

# What the service refuses and botocore does not: a store is needed, two stages, an action in each.
OURS_ONLY = {
    (("pipeline", "artifactStore"), "missing"),
    (("pipeline", "stages"), "range"),
    (("pipeline", "stages", "#", "actions"), "range"),
}


def general(path: Path) -> Path:
    return tuple("#" if isinstance(step, int) else step for step in path)


@pytest.fixture(scope="module")
def oracle() -> Any:
    shape = session.get_session().get_service_model("codepipeline").operation_model("CreatePipeline").input_shape
    validator = importlib.import_module("botocore.validate").ParamValidator()

    def refusals(declaration: Any) -> set[Refusal]:
        found = set()
        for reason, name, information in validator.validate(declaration, shape)._errors:
            path = steps(name)
            match reason:
                case "missing required field":
                    found.add(((*path, information["required_name"]), "missing"))
                case "unknown field":
                    found.add(((*path, information["unknown_param"]), "unknown"))
                case "invalid type":
                    found.add((path, "type"))
                case "invalid range" | "invalid length":
                    found.add((path, "range"))
                case _:
                    raise AssertionError(reason)
        return found

    return refusals


def steps(name: str) -> Path:
    """botocore's `pipeline.stages[0].name` as keys and indexes."""
    found: list[str | int] = []
    for part in name.strip(".").split("."):
        key, *indexes = part.split("[")
        if key:
            found.append(key)
        found += [int(index.rstrip("]")) for index in indexes]
    return tuple(found)


def ours(declaration: Any) -> set[Refusal]:
    root = parse_json(Text(json.dumps(declaration))).root
    assert root is not None
    violations: list[Violation] = evaluate(SCHEMA, root)
    found = {(each.path, KINDS[each.keyword]) for each in violations if each.keyword in KINDS}
    # Of a required key that stands there misspelt, the finding about the unknown key speaks for both.
    meant = {((*each.path[:-1], each.message.split("`")[-2]), "missing") for each in violations if each.needed}
    return found | meant


def places(value: Any, path: Path = ()) -> list[Path]:
    """The paths of all values below."""
    found = [path] if path else []
    if isinstance(value, dict):
        for key, child in value.items():
            found += places(child, (*path, key))
    elif isinstance(value, list):
        for index, child in enumerate(value):
            found += places(child, (*path, index))
    return found


def change(declaration: Any, random_: random.Random) -> tuple[str, Path]:
    """Change one place of the declaration; what was done, and where."""
    # Without its envelope a declaration is one that stands alone, which the command line takes in another way.
    path = random_.choice([each for each in places(declaration) if each != ("pipeline",)])
    parent = declaration
    for step in path[:-1]:
        parent = parent[step]
    last = path[-1]
    what = random_.choice(["drop", "rename", "retype", "empty", "add"])
    value = parent[last]
    match what:
        case "drop" if isinstance(parent, dict):
            del parent[last]
        case "rename" if isinstance(parent, dict):
            parent[f"{last}x"] = parent.pop(last)
        case "empty":
            parent[last] = type(value)()
        case "add" if isinstance(value, dict):
            value["surplus"] = "x"
        case _:
            what = "retype"
            others = [each for each in ("text", 7, ["text"], {"surplus": "text"}) if type(each) is not type(value)]
            parent[last] = random_.choice(others)
    return what, path


def test_the_good_declaration_is_good(oracle: Any) -> None:
    assert oracle(GOOD) == set()
    assert ours(GOOD) == set()


def test_the_schema_refuses_what_botocore_refuses(oracle: Any) -> None:
    random_ = random.Random(20261123)
    different, refused = [], 0
    seen: set[str] = set()
    while len(seen) < WANTED:
        declaration = copy.deepcopy(GOOD)
        done = [change(declaration, random_) for _ in range(random_.choice([1, 1, 2, 3, 5]))]
        if (text := json.dumps(declaration)) in seen:
            continue
        seen.add(text)
        theirs, own = oracle(declaration), ours(declaration)
        refused += bool(theirs)
        more = {each for each in own - theirs if (general(each[0]), each[1]) not in OURS_ONLY}
        less = theirs - own
        if more or less:
            different.append((done, more, less))
    assert refused > WANTED / 2
    assert not different, f"{len(different)} differ, such as {different[:3]}"
