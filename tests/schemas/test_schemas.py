"""The published schemas in `schemas/`: well-formed, described, within the evaluator's keywords, and right about files.

Every case is a small document: the good ones pass, the bad ones fail at the place that the table names.
What the corpus and its mistakes say is compared with a table of defects that were each read by hand.
"""

import csv
import json
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft7Validator

from cilint.core.schema import evaluate, unsupported
from cilint.source.read import read as read_nodes
from cilint.source.text import decode

ROOT = Path(__file__).resolve().parents[2]
OWN = {"report", "rule", "cilint"}  # of cilint's own data, not of AWS's: tests/report, rules, config look after them
SCHEMAS = {
    name: path
    for path in sorted((ROOT / "schemas").glob("*.schema.json"))
    if (name := path.name.removesuffix(".schema.json")) not in OWN
}
CORPUS = Path(os.environ.get("CILINT_CORPUS", ROOT.parent / "shared" / "corpus"))
HAS_CORPUS = (CORPUS / "manifest.tsv").exists()
needs_corpus = pytest.mark.skipif(not HAS_CORPUS, reason=f"no corpus at {CORPUS}")

KINDS = {
    "appspec-ec2",
    "appspec-ecs",
    "appspec-lambda",
    "buildspec",
    "codebuild-project",
    "deploy-spec",
    "iam-policy",
    "imagedefinitions",
    "imagedetail",
    "pipeline",
    "taskdef",
}

HEADERS = {"$schema", "$id", "definitions"}
ANNOTATIONS = {"title", "description", "default", "examples"}
ASSERTIONS = {
    "type", "enum", "const", "pattern", "minimum", "maximum", "minLength", "maxLength", "required",
    "minItems", "maxItems", "uniqueItems", "minProperties", "maxProperties", "$ref",
}  # fmt: skip
ONE_SCHEMA = {"additionalProperties", "propertyNames", "items", "not", "if", "then", "else"}
MANY_SCHEMAS = {"anyOf", "oneOf", "allOf"}
NAMED_SCHEMAS = {"properties", "patternProperties", "definitions"}
OURS = {
    f"x-cilint-{name}"
    for name in (
        "form",
        "instead",
        "instead-without",
        "list-under",
        "whole",
        "number-as-text",
        "any-case",
        "unproved",
        "values",
        "ignored",
        "deprecated",
        "elsewhere",
        "empty",
        "preferred-type",
        "spelling-of",
    )
}
KEYWORDS = OURS | HEADERS | ANNOTATIONS | ASSERTIONS | ONE_SCHEMA | MANY_SCHEMAS | NAMED_SCHEMAS


class Loader(yaml.SafeLoader):
    """YAML 1.1 as most readers of these files have it, but a date stays text."""


