"""What a file is: told by its content, its name only a hint. Files that merely share a name are nothing to us."""

from __future__ import annotations

import re
from typing import Final

from cilint.source import scalars
from cilint.source.nodes import Document, Mapping, Node, Scalar, Sequence
from cilint.source.pattern import lazy
from cilint.source.record import NamedTuple

_NAMED_BUILDSPEC = lazy(r"(?:^|/)[^/]*buildspec[^/]*\.(?:ya?ml|json)$", re.IGNORECASE)
_NAMED_APPSPEC = lazy(r"(?:^|/)[^/]*appspec[^/]*\.(?:ya?ml|json)$", re.IGNORECASE)
_NAMED_DEPLOY_SPEC = lazy(r"(?:^|/)[^/]*deploy[-_]?spec[^/]*\.ya?ml$", re.IGNORECASE)
_PHASE_NAMES: Final = ("install", "pre_build", "build", "post_build")
_BUILDSPEC_TEXT = lazy(r"^(?:phases\s*:|\s+(?:pre_build|post_build|runtime-versions)\s*:)", re.MULTILINE)
_IMAGE_DETAIL_KEYS: Final = frozenset(
    ["ImageURI", "ImageSizeInBytes", "ImageDigest", "Version", "ImagePushedAt", "RegistryId", "RepositoryName"]
    + ["ImageTags"]
)
_APPSPEC_KEYS: Final = {"version", "os", "files", "hooks", "permissions", "resources"}
_APPSPEC_TEXT = lazy(r"^version\s*:\s*[\"']?0\.0|^\s+(?:BeforeInstall|ApplicationStart|AfterInstall)\s*:", re.M)
_PATTERN_KEYS: Final = {
    "source",
    "detail-type",
    "detail",
    "resources",
    "account",
    "region",
    "version",
    "time",
    "id",
    "$or",
}
_ENGINE_TEXT = lazy(r"\{%-?\s*\w|<%[-=]?\s|^\s*\{\{-?\s*(?:if|range|with|include|end)\b", re.MULTILINE)
_DOUBLE_BRACES = lazy(r"^\s*(?:- )?(?:[\w.-]+:\s+)?\{\{(?!resolve:)", re.MULTILINE)
_STAND_IN = lazy(r"(?:^|[-:,\[{])\s*(?:\{\{(?!resolve:)|%\w+%|@\w+@)", re.MULTILINE)
_PLACEHOLDER_TEXT = lazy(r":\s*(?:<[A-Za-z_]+>|\$\{?\w+\}?|[A-Z_]{3,})\s*[,\n]")
_TEMPLATE_TEXT = lazy(r"[\"']?Type[\"']?\s*:\s*[\"']?AWS::(?:CodePipeline|CodeBuild|CodeDeploy|IAM)::")
_POLICY_TEXT = lazy(r'"Statement"\s*:[^{]*\{[^}]*"Effect"\s*:', re.DOTALL)
_RESOURCE_TYPE = lazy(r"[A-Za-z0-9]+::[A-Za-z0-9]+::[A-Za-z0-9]+|Custom::.+")


class Recognised(NamedTuple):
    """A file's kind. `fragment`: part of such a file, told with low confidence."""

    kind: str
    fragment: bool = False


def recognise(document: Document, path: str) -> Recognised | None:
    """The kind of a document, or None when it is none of ours. `path` uses forward slashes.

    What another tool (Jinja, ERB, Helm, `sed`) has yet to fill in is of the kind `templated`.
    """
    found = _kind(document, path)
    return Recognised("templated") if found and _is_to_be_filled(document) else found


def _kind(document: Document, path: str) -> Recognised | None:
    root = document.root
    if root is None and document.problems:
        return _by_text(document.text.content, path)
    found = _mapping(root, path) if isinstance(root, Mapping) else None
    if isinstance(root, Sequence):
        found = _sequence(root)
    if found is None and document.problems and not _only_twice(document):
        found = _by_text(document.text.content, path)  # one of several documents could be read, and is none of ours
    return found or (Recognised("appspec-ec2") if _is_server_name(path) and not isinstance(root, Mapping) else None)


def _is_to_be_filled(document: Document) -> bool:
    """Whether the text cannot be read, or only by chance, before a tool has put values for its stand-ins."""
    content = document.text.content
    if _DOUBLE_BRACES.search(content) and document.root is not None and _has_double_braces(document.root):
        return True
    if _only_twice(document):
        return False
    return bool(_ENGINE_TEXT.search(content)) or any(
        problem.code == "syntax-error" and _STAND_IN.search(_lines_at(content, problem.span.start))
        for problem in document.problems
    )


