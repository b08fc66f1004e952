"""Writes the schemas for other ways of writing a pipeline, from `schemas/pipeline.schema.json`; run it after a change.

`schemas/cloudformation/` has keys in UpperCamelCase and takes a number or a boolean where text is wanted and digits
where a number is, as CloudFormation does; `schemas/fragment/` judges stages alone, whose keys may be left out.
"""

import json
import re
from pathlib import Path
from typing import Any

SCHEMAS = Path(__file__).resolve().parent.parent / "schemas"
UPPER = "cloudformation"
FRAGMENT = "fragment"
OWN = {
    "DisableInboundStageTransitions": {
        "type": "array",
        "items": {
            "type": "object",
            "properties": {"StageName": {"type": "string"}, "Reason": {"type": "string"}},
            "required": ["StageName", "Reason"],
            "additionalProperties": False,
        },
    },
    "RestartExecutionOnUpdate": {"type": ["boolean", "string"]},
    "Tags": {"type": "array"},
}
ARTIFACT_STORES = {
    "type": "array",
    "items": {
        "type": "object",
        "properties": {"Region": {"type": "string"}, "ArtifactStore": {"$ref": "#/definitions/ArtifactStore"}},
        "required": ["Region", "ArtifactStore"],
        "additionalProperties": False,
    },
}


def upper(key: str) -> str:
    return key[0].upper() + key[1:]


def bare(schema: Any) -> Any:
    """The schema without what only an editor shows."""
    if isinstance(schema, list):
        return [bare(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    kept = {key: value for key, value in schema.items() if not (key in ("examples", "default") or prose(key, value))}
    return {key: bare(value) for key, value in kept.items()}


def prose(key: str, value: Any) -> bool:
    return key in ("description", "title") and isinstance(value, str)


def respelled(schema: Any) -> Any:
    """The schema for keys in UpperCamelCase and CloudFormation's conversion of scalars."""
    if isinstance(schema, list):
        return [respelled(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    found: dict[str, Any] = {}
    for key, value in schema.items():
        match key:
            case "properties":
                found[key] = {upper(name): respelled(child) for name, child in value.items()}
            case "required":
                found[key] = [upper(name) for name in value]
            case "type" if value == "string":
                found[key] = ["string", "number", "boolean"]
            case "type" if value == "integer":
                found[key] = ["integer", "string"]
            case "definitions":
                found[key] = {name: respelled(child) for name, child in value.items()}
            case "x-cilint-instead":
                found[key] = re.sub("`([a-z])", lambda start: start[0].upper(), value)
            case "enum" | "const" | "x-cilint-form" | "x-cilint-whole" | "x-cilint-values":
                found[key] = value
            case _:
                found[key] = respelled(value)
    if found.get("type") == ["integer", "string"]:
        found |= {"pattern": "^ *[0-9]+ *$", "x-cilint-form": "a whole number"}
    return found


def template(schema: dict[str, Any]) -> dict[str, Any]:
    """The properties of an `AWS::CodePipeline::Pipeline`."""
    found = respelled(schema)
    definitions = found["definitions"]
    for name in ("Envelope", "PipelineMetadata", "Tag"):
        del definitions[name]
    pipeline = definitions.pop("PipelineDeclaration")
    del pipeline["properties"]["Version"]
    pipeline["properties"] |= OWN | {"ArtifactStores": ARTIFACT_STORES}
    pipeline["required"] = ["RoleArn", "Stages"]
    definitions["ActionDeclaration"]["properties"]["Configuration"]["type"] = ["object", "string"]
    del pipeline["type"]
    return {"x-cilint-whole": schema["x-cilint-whole"], "type": "object", **pipeline, "definitions": definitions}


def fragment(schema: dict[str, Any], stage: str, stages: str) -> dict[str, Any]:
    """A list of stages, or a mapping of nothing but `stages`; what is left out may stand elsewhere."""
    definitions = json.loads(json.dumps(schema["definitions"]))
    for name in ("Envelope", "PipelineMetadata", "Tag", "PipelineDeclaration"):
        definitions.pop(name, None)
    for definition in definitions.values():
        definition.pop("required", None)
    listed = {"type": "array", "items": {"$ref": f"#/definitions/{stage}"}}
    return {
        "if": {"type": "array"},
        "then": listed,
        "else": {"properties": {stages: listed}},
        "definitions": definitions,
    }


def derived() -> dict[str, dict[str, Any]]:
    """Every derived schema by its path below `schemas/`."""
    schema = bare(json.loads((SCHEMAS / "pipeline.schema.json").read_text(encoding="utf-8")))
    of_template = template(schema)
    return {
        f"{UPPER}/pipeline.schema.json": of_template,
        f"{FRAGMENT}/{UPPER}/pipeline.schema.json": fragment(of_template, "StageDeclaration", "Stages"),
        f"{FRAGMENT}/pipeline.schema.json": fragment(schema, "StageDeclaration", "stages"),
    }


def main() -> None:
    for name, schema in derived().items():
        path = SCHEMAS / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(schema, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
