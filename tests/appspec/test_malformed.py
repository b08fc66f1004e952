"""Whatever stands where a value is wanted, and whatever lies beside the file, no rule crashes."""

from __future__ import annotations

import pytest

from cilint.engine import index as rule_index
from cilint.engine.analyze import analyze
from cilint.engine.examples import MemoryTree

RULES = rule_index.load().rules
VALUES = ["", "null", "text", "7", "true", "[]", "{}", "[[], {}, text, null, 7]", "{a: b}", "'<X>'", "*a", "!Ref X"]
SERVER = "version: {0}\nos: {0}\nfiles: {0}\npermissions: {0}\nhooks: {0}\nfile_exists_behavior: {0}\n"
SERVER_INSIDE = """\
version: 0.0
os: linux
files: [{{source: {0}, destination: {0}}}]
permissions: [{{object: {0}, pattern: {0}, except: {0}, owner: {0}, mode: {0}, type: {0}, acls: {0}, context: {0}}}]
hooks: {{ApplicationStop: {0}, AfterInstall: [{{location: {0}, timeout: {0}, runas: {0}}}]}}
"""
SPEC = """\
version: {0}
files: {0}
scripts: {{BeforeDeploy: {0}, AfterDeploy: [{{location: {0}, timeout: {0}}}]}}
hooks: {0}
"""
ECS = """\
version: {0}
Resources:
  - Service:
      Type: AWS::ECS::Service
      Properties:
        TaskDefinition: {0}
        LoadBalancerInfo: {{ContainerName: {0}, ContainerPort: {0}}}
        CapacityProviderStrategy: [{{Base: {0}, Weight: {0}}}, {{Base: {0}, Weight: {0}}}]
Hooks: [{{AfterAllowTestTraffic: {0}}}]
"""
IMAGES = "[{{name: {0}, imageUri: x}}, {{name: {0}, imageUri: y}}]"
TASK = "family: {0}\ncontainerDefinitions: [{{name: {0}, image: {0}, portMappings: {0}}}]\n"
SCRIPT = b"#!/bin/sh\n((( && ; cd | <<X\n\xff\0`$("
ARTIFACTS = (
    b"artifacts: {files: [{}, [], '**/*'], base-directory: [], discard-paths: {}, secondary-artifacts: {a: b}}\n"
)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("appspec.yml", SERVER),
        ("appspec.yml", SERVER_INSIDE),
        ("deployspec.yaml", SPEC),
        ("appspec.yaml", ECS),
        ("imagedefinitions.yaml", IMAGES),
        ("task.yaml", TASK),
    ],
)
@pytest.mark.parametrize("value", VALUES)
def test_no_rule_crashes(name: str, text: str, value: str) -> None:
    beside = {
        "text": (SCRIPT, True),
        "7": (SCRIPT, True),
        "taskdef.json": (b'{"containerDefinitions": [[], {"name": 7}, {"name": "text", "portMappings": {}}]}', False),
        "appspec.yaml": (b"<TASK_DEFINITION>", False),
        "buildspec.yml": (ARTIFACTS, False),
    }
    tree = MemoryTree(beside, name)
    found = analyze(name, text.format(value).encode(), RULES, tree).diagnostics
    assert [each.message for each in found if each.rule == "internal-error"] == []