def _lines_at(content: str, place: int) -> str:
    """The line of a place with the one before it, whose end a reader often stumbles over."""
    start = content.rfind("\n", 0, max(0, content.rfind("\n", 0, place))) + 1
    end = content.find("\n", place)
    return content[start : end if end >= 0 else len(content)]


def _has_double_braces(node: Node) -> bool:
    """Whether YAML has read `{{ name }}` somewhere: a mapping in braces whose key is another."""
    if isinstance(node, Sequence):
        return any(_has_double_braces(item) for item in node.items)
    return isinstance(node, Mapping) and any(
        (node.flow and isinstance(entry.key, Mapping)) or _has_double_braces(entry.value) for entry in node.entries
    )


def _only_twice(document: Document) -> bool:
    return all(problem.code == "duplicate-key" for problem in document.problems)


def _mapping(root: Mapping, path: str) -> Recognised | None:
    keys = set(root.names())
    if _is_policy(root):
        return Recognised("iam-policy")
    if "AWSTemplateFormatVersion" in keys or ("version" not in keys and _is_template(root.get("Resources"))):
        return Recognised("template")
    if "containerDefinitions" in keys:
        return Recognised("taskdef")
    if "ImageURI" in keys and keys <= _IMAGE_DETAIL_KEYS:
        return Recognised("imagedetail")
    if _is_stages(root.get("stages")) or _is_stages(_child(root, "pipeline", "stages")):
        inner = root.get("pipeline")
        keys = set(inner.names()) if isinstance(inner, Mapping) else keys
        return Recognised("pipeline", fragment=not keys & {"name", "roleArn", "artifactStore", "artifactStores"})
    if _is_stage_list(root.get("Stages")):
        return Recognised("pipeline", fragment=True)
    if _is_event_pattern(root, keys):
        return Recognised("event-pattern")
    if isinstance(root.get("EventTypeIds"), Sequence) and "Targets" in keys:
        return Recognised("notification-rule")
    if {"source", "environment", "artifacts"} <= keys or _is_projects(root.get("projects")):
        return Recognised("codebuild-project")
    found = _buildspec(root, keys, path) or _deploy_spec(root, keys, path) or _appspec(root, keys, path)
    if found is None and _is_resource_table(root):
        return Recognised("template", fragment=True)
    return found


def _sequence(root: Sequence) -> Recognised | None:
    if root.items and all(isinstance(item, Mapping) and item.get("imageUri") for item in root.items):
        return Recognised("imagedefinitions")
    return Recognised("pipeline", fragment=True) if _is_stage_list(root) or _is_stages(root) else None


def _buildspec(root: Mapping, keys: set[str], path: str) -> Recognised | None:
    phases = root.get("phases")
    named = bool(_NAMED_BUILDSPEC.search(path))
    if _version(root) in ("0.1", "0.2") and (keys & {"phases", "batch", "env", "artifacts"}):
        head = isinstance(phases, Scalar) and phases.is_null  # what a tool completes, unless its name says otherwise
        return Recognised("buildspec", fragment=head and not named)
    if (
        named
        and (keys & {"phases", "batch", "environment_variables", *_PHASE_NAMES})
        and not (keys & {"dependencies", "platformConfig"})
    ):
        return Recognised("buildspec")
    if isinstance(phases, Mapping) and any(
        isinstance(phase := phases.get(name), Mapping) and phase.get("commands") for name in _PHASE_NAMES
    ):
        return Recognised("buildspec", fragment=True)
    return None


def _deploy_spec(root: Mapping, keys: set[str], path: str) -> Recognised | None:
    """What CodePipeline's EC2 action reads: version 0.1 with `scripts`. An appspec is one, too, by its name only."""
    scripts, hooks = root.get("scripts"), root.get("hooks")
    if isinstance(scripts, Mapping) and ({"BeforeDeploy", "AfterDeploy"} & set(scripts.names())):
        return Recognised("deploy-spec", fragment="version" not in keys and "files" not in keys)
    if not _NAMED_DEPLOY_SPEC.search(path) or "phases" in keys:
        return None
    told = isinstance(scripts, Mapping) or isinstance(hooks, Mapping) or _is_copying(root.get("files"))
    return Recognised("deploy-spec") if told and "version" in keys else None


def _is_copying(files: Node | None) -> bool:
    return isinstance(files, Sequence) and any(
        isinstance(item, Mapping) and item.get("source") and item.get("destination") for item in files.items
    )