Loader.yaml_implicit_resolvers = {
    first: [(tag, regex) for tag, regex in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def schema(kind: str) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(SCHEMAS[kind].read_text(encoding="utf-8"))
    return document


VALIDATORS = {kind: Draft7Validator(schema(kind)) for kind in SCHEMAS}


def subschemas(node: Any, path: str = "", conditional: bool = False) -> Iterator[tuple[str, dict[str, Any], bool]]:
    """Give every schema below `node`, its path, and whether it only asks a question (stands below an `if`)."""
    if not isinstance(node, dict):
        return
    yield path, node, conditional
    for key in ONE_SCHEMA & node.keys():
        yield from subschemas(node[key], f"{path}/{key}", conditional or key in ("if", "not"))
    for key in MANY_SCHEMAS & node.keys():
        for index, child in enumerate(node[key]):
            yield from subschemas(child, f"{path}/{key}/{index}", conditional)
    for key in NAMED_SCHEMAS & node.keys():
        for name, child in node[key].items():
            yield from subschemas(child, f"{path}/{key}/{name}", conditional)


def read(text: str, name: str = "") -> Any:
    return json.loads(text) if name.endswith(".json") else yaml.load(text, Loader)


def failing_paths(kind: str, document: Any) -> set[str]:
    """Where the document breaks the schema, as `phases/build/commands/0`; `.` is the document itself."""
    return {"/".join(map(str, e.absolute_path)) or "." for e in VALIDATORS[kind].iter_errors(document)}


def places_of_ours(kind: str, data: bytes, name: str = "case.yml") -> set[str]:
    """The same from cilint's own evaluator, which points at a missing or unknown key instead of at its mapping."""
    root = read_nodes(decode(data), name).root
    assert root is not None
    return {
        "/".join(map(str, each.path[:-1] if each.keyword in ("required", "additionalProperties") else each.path)) or "."
        for each in evaluate(schema(kind), root)
    }


# ---------------------------------------------------------------------------------------------- the schemas themselves


def test_every_kind_has_a_schema() -> None:
    assert set(SCHEMAS) == KINDS


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_is_draft_07_and_carries_its_own_address(kind: str) -> None:
    document = schema(kind)
    Draft7Validator.check_schema(document)
    assert document["$schema"] == "http://json-schema.org/draft-07/schema#"
    assert document["$id"] == f"https://cilint.dev/schemas/{kind}.schema.json"
    assert document["title"] and "https://docs.aws.amazon.com/" in document["description"]


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_uses_only_keywords_that_the_evaluator_knows(kind: str) -> None:
    foreign = {f"{path}: {key}" for path, node, _ in subschemas(schema(kind)) for key in node.keys() - KEYWORDS}
    assert foreign == set()


def test_the_readme_explains_our_annotations() -> None:
    assert set(re.findall(r"`(x-cilint-[a-z-]+)`", (ROOT / "schemas" / "README.md").read_text())) == OURS


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_the_evaluator_agrees_that_it_knows_them(kind: str) -> None:
    assert set(unsupported(schema(kind))) == set()


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_what_cannot_be_said_by_a_type_is_said_in_words(kind: str) -> None:
    mute = [
        path
        for path, node, conditional in subschemas(schema(kind))
        if ("pattern" in node and "x-cilint-form" not in node)
        or ("not" in node and not conditional and "then" in path and "x-cilint-instead" not in node)
    ]
    assert mute == []


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_every_property_is_described(kind: str) -> None:
    bare = {
        path + "/" + name
        for path, node, conditional in subschemas(schema(kind))
        if not conditional
        for name, child in node.get("properties", {}).items()
        if len(child.get("description", "")) < 5
    }
    assert bare == set()


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_references_stay_inside_and_every_definition_is_used(kind: str) -> None:
    document = schema(kind)
    used = {node["$ref"] for _, node, _ in subschemas(document) if "$ref" in node}
    assert used == {f"#/definitions/{name}" for name in document.get("definitions", {})}


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_a_reference_stands_alone_since_draft_07_ignores_what_is_beside_it(kind: str) -> None:
    assert [path for path, node, _ in subschemas(schema(kind)) if "$ref" in node and len(node) > 1] == []


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_patterns_mean_the_same_to_python_and_to_editors(kind: str) -> None:
    for path, node, _ in subschemas(schema(kind)):
        for pattern in [*([node["pattern"]] if "pattern" in node else []), *node.get("patternProperties", {})]:
            re.compile(pattern)
            assert not re.search(r"\(\?|\\[AZzhHQEpP]|\[\[:|\*\+|\+\+", pattern), f"{path}: {pattern} is not portable"


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_examples_and_defaults_are_right_themselves(kind: str) -> None:
    document = schema(kind)
    root = Draft7Validator(document)
    wrong = []
    for path, node, _ in subschemas(document):
        for value in [*node.get("examples", []), *([node["default"]] if "default" in node else [])]:
            wrong += [f"{path}: {value!r}: {e.message}" for e in root.evolve(schema=node).iter_errors(value)]
    assert wrong == []


OPEN_SETS = [
    ("buildspec", "version: 0.2\nphases: {install: {runtime-versions: {zig: 0.14}}}"),
    ("buildspec", "version: 0.2\nenv: {shell: zsh}\nphases: {build: {commands: [make]}}"),
    ("codebuild-project", "{name: p1, source: {type: S3}, artifacts: {type: S3}, serviceRole: r, "
     "environment: {type: LINUX_NEXT, computeType: BUILD_GENERAL9_HUGE, image: 'aws/codebuild/standard:99.0'}}"),
    ("pipeline", "{name: p, roleArn: r, artifactStore: {type: S3, location: bucket}, stages: [{name: S, actions: ["
     "{name: a, actionTypeId: {category: Source, owner: AWS, provider: Tomorrow, version: '1'}, region: xx-new-1}]}, "
     "{name: T, actions: [{name: b, actionTypeId: {category: Test, owner: Custom, provider: Own, version: '2'}}]}]}"),
    ("iam-policy", "{Statement: {Effect: Allow, Action: 'tomorrow:DoIt', Resource: '*'}}"),
    ("taskdef", "{family: f, containerDefinitions: [{name: c, image: i}], "
     "runtimePlatform: {operatingSystemFamily: WINDOWS_SERVER_2031_CORE}}"),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "text"), OPEN_SETS)
def test_sets_that_grow_never_fail(kind: str, text: str) -> None:
    assert failing_paths(kind, read(text)) == set()


# ------------------------------------------------------------------------------------------------- buildspec, by cases

BUILD = "phases: {build: {commands: [make]}}\n"

GOOD_BUILDSPECS = {
    "smallest": "version: 0.2\n" + BUILD,
    "quoted version": 'version: "0.2"\n' + BUILD,
    "all of it": """
version: 0.2
run-as: builder
env:
  shell: bash
  variables: {STAGE: test, COUNT: 3, DEBUG: true, RATIO: 0.5, EMPTY: ""}
  parameter-store: {LOGIN: /CodeBuild/login}
  secrets-manager: {PASSWORD: "db:password:AWSCURRENT"}
  exported-variables: [TAG]
  git-credential-helper: yes
proxy: {upload-artifacts: no, logs: no}
phases:
  install:
    run-as: root
    on-failure: RETRY-3-.*timed out.*
    runtime-versions: {python: 3.12, nodejs: 22, java: corretto21, ruby: "$RUBY"}
    commands: [pip install .]
    finally: [echo done]
  pre_build: {on-failure: ABORT, commands: [make login]}
  build: {on-failure: CONTINUE, commands: [make, "make test"]}
  post_build: {on-failure: RETRY, commands: [make publish]}
reports:
  unit: {files: ["**/*.xml"], file-format: JunitXml, base-directory: out, discard-paths: no}
  arn:aws:codebuild:eu-west-1:111122223333:report-group/x: {files: cover.xml, file-format: cloverxml}
artifacts:
  files: ["**/*"]
  name: app-$(date +%F)
  discard-paths: yes
  base-directory: dist
  exclude-paths: ["**/*.map"]
  enable-symlinks: yes
  s3-prefix: releases
  secondary-artifacts:
    docs: {files: [docs/**/*], discard-paths: "no", base-directory: out}
cache: {key: k, fallback-keys: [a, b], action: restore, paths: [/root/.m2/**/*]}
""",
    "runtimes as a list": "version: 0.2\nphases: {install: {runtime-versions: [{python: 3.12}, {nodejs: latest}]}}",
    "one string for a list": "version: 0.2\nphases: {build: {commands: make}}\nartifacts: {files: app.zip}",
    "an item that is only a comment": "version: 0.2\nphases:\n  build:\n    commands:\n      - # later\n      - make",
    "yes and no as words": 'version: 0.2\nartifacts: {files: [a], discard-paths: "Yes"}\n' + BUILD,
    "a section with nothing but comments": "version: 0.2\nenv:\n  variables:\n" + BUILD,
    "version 0.1": "version: 0.1\nenvironment_variables: {plaintext: {A: 1}}\n"
    "phases: {build: {commands: [make]}}\nartifacts: {type: zip, files: [a]}",
    "artifacts with a type": "version: 0.2\nartifacts: {type: zip, files: [a]}\n" + BUILD,
    "only secondary artifacts": "version: 0.2\nartifacts: {secondary-artifacts: {x: {files: [a]}}}\n" + BUILD,
    "for Elastic Beanstalk": "version: 0.2\neb_codebuild_settings: {ComputeType: BUILD_GENERAL1_SMALL, Timeout: 60}\n"
    + BUILD,
    "batch list without phases": "version: 0.2\nbatch: {fast-fail: yes, build-list: [{identifier: a, "
    "buildspec: b.yml, ignore-failure: yes, env: {compute-type: c, image: i, type: t, privileged-mode: true, "
    "variables: {N: 1}}}]}",
    "batch graph": "version: 0.2\nbatch: {build-graph: [{identifier: a}, {identifier: b, depend-on: [a], "
    "debug-session: true, env: {fleet: f}}]}",
    "batch matrix": "version: 0.2\nbatch: {build-matrix: {static: {ignore-failure: false, env: {privileged-mode: true, "
    "type: LINUX_CONTAINER}}, dynamic: {buildspec: [a.yml], env: {image: [i], compute-type: [c], fleet: [f], "
    "variables: {V: [1, two]}}}}}\n" + BUILD,
    "batch fan-out": "version: 0.2\nbatch: {fast-fail: false, build-fanout: {parallelism: 5, ignore-failure: false}}\n"
    + BUILD,
}

BAD_BUILDSPECS = [
    ("version", "version: 2\n" + BUILD),
    ("version", "version: true\n" + BUILD),
    (".", BUILD),
    (".", "Version: 0.2\n" + BUILD),
    (".", "version: 0.2"),
    (".", "version: 0.2\nphase: {}\n" + BUILD),
    (".", "version: 0.2\nx-anchors: {}\n" + BUILD),
    (".", "- version: 0.2"),
    (".", "just text"),
    ("phases", "version: 0.2\nphases: [build]"),
    ("phases", "version: 0.2\nphases: {pre-build: {commands: [make]}}"),
    ("phases", "version: 0.2\nphases: {test: {commands: [make]}}"),
    ("phases", "version: 0.2\nphases: {build: {commands: [make]}, commands: [make]}"),
    ("phases/build", "version: 0.2\nphases: {build: }"),
    ("phases/build", "version: 0.2\nphases: {build: [make]}"),
    ("phases/build", "version: 0.2\nphases: {build: {on-failure: ABORT}}"),
    ("phases/build", "version: 0.2\nphases: {build: {commands: [make], command: [make]}}"),
    ("phases/build", "version: 0.2\nphases: {build: {commands: [make], on_failure: ABORT}}"),
    ("phases/build", "version: 0.2\nphases: {build: {commands: [make], runtime-versions: {python: 3}}}"),
    ("phases/build/commands", "version: 0.2\nphases: {build: {commands: }}"),
    ("phases/build/commands", "version: 0.2\nphases: {build: {commands: {a: b}}}"),
    ("phases/build/commands/1", "version: 0.2\nphases:\n  build:\n    commands:\n      - make\n      - echo Now: done"),
    ("phases/build/commands/0", "version: 0.2\nphases: {build: {commands: [[make]]}}"),
    ("phases/build/finally/0", "version: 0.2\nphases: {build: {commands: [make], finally: [{a: b}]}}"),
    ("phases/build/on-failure", "version: 0.2\nphases: {build: {commands: [make], on-failure: abort}}"),
    ("phases/build/on-failure", "version: 0.2\nphases: {build: {commands: [make], on-failure: STOP}}"),
    ("phases/build/on-failure", "version: 0.2\nphases: {build: {commands: [make], on-failure: RETRY 3}}"),
    ("phases/install/runtime-versions", "version: 0.2\nphases: {install: {runtime-versions: python}}"),
    ("phases/install/runtime-versions/python", "version: 0.2\nphases: {install: {runtime-versions: {python: [3]}}}"),
    ("env", "version: 0.2\nenv: {variable: {A: b}}\n" + BUILD),
    ("env", "version: 0.2\nenv: {A: b}\n" + BUILD),
    ("env/variables/A", "version: 0.2\nenv: {variables: {A: [b]}}\n" + BUILD),
    ("env/parameter-store/A", "version: 0.2\nenv: {parameter-store: {A: {name: b}}}\n" + BUILD),
    ("env/exported-variables", "version: 0.2\nenv: {exported-variables: {A: b}}\n" + BUILD),
    ("env/git-credential-helper", "version: 0.2\nenv: {git-credential-helper: maybe}\n" + BUILD),
    ("environment_variables", "version: 0.2\nenvironment_variables: {plaintext: {A: b}}\n" + BUILD),
    ("environment_variables", "version: 0.1\nenvironment_variables: {variables: {A: b}}\n" + BUILD),
    ("reports/unit", "version: 0.2\nreports: {unit: {file-format: JUNITXML}}\n" + BUILD),
    ("reports/unit/file-format", "version: 0.2\nreports: {unit: {files: [a], file-format: JSON}}\n" + BUILD),
    ("artifacts", "version: 0.2\nartifacts: {file: [a]}\n" + BUILD),
    ("artifacts", "version: 0.2\nartifacts: {base-directory: dist}\n" + BUILD),
    ("artifacts", "version: 0.2\nartifacts: {files: [a], location: s3}\n" + BUILD),
    ("artifacts/files/0", "version: 0.2\nartifacts: {files: [{a: b}]}\n" + BUILD),
    ("artifacts/discard-paths", "version: 0.2\nartifacts: {files: [a], discard-paths: 1}\n" + BUILD),
    ("artifacts/secondary-artifacts/x", "version: 0.2\nartifacts: {secondary-artifacts: {x: {name: a}}}\n" + BUILD),
    (".", "version: 0.2\nsecondary-artifacts: {x: {files: [a]}}\n" + BUILD),
    ("cache", "version: 0.2\ncache: {key: a}\n" + BUILD),
    ("cache/action", "version: 0.2\ncache: {paths: [a], action: both}\n" + BUILD),
    ("cache/fallback-keys", "version: 0.2\ncache: {paths: [a], fallback-keys: [a, b, c, d, e, f]}\n" + BUILD),
    ("batch", "version: 0.2\nbatch: {fast-fail: true}\n" + BUILD),
    ("batch", "version: 0.2\nbatch: {build-list: [{identifier: a}], build-fanout: {parallelism: 2}}\n" + BUILD),
    ("batch/build-list/0", "version: 0.2\nbatch: {build-list: [{identifier: a, depend-on: [b]}]}\n" + BUILD),
    ("batch/build-graph/0", "version: 0.2\nbatch: {build-graph: [{buildspec: a}]}\n" + BUILD),
    ("batch/build-graph/0/env", "version: 0.2\nbatch: {build-graph: [{identifier: a, env: {CPU: x}}]}\n" + BUILD),
    ("batch/build-matrix/dynamic/env/variables/V",
     "version: 0.2\nbatch: {build-matrix: {dynamic: {env: {variables: {V: 1}}}}}\n" + BUILD),
    ("batch/build-fanout", "version: 0.2\nbatch: {build-fanout: {ignore-failure: true}}\n" + BUILD),
]  # fmt: skip


@pytest.mark.parametrize("name", GOOD_BUILDSPECS)
def test_good_buildspec(name: str) -> None:
    assert failing_paths("buildspec", read(GOOD_BUILDSPECS[name])) == set()


@pytest.mark.parametrize(("path", "text"), BAD_BUILDSPECS)
def test_bad_buildspec(path: str, text: str) -> None:
    assert failing_paths("buildspec", read(text)) == {path}


# --------------------------------------------------------------------------------------------------- the other kinds

ECS = """
version: 0.0
Resources:
  - TargetService:
      Type: AWS::ECS::Service
      Properties:
        TaskDefinition: {task}
        LoadBalancerInfo: {{ContainerName: web, ContainerPort: {port}}}
"""
LAMBDA = """
version: 0.0
Resources:
  - fn:
      Type: AWS::Lambda::Function
      Properties: {Name: fn, Alias: live, CurrentVersion: "1", TargetVersion: "2"}
Hooks: [{BeforeAllowTraffic: check}, {AfterAllowTraffic: check}]
"""
SERVER = "version: 0.0\nos: linux\n"
SOURCE = (
    "{name: Source, actions: [{name: s, actionTypeId: {category: Source, owner: AWS, provider: S3, version: '1'}}]}"
)
STORE = "artifactStore: {type: S3, location: bucket}"
DEPLOY = "{name: Deploy, actions: [%s]}"
ECS_ACTION = "actionTypeId: {category: Deploy, owner: AWS, provider: ECS, version: '1'}"
PROJECT = "name: app, source: {type: GITHUB}, artifacts: {type: NO_ARTIFACTS}, serviceRole: r, environment: {%s}"
LINUX = "type: LINUX_CONTAINER, computeType: BUILD_GENERAL1_SMALL, image: 'aws/codebuild/standard:7.0'"


def pipeline(stages: str, more: str = STORE) -> str:
    return f"{{name: p, roleArn: r, {more}, stages: [{stages}]}}"


GOOD = [
    ("appspec-ec2", SERVER),
    ("appspec-ec2", "version: 0\nos: windows\nfile_exists_behavior: RETAIN\nfiles: [{source: /, destination: 'C:\\'}]"),
    ("appspec-ec2", SERVER + "permissions: [{object: /w, pattern: '**', except: [a], owner: o, group: g, mode: 644, "
     "acls: ['u:bob:rw', 'd:g:web:rx'], type: [file], context: {name: u, type: t, range: s0}}, "
     "{object: /x, mode: '0755'}]"),
    ("appspec-ec2", SERVER + "hooks: {BeforeInstall: [{location: a.sh, timeout: 300, runas: root}, {location: b.sh}], "
     "AfterInstall: , ValidateService: [{location: c.sh, timeout: '60'}]}"),
    ("appspec-ecs", ECS.format(task="<TASK_DEFINITION>", port=80)),
    ("appspec-ecs", ECS.format(task="a", port="<PORT>")),
    ("appspec-ecs", ECS.format(task="a", port="'${PORT}'").replace("version: 0.0", 'version: "0.0"')),
    ("appspec-ecs", ECS.format(task="a", port=80) + "Hooks: [{BeforeInstall: f}, {AfterAllowTestTraffic: g}]"),
    ("appspec-ecs", "{version: 0.0, resources: [{s: {type: 'AWS::ECS::Service', properties: {taskDefinition: a, "
     "loadBalancerInfo: {containerName: c, containerPort: 80}, platformVersion: LATEST, networkConfiguration: "
     "{awsvpcConfiguration: {subnets: [a], securityGroups: [b], assignPublicIp: DISABLED}}}}}]}"),
    ("appspec-lambda", LAMBDA),
    ("appspec-lambda", LAMBDA.lower().replace("aws::lambda::function", "AWS::Lambda::Function")
     .replace("beforeallowtraffic", "BeforeAllowTraffic").replace("afterallowtraffic", "AfterAllowTraffic")),
    ("deploy-spec", "version: 0.1\nfiles: [{source: /, destination: /srv/app}]\nscripts: {BeforeDeploy: [{location: "
     "a.sh, timeout: 300, runas: root}], AfterDeploy: [{location: b.sh}]}"),
    ("deploy-spec", SERVER + "hooks: {BeforeInstall: [{location: a.sh}], ValidateService: [{location: b.sh}]}"),
    ("pipeline", pipeline(f"{SOURCE}, {DEPLOY % f'{{name: d, {ECS_ACTION}, runOrder: 2}}'}")),
    ("pipeline", f"{{pipeline: {pipeline(SOURCE + ',' + SOURCE)}, metadata: {{pipelineArn: a, created: 1.5}}}}"),
    ("pipeline", pipeline(SOURCE + "," + SOURCE, "artifactStores: {eu-west-1: {type: S3, location: bucket}}")),
    ("pipeline", pipeline(SOURCE + "," + SOURCE, STORE + ", pipelineType: V2, executionMode: QUEUED, variables: "
     "[{name: V, defaultValue: x}], triggers: [{providerType: CodeStarSourceConnection, gitConfiguration: "
     "{sourceActionName: s, push: [{branches: {includes: [main]}}], pullRequest: [{events: [OPEN]}]}}]")),
    ("pipeline", pipeline(SOURCE + "," + SOURCE).replace("name: p,", "name: '${NAME} pipeline',")),
    ("codebuild-project", f"{{{PROJECT % LINUX}}}"),
    ("codebuild-project", f"{{project: {{{PROJECT % LINUX}, arn: a, created: 1.5, badge: {{badgeEnabled: false}}}}}}"),
    ("codebuild-project", f"{{projects: [{{{PROJECT % LINUX}, webhook: {{url: u, filterGroups: [[{{type: EVENT, "
     "pattern: PUSH}]]}}], projectsNotFound: [x]}"),
    ("iam-policy", "{Version: '2012-10-17', Statement: [{Sid: A, Effect: Allow, Action: '*', Resource: '*'}]}"),
    ("iam-policy", "{Statement: {Effect: Deny, NotAction: ['iam:*', 's3:Get*'], NotResource: ['a'], Condition: "
     "{'ForAnyValue:StringLikeIfExists': {'aws:x': [a, 1, true]}, Bool: {'aws:y': no}, 'Null': {'aws:z': 'true'}}}}"),
    ("iam-policy", "{Statement: [{Effect: Allow, Principal: '*', Action: 's3:GetObject', Resource: 'arn:x/*'}]}"),
    ("iam-policy", "{Statement: [{Effect: Allow, Principal: {Service: [codebuild.amazonaws.com], AWS: '111122223333'}, "
     "Action: 'sts:AssumeRole'}]}"),
    ("taskdef", "{family: f, cpu: '256', memory: '512', pidMode: null, tags: null, proxyConfiguration: null, "
     "containerDefinitions: [{name: c, image: <IMAGE1_NAME>, cpu: 0, command: null, healthCheck: null, "
     "portMappings: [{containerPort: 80, protocol: tcp}], environment: [{name: A, value: b}]}], revision: 3}"),
    ("imagedefinitions", "[{name: web, imageUri: 'repo:1'}, {name: log, imageUri: 'repo:2'}]"),
    ("imagedetail", "{ImageURI: 'repo@sha256:0'}"),
    ("imagedetail", "{ImageSizeInBytes: '4', ImageDigest: d, Version: '1.0', RegistryId: '1', RepositoryName: r, "
     "ImageURI: u, ImageTags: [latest], ImagePushedAt: now}"),
]  # fmt: skip

BAD = [
    ("deploy-spec", {"."}, "files: [{source: /, destination: /srv/app}]"),
    ("deploy-spec", {"version"}, "version: 1.0\nscripts: {AfterDeploy: [{location: b.sh}]}"),
    ("deploy-spec", {"scripts"}, "version: 0.1\nscripts: {AfterInstall: [{location: b.sh}]}"),
    ("deploy-spec", {"scripts/AfterDeploy/0"}, "version: 0.1\nscripts: {AfterDeploy: [{timeout: 60}]}"),
    ("deploy-spec", {"hooks"}, "version: 0.0\nhooks: {AfterAllowTraffic: [{location: b.sh}]}"),
    ("deploy-spec", {"files/0"}, "version: 0.1\nfiles: [{source: a}]"),
    ("appspec-ec2", {"."}, "os: linux"),
    ("appspec-ec2", {"."}, "version: 0.0"),
    ("appspec-ec2", {"version"}, 'version: "0.0"\nos: linux'),
    ("appspec-ec2", {"version"}, "version: 0.2\nos: linux"),
    ("appspec-ec2", {"os"}, "version: 0.0\nos: Linux"),
    ("appspec-ec2", {"."}, SERVER + "hook: {}"),
    ("appspec-ec2", {"file_exists_behavior"}, SERVER + "file_exists_behavior: overwrite"),
    ("appspec-ec2", {"files"}, SERVER + "files: {source: a, destination: b}"),
    ("appspec-ec2", {"files/0"}, SERVER + "files: [{source: a}]"),
    ("appspec-ec2", {"files/0"}, SERVER + "files: [{source: a, destination: b, overwrite: yes}]"),
    ("appspec-ec2", {"files/0"}, SERVER + "files: [a]"),
    ("appspec-ec2", {"hooks"}, SERVER + "hooks:"),
    ("appspec-ec2", {"hooks"}, SERVER + "hooks: [{BeforeInstall: a.sh}]"),
    ("appspec-ec2", {"hooks"}, SERVER + "hooks: {Install: [{location: a.sh}]}"),
    ("appspec-ec2", {"hooks"}, SERVER + "hooks: {beforeInstall: [{location: a.sh}]}"),
    ("appspec-ec2", {"hooks/BeforeInstall/0"}, SERVER + "hooks: {BeforeInstall: [{timeout: 3}]}"),
    ("appspec-ec2", {"hooks/BeforeInstall/0"}, SERVER + "hooks: {BeforeInstall: [{location: a.sh, run-as: u}]}"),
    ("appspec-ec2", {"hooks/BeforeInstall/0"}, SERVER + "hooks: {BeforeInstall: [a.sh]}"),
    ("appspec-ec2", {"hooks/BeforeInstall/0/timeout"}, SERVER + "hooks: {BeforeInstall: [{location: a, timeout: 0}]}"),
    ("appspec-ec2", {"hooks/BeforeInstall/0/timeout"}, SERVER + "hooks: {BeforeInstall: [{location: a, timeout: x}]}"),
    ("appspec-ec2", {"permissions/0"}, SERVER + "permissions: [{mode: 644}]"),
    ("appspec-ec2", {"permissions/0/mode"}, SERVER + "permissions: [{object: /a, mode: u+x}]"),
    ("appspec-ec2", {"permissions/0/type"}, SERVER + "permissions: [{object: /a, type: file}]"),
    ("appspec-ec2", {"permissions/0/type/0"}, SERVER + "permissions: [{object: /a, type: [link]}]"),
    ("appspec-ec2", {"permissions/0/except"}, SERVER + "permissions: [{object: /a, except: b}]"),
    ("appspec-ec2", {"permissions/0/context"}, SERVER + "permissions: [{object: /a, context: {type: t}}]"),
    ("appspec-ecs", {"."}, "version: 0.0"),
    ("appspec-ecs", {"Resources"}, "version: 0.0\nResources: {a: b}"),
    ("appspec-ecs", {"Resources"}, "version: 0.0\nResources: []"),
    ("appspec-ecs", {"Resources/0/s"}, "version: 0.0\nResources: [{s: {Type: 'AWS::ECS::Service'}}]"),
    ("appspec-ecs", {"Resources/0/TargetService/Type"}, ECS.format(task="a", port=80).replace("ECS::S", "ECS::TaskS")),
    ("appspec-ecs", {"Resources/0/TargetService/Properties/LoadBalancerInfo/ContainerPort"},
     ECS.format(task="a", port="http")),
    ("appspec-ecs", {"Resources/0/TargetService/Properties/LoadBalancerInfo"},
     ECS.format(task="a", port=80).replace("ContainerName: web, ", "")),
    ("appspec-ecs", {"Resources/0/TargetService/Properties/LoadBalancerInfo"},
     ECS.format(task="a", port=80).replace("{ContainerName: web, ContainerPort: 80}", "[{ContainerName: web}]")),
    ("appspec-ecs", {"Resources/0/TargetService/Properties"}, ECS.format(task="a", port=80).replace("TaskD", "TaksD")),
    ("appspec-ecs", {"Hooks"}, ECS.format(task="a", port=80) + "Hooks: {BeforeInstall: f}"),
    ("appspec-ecs", {"Hooks/0"}, ECS.format(task="a", port=80) + "Hooks: [{ApplicationStart: f}]"),
    ("appspec-lambda", {"Hooks/0"}, LAMBDA.replace("BeforeAllow", "BeforeBlock")),
    ("appspec-lambda", {"Resources/0/fn/Properties"}, LAMBDA.replace('TargetVersion: "2"', "Target: x")),
    ("pipeline", {"stages"}, pipeline(SOURCE)),
    ("pipeline", {"."}, f"{{name: p, roleArn: r, stages: [{SOURCE}, {SOURCE}]}}"),
    ("pipeline", {"artifactStore"}, pipeline(SOURCE + "," + SOURCE,
     STORE + ", artifactStores: {eu-west-1: {type: S3, location: bucket}}")),
    ("pipeline", {"."}, pipeline(SOURCE + "," + SOURCE, STORE + ", Version: 1")),
    ("pipeline", {"pipeline/executionMode"},
     f"{{pipeline: {pipeline(SOURCE + ',' + SOURCE, STORE + ', executionMode: SERIAL')}}}"),
    ("pipeline", {"stages/1/actions"}, pipeline(SOURCE + "," + DEPLOY % "")),
    ("pipeline", {"stages/1/actions/0"}, pipeline(SOURCE + "," + DEPLOY % f"{{name: d, {ECS_ACTION}, runorder: 1}}")),
    ("pipeline", {"stages/1/actions/0/runOrder"},
     pipeline(SOURCE + "," + DEPLOY % f"{{name: d, {ECS_ACTION}, runOrder: 0}}")),
    ("pipeline", {"stages/1/actions/0/name"}, pipeline(SOURCE + "," + DEPLOY % f"{{name: my deploy, {ECS_ACTION}}}")),
    ("pipeline", {"stages/1/actions/0/actionTypeId/provider"},
     pipeline(SOURCE + "," + DEPLOY % f"{{name: d, {ECS_ACTION.replace('ECS', 'Amazon ECS')}}}")),
    ("pipeline", {"stages/1/actions/0/actionTypeId/version"},
     pipeline(SOURCE + "," + DEPLOY % ("{name: d, " + ECS_ACTION.replace("'1'", "1") + "}"))),
    ("pipeline", {"stages/1/actions/0/configuration/Extract"},
     pipeline(SOURCE + "," + DEPLOY % f"{{name: d, {ECS_ACTION}, configuration: {{Extract: true}}}}")),
    ("pipeline", {"stages/1/actions/0/inputArtifacts/0"},
     pipeline(SOURCE + "," + DEPLOY % f"{{name: d, {ECS_ACTION}, inputArtifacts: [Source]}}")),
    ("codebuild-project", {"."}, "{name: app}"),
    ("codebuild-project", {"environment"}, f"{{{PROJECT % 'type: LINUX_CONTAINER'}}}"),
    ("codebuild-project", {"environment/privilegedMode"}, f"{{{PROJECT % (LINUX + ', privilegedMode: on please')}}}"),
    ("codebuild-project", {"source/type"}, f"{{{(PROJECT % LINUX).replace('GITHUB', 'GIT')}}}"),
    ("codebuild-project", {"timeoutInMinutes"}, f"{{{PROJECT % LINUX}, timeoutInMinutes: 3}}"),
    ("codebuild-project", {"projects/0/cache/modes/0"},
     f"{{projects: [{{{PROJECT % LINUX}, cache: {{type: LOCAL, modes: [LOCAL_CACHE]}}}}]}}"),
    ("iam-policy", {"."}, "{Version: '2012-10-17'}"),
    ("iam-policy", {"."}, "{version: '2012-10-17', Statement: [{Effect: Deny, Action: '*', Resource: '*'}]}"),
    ("iam-policy", {"Version"}, "{Version: '2012-10-18', Statement: [{Effect: Deny, Action: '*', Resource: '*'}]}"),
    ("iam-policy", {"Statement"}, "{Statement: []}"),
    ("iam-policy", {"Statement"}, "{Statement: {Effect: Allow}}"),
    ("iam-policy", {"Statement/0/Effect"}, "{Statement: [{Effect: allow, Action: '*', Resource: '*'}]}"),
    ("iam-policy", {"Statement/0"}, "{Statement: [{Effect: Allow, Actions: '*', Action: '*', Resource: '*'}]}"),
    ("iam-policy", {"Statement/0/Action"}, "{Statement: [{Effect: Allow, Action: s3, Resource: '*'}]}"),
    ("iam-policy", {"Statement/0/Action"}, "{Statement: [{Effect: Deny, Action: '*', NotAction: '*', Resource: '*'}]}"),
    ("iam-policy", {"Statement/0/Resource"}, "{Statement: [{Effect: Deny, Action: '*', Resource: a, NotResource: b}]}"),
    ("iam-policy", {"Statement/0/Principal"}, "{Statement: [{Effect: Allow, Action: '*', Principal: someone}]}"),
    ("iam-policy", {"Statement/0/Principal"}, "{Statement: [{Effect: Allow, Action: '*', Principal: {aws: '1'}}]}"),
    ("iam-policy", {"Statement/0/Condition"},
     "{Statement: [{Effect: Allow, Action: '*', Resource: '*', Condition: {StringEqual: {a: b}}}]}"),
    ("iam-policy", {"Statement/0/Condition/StringLike"},
     "{Statement: [{Effect: Allow, Action: '*', Resource: '*', Condition: {StringLike: [a]}}]}"),
    ("taskdef", {"."}, "{containerDefinitions: [{name: c, image: i}]}"),
    ("taskdef", {"containerDefinitions/0"}, "{family: f, containerDefinitions: [{name: c}]}"),
    ("taskdef", {"containerDefinitions/0/memory"},
     "{family: f, containerDefinitions: [{name: c, image: i, memory: '1'}]}"),
    ("taskdef", {"networkMode"}, "{family: f, networkMode: vpc, containerDefinitions: [{name: c, image: i}]}"),
    ("taskdef", {"."}, "{taskDefinition: {}, family: f, containerDefinitions: [{name: c, image: i}]}"),
    ("imagedefinitions", {"."}, "{name: web, imageUri: u}"),
    ("imagedefinitions", {"."}, "[]"),
    ("imagedefinitions", {"0"}, "[{name: web, imageURI: u}]"),
    ("imagedefinitions", {"0/name"}, "[{name: '', imageUri: u}]"),
    ("imagedetail", {"."}, "{ImageUri: u}"),
    ("imagedetail", {"."}, "[{ImageURI: u}]"),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "text"), GOOD)
def test_good_document(kind: str, text: str) -> None:
    assert failing_paths(kind, read(text)) == set()


@pytest.mark.parametrize(("kind", "paths", "text"), BAD)
def test_bad_document(kind: str, paths: set[str], text: str) -> None:
    assert failing_paths(kind, read(text)) == paths


@pytest.mark.parametrize(
    ("kind", "text"),
    [*GOOD, *((kind, text) for kind, _, text in BAD)]
    + [("buildspec", text) for text in [*GOOD_BUILDSPECS.values(), *(text for _, text in BAD_BUILDSPECS)]],
)
def test_our_evaluator_and_the_oracle_point_at_the_same_places(kind: str, text: str) -> None:
    assert places_of_ours(kind, text.encode()) == failing_paths(kind, read(text))


def test_every_schema_has_good_and_bad_cases() -> None:
    assert {kind for kind, _ in GOOD} == {kind for kind, _, _ in BAD} == KINDS - {"buildspec"}


# ----------------------------------------------------------------------------------------- the corpus and its mistakes

SCHEMA_OF = {
    "appspec-ec2": "appspec-ec2",
    "appspec-ecs": "appspec-ecs",
    "appspec-lambda": "appspec-lambda",
    "buildspec": "buildspec",
    "codebuild-project-json": "codebuild-project",
    "iam-identity": "iam-policy",
    "iam-resource": "iam-policy",
    "iam-scp": "iam-policy",
    "iam-trust": "iam-policy",
    "imagedetail": "imagedetail",
    "pipeline-json": "pipeline",
    "taskdef": "taskdef",
}
UNREADABLE = {"unreadable"}