def _appspec(root: Mapping, keys: set[str], path: str) -> Recognised | None:
    """`os`, `files` and `hooks` are a server's; a list of resources is ECS's or Lambda's."""
    named = bool(_NAMED_APPSPEC.search(path))
    if not (_version(root) in ("0.0", "0") or named) or ("scripts" in keys and not keys & {"os", "hooks"}):
        return None
    resources = root.get("Resources") or root.get("resources")
    if resources is not None and not keys & {"os", "detail-type"}:  # an event has a version 0 and resources, too
        types = [
            entry.value.value
            for node in _named_resources(resources)
            for entry in node.entries
            if entry.name in ("Type", "type") and isinstance(entry.value, Scalar)
        ]
        if "AWS::Lambda::Function" in types:
            return Recognised("appspec-lambda")
        if "AWS::ECS::Service" in types or isinstance(resources, Sequence):
            return Recognised("appspec-ecs")
    folded = {key.lower() for key in keys}
    if keys & {"os", "files", "hooks", "permissions"} or (
        _is_server_name(path) and (not keys or folded & _APPSPEC_KEYS)
    ):
        return Recognised("appspec-ec2")
    return None


def _is_server_name(path: str) -> bool:
    """Whether the file has the name that the agent looks for."""
    return path.rsplit("/", 1)[-1] in ("appspec.yml", "appspec.yaml")


def _named_resources(resources: Node) -> list[Mapping]:
    """The mappings below the free names in an appspec's resources, a list of them or not."""
    listed = resources.items if isinstance(resources, Sequence) else [resources]
    return [
        entry.value
        for item in listed
        if isinstance(item, Mapping)
        for entry in item.entries
        if isinstance(entry.value, Mapping)
    ]


def _by_text(content: str, path: str) -> Recognised | None:
    """A file that cannot be parsed: spoken of only when its text shows what it was meant to be."""
    if _BUILDSPEC_TEXT.search(content):
        return Recognised("buildspec")
    if _APPSPEC_TEXT.search(content) or _is_server_name(path):
        return Recognised("appspec-ec2")
    if '"containerDefinitions"' in content:
        return Recognised("templated" if _PLACEHOLDER_TEXT.search(content) else "taskdef")
    if '"actionTypeId"' in content:
        return Recognised("pipeline")
    if _TEMPLATE_TEXT.search(content):
        return Recognised("template")
    return Recognised("iam-policy") if _POLICY_TEXT.search(content) else None


def _version(root: Mapping) -> str:
    node = root.get("version")
    return str(scalars.value(node)) if isinstance(node, Scalar) else ""


def _is_policy(node: Node | None) -> bool:
    if not isinstance(node, Mapping):
        return False
    statement = node.get("Statement")
    statements = statement.items if isinstance(statement, Sequence) else [statement]
    return any(isinstance(item, Mapping) and item.get("Effect") for item in statements)


def _is_template(resources: Node | None) -> bool:
    return isinstance(resources, Mapping) and any(
        isinstance(entry.value, Mapping)
        and isinstance(kind := entry.value.get("Type"), Scalar)
        and _RESOURCE_TYPE.fullmatch(kind.value)
        for entry in resources.entries
    )


def _is_stages(stages: Node | None) -> bool:
    return isinstance(stages, Sequence) and any(
        isinstance(action, Mapping) and action.get("actionTypeId")
        for stage in stages.items
        if isinstance(stage, Mapping) and isinstance(actions := stage.get("actions"), Sequence)
        for action in actions.items
    )


def _is_stage_list(stages: Node | None) -> bool:
    """Whether these are stages of a pipeline in CloudFormation's spelling, their actions perhaps cut short."""
    return (
        isinstance(stages, Sequence)
        and bool(stages.items)
        and all(
            isinstance(stage, Mapping)
            and stage.get("Name")
            and isinstance(actions := stage.get("Actions"), Sequence)
            and actions.items
            and all(
                isinstance(action, Mapping) and action.get("Name") and not action.get("Type")
                for action in actions.items
            )
            for stage in stages.items
        )
    )


def _is_event_pattern(root: Mapping, keys: set[str]) -> bool:
    """An event itself has the same keys, with plain texts under them."""
    return keys <= _PATTERN_KEYS and all(isinstance(root.get(key), Sequence) for key in ("source", "detail-type"))


def _is_resource_table(root: Mapping) -> bool:
    return bool(root.entries) and all(
        isinstance(entry.value, Mapping)
        and isinstance(kind := entry.value.get("Type"), Scalar)
        and kind.value.startswith(("AWS::", "Custom::"))
        for entry in root.entries
    )


def _is_projects(projects: Node | None) -> bool:
    return isinstance(projects, Sequence) and any(
        isinstance(project, Mapping) and project.get("environment") and project.get("source")
        for project in projects.items
    )


def _child(node: Mapping, *names: str) -> Node | None:
    found: Node | None = node
    for name in names:
        found = found.get(name) if isinstance(found, Mapping) else None
    return found