def verdict(path: Path, kind: str) -> set[str]:
    try:
        document = read(path.read_text(encoding="utf-8-sig"), path.name)
    except (yaml.YAMLError, json.JSONDecodeError):
        return UNREADABLE
    return failing_paths(kind, document)


def table(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines, delimiter="\t"))


# Each file of this table was read: what it says at these places is wrong in the file, and why.
DEFECTS = {row["file"]: set(row["fails at"].split()) for row in table(Path(__file__).parent / "corpus_defects.tsv")}


@needs_corpus
@pytest.mark.parametrize("corpus_kind", sorted(SCHEMA_OF))
def test_only_defective_files_of_the_corpus_fail(corpus_kind: str) -> None:
    files = [
        row["file"]
        for row in table(CORPUS / "manifest.tsv")
        if row["kind"] == corpus_kind and not row["state"].startswith("mistake")
    ]
    failing = {file: verdict(CORPUS / file, SCHEMA_OF[corpus_kind]) for file in files}
    assert files
    assert {file: paths for file, paths in failing.items() if paths} == {
        file: DEFECTS[file] for file in files if file in DEFECTS
    }


@needs_corpus
def test_every_listed_defect_is_in_the_corpus() -> None:
    assert DEFECTS.keys() - {row["file"] for row in table(CORPUS / "manifest.tsv")} == set()


@needs_corpus
@pytest.mark.parametrize("corpus_kind", sorted(SCHEMA_OF))
def test_our_evaluator_and_the_oracle_agree_about_the_corpus(corpus_kind: str) -> None:
    files = [row["file"] for row in table(CORPUS / "manifest.tsv") if row["kind"] == corpus_kind]
    kind = SCHEMA_OF[corpus_kind]
    theirs = {file: verdict(CORPUS / file, kind) for file in files}
    readable = {file: paths for file, paths in theirs.items() if paths != UNREADABLE}
    assert readable
    assert {file: places_of_ours(kind, (CORPUS / file).read_bytes(), file) for file in readable} == readable


# CodeBuild ignores `artifacts.type`, so the file worked before its author took the key out.
HARMLESS = {"01-buildspec-artifacts-unknown-type"}
# What the repair left: mistakes.tsv names the same.
LEFT_AFTER_REPAIR: dict[str, set[str]] = {
    "11-buildspec-commands-null": UNREADABLE,
    "12-buildspec-command-is-map": {"phases/build/commands"},
    "36-buildspec-parse-mapping-values-are-not-allowed-her": {
        "phases/pre_build/commands/17",
        "phases/pre_build/commands/18",
    },
    "37-appspec-os-none": {"os"},
    "38-appspec-hook-unknown-allowtraffic": {"hooks/BeforeAllowTraffic/1"},
}


def mistakes() -> list[tuple[str, str]]:
    return [(row["dir"], row["path"]) for row in table(CORPUS / "mistakes" / "mistakes.tsv")] if HAS_CORPUS else []


@needs_corpus
@pytest.mark.parametrize(("folder", "file"), mistakes())
def test_a_mistake_fails_until_it_is_repaired(folder: str, file: str) -> None:
    kind = (
        "buildspec" if "-buildspec-" in folder else "appspec-ecs" if file.endswith("_template.yaml") else "appspec-ec2"
    )
    before, after = (
        verdict(CORPUS / "mistakes" / folder / state / Path(file).name, kind) for state in ("before", "after")
    )
    assert bool(before) == (folder not in HARMLESS)
    assert after == LEFT_AFTER_REPAIR.get(folder, set())
    assert before != after or folder in HARMLESS
