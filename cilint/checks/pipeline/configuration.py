"""Checks of an action's provider and its configuration: which keys it has, which it needs, what values they take."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from cilint.catalog import pipeline_actions as catalog
from cilint.catalog.pipeline_actions import Key, Provider
from cilint.checks.pipeline.respell import respell
from cilint.core.context import Context, named
from cilint.core.finding import Finding, Related, Severity
from cilint.core.nearest import listed, nearest
from cilint.core.rule import check
from cilint.model.intrinsics import is_intrinsic, is_known, symbolic
from cilint.model.pipeline import Action, Pipeline
from cilint.source import scalars
from cilint.source.nodes import Mapping, Node, Scalar, Sequence

_ACTION_KEYS: Final = {
    key.lower(): key
    for key in (
        *("actionTypeId", "runOrder", "roleArn", "region", "namespace", "inputArtifacts", "outputArtifacts"),
        *("timeoutInMinutes", "commands", "outputVariables", "environmentVariables"),
    )
}


def known_provider(action: Action) -> Provider | None:
    """What is known of the action's provider."""
    return catalog.provider(action.category, action.owner, action.provider)


@check("unknown-action-provider")
def unknown_action_provider(action: Action, context: Context) -> Iterator[Finding]:
    """A provider that CodePipeline does not have, or has in another category, for another owner or version."""
    kind = action.type
    node = kind.get("provider") if kind else None
    if (
        kind is None
        or node is None
        or not action.provider
        or not action.category
        or action.owner not in ("AWS", "ThirdParty")
        or named(context.names.providers, action.provider)
    ):
        return
    if known_provider(action):
        version = kind.get("version")
        text = kind.known("version")
        if version is not None and text is not None and text != catalog.VERSION:
            yield Finding(
                version.span,
                f"`{action.provider}` has no version `{text}`; its only version is `{catalog.VERSION}`",
                severity="warning",
            )
        return
    found = _no_such(action, node)
    if found.confidence is None or action.owner == "AWS":  # of other third-party providers nothing is known
        yield found


def _no_such(action: Action, node: Node) -> Finding:
    name = action.provider
    bare = name.removeprefix("AWS ").removeprefix("Amazon ")
    places = catalog.named(name)
    if " " in name:
        if not catalog.named(bare):
            return Finding(node.span, f"`{name}` is a name for people; providers are written without blanks")
        said = f"`{name}` is a name for people; write `{bare}`"
        return Finding(node.span, said, fix=respell(action.text, node, bare))
    advice = catalog.misnamed(name)
    if places:
        allowed = " or ".join(f"{category} actions of owner {owner}" for category, owner in places)
        said = f"`{name}` is a provider of {allowed}, not of category {action.category} and owner {action.owner}"
        return Finding(node.span, said, severity="warning")
    hint = nearest(name, (each for _category, _owner, each in catalog.identities())) if advice is None else None
    if advice or hint:
        said = f"CodePipeline has no action `{name}`; {advice or f'did you mean `{hint}`?'}"
        fix = respell(action.text, node, hint) if hint else None
        return Finding(node.span, said, severity="warning", fix=fix)
    same = [each for category, _owner, each in catalog.identities() if category == action.category]
    return Finding(
        node.span,
        f"`{name}` is no provider known here for {action.category} actions (as of {catalog.date()}): {listed(same)}",
        severity="note",
        confidence="low",
    )


@check("misplaced-action-key")
def misplaced_action_key(action: Action) -> Iterator[Finding]:
    """A key of the action inside its configuration, or a key of its configuration beside it."""
    known = known_provider(action)
    keys = known.keys if known else None
    if keys is None or not isinstance(action.node, Mapping):
        return
    table = action.get("configuration")
    for entry in table.entries if isinstance(table, Mapping) else ():
        right = _ACTION_KEYS.get(entry.name.lower())
        if right and entry.name not in keys:
            yield Finding(
                entry.key.span,
                f"`{entry.name}` is a key of the action, not of the configuration of `{action.provider}` (`Action "
                f"configuration for action '{action.name}' contains unknown configuration '{entry.name}'`); move it up "
                f"beside `{action.spelled('configuration')}`, as `{action.spelled(right)}`",
            )
    for entry in action.node.entries:
        name = entry.name[:1].upper() + entry.name[1:]
        if name in keys and entry.name.lower() not in _ACTION_KEYS and entry.name.lower() != "name":
            yield Finding(
                entry.key.span,
                f"`{entry.name}` belongs to the configuration of `{action.provider}`; move it into "
                f"`{action.spelled('configuration')}`, as `{name}`",
            )


@check("unknown-configuration-key")
def unknown_configuration_key(action: Action) -> Iterator[Finding]:
    """A configuration key that the provider is not known to have."""
    known = known_provider(action)
    if known is None or known.keys is None or not action.configuration_known:
        return
    table = action.get("configuration")
    for entry in table.entries if isinstance(table, Mapping) else ():
        if entry.name in known.keys or entry.name.lower() in _ACTION_KEYS:
            continue
        hint = nearest(entry.name, known.keys)
        if hint:
            said = f"`{action.provider}` has no configuration key `{entry.name}`; did you mean `{hint}`?"
            yield Finding(entry.key.span, said, fix=respell(action.text, entry.key, hint))
        else:
            yield Finding(
                entry.key.span,
                f"`{entry.name}` is no configuration key of `{action.provider}` known here (as of {catalog.date()})"
                + (f": {listed(known.keys)}" if known.keys else ""),
                severity="note",
                confidence="low",
            )


@check("missing-configuration-key")
def missing_configuration_key(action: Action) -> Iterator[Finding]:
    """A configuration key that the provider cannot do without."""
    known = known_provider(action)
    if known is None or known.keys is None or not action.configuration_known:
        return
    missing = [name for name, key in known.keys.items() if key.required and name not in action.configuration]
    if missing:
        each = " and ".join(f"`{name}`" for name in missing)
        what = f"a `{action.provider}` action of category {action.category} needs {each} in its configuration; add "
        yield Finding(action.place_of_configuration, what + ("it" if len(missing) == 1 else "them"))


_MODE_NEEDS: Final = {
    "CREATE_UPDATE": ("TemplatePath", "RoleArn"),
    "REPLACE_ON_FAILURE": ("TemplatePath", "RoleArn"),
    "CHANGE_SET_REPLACE": ("TemplatePath", "RoleArn", "ChangeSetName"),
    "CHANGE_SET_EXECUTE": ("ChangeSetName",),
    "DELETE_ONLY": ("RoleArn",),
}
_MODE_IGNORES: Final = {
    "CHANGE_SET_EXECUTE": ("TemplatePath", "TemplateConfiguration", "Capabilities", "ParameterOverrides", "RoleArn"),
    "DELETE_ONLY": ("TemplatePath", "TemplateConfiguration", "Capabilities", "ParameterOverrides", "ChangeSetName"),
    "CREATE_UPDATE": ("ChangeSetName",),
    "REPLACE_ON_FAILURE": ("ChangeSetName",),
}
_ABSENT: Final = "(absent)"
# Provider, key, its value (None for any), the keys that are needed then; the level where no peer confirms it.
_NEEDS: Final[tuple[tuple[str, str, str | None, tuple[str, ...], Severity | None], ...]] = (
    ("S3", "Extract", "false", ("ObjectKey",), None),
    ("CodeDeployToECS", "Image1ArtifactName", None, ("Image1ContainerName",), None),
    ("CodeDeployToECS", "Image2ArtifactName", None, ("Image2ContainerName",), None),
    ("CodeDeployToECS", "Image3ArtifactName", None, ("Image3ContainerName",), None),
    ("CodeDeployToECS", "Image4ArtifactName", None, ("Image4ContainerName",), None),
    ("CodeDeployToECS", "Image1ContainerName", None, ("Image1ArtifactName",), None),
    ("CodeDeployToECS", "Image2ContainerName", None, ("Image2ArtifactName",), None),
    ("CodeDeployToECS", "Image3ContainerName", None, ("Image3ArtifactName",), None),
    ("CodeDeployToECS", "Image4ContainerName", None, ("Image4ArtifactName",), None),
    ("CloudFormationStackSet", "DeploymentTargets", None, ("Regions",), "warning"),
    ("CloudFormationStackSet", "Regions", None, ("DeploymentTargets",), "warning"),
    ("StepFunctions", "InputType", "FilePath", ("Input",), "warning"),
    ("InspectorScan", "InspectorRunMode", "ECRImageScan", ("ECRRepositoryName", "ImageTag"), "warning"),
    ("CodeBuild", "CombineArtifacts", "true", ("BatchEnabled",), "warning"),
    ("EKS", "HelmReleaseName", None, ("HelmChartLocation",), "warning"),
    ("EKS", "HelmChartLocation", None, ("HelmReleaseName",), "warning"),
    ("EKS", "ManifestFiles", _ABSENT, ("HelmChartLocation",), "warning"),
    ("EC2", "TargetDirectory", None, ("PostScript",), "warning"),
    ("EC2", "DeploySpec", _ABSENT, ("TargetDirectory",), "warning"),
    ("ServiceCatalog", "ConfigurationFilePath", _ABSENT, ("TemplateFilePath", "ProductVersionName"), "warning"),
    ("Deploy/Lambda", "DeployStrategy", None, ("FunctionAlias",), "warning"),
)


@check("missing-conditional-key")
def missing_conditional_key(action: Action) -> Iterator[Finding]:
    """A configuration key that the other ones make necessary."""
    known = known_provider(action)
    if known is None or not action.configuration_known:
        return
    if known.name == "CloudFormation":
        yield from _mode_needs(action)
    if known.name == "Commands" and action.get("commands") is None:
        key = action.spelled("commands")
        said = (
            f"a `Commands` action needs `{key}`, a list beside its name (`Action {action.name} must have a non-empty "
            "commands field`)"
        )
        yield Finding(action.place_of_name, said)
    for provider, key, value, needed, weaker in _NEEDS:
        if provider not in (known.name, f"{known.category}/{known.name}") or not _asks(action, key, value):
            continue
        for each in needed:
            if each not in action.configuration:
                yield Finding(
                    action.configuration[key].span if key in action.configuration else action.place_of_configuration,
                    f"without `{key}` the action needs `{each}`; add it"
                    if value == _ABSENT
                    else f"`{key}{f': {value}' if value else ''}` needs `{each}` beside it; add it",
                    severity=weaker,
                )


def _mode_needs(action: Action) -> Iterator[Finding]:
    mode = action.setting("ActionMode") or ""
    missing = [key for key in _MODE_NEEDS.get(mode, ()) if key not in action.configuration]
    if missing:
        each = " and ".join(f"`{key}`" for key in missing)
        # The reference calls RoleArn required; whether CodePipeline refuses an action without it is not proven.
        level: Severity | None = "warning" if missing == ["RoleArn"] else None
        what = ", the role that CloudFormation takes on to make the stack" if missing == ["RoleArn"] else " beside it"
        it = "them" if len(missing) > 1 else "it"
        yield Finding(action.configuration["ActionMode"].span, f"`{mode}` needs {each}{what}; add {it}", severity=level)


def _asks(action: Action, key: str, value: str | None) -> bool:
    """Whether a key stands there, with the value if one is asked for; or, for `_ABSENT`, does not stand there."""
    if key not in action.configuration or value == _ABSENT:
        return value == _ABSENT and key not in action.configuration
    written = action.setting(key) or ""
    return value is None or value in (written, written.lower())


@check("ignored-configuration-key")
def ignored_configuration_key(action: Action) -> Iterator[Finding]:
    """A configuration key that the action's mode takes and does nothing with."""
    if action.provider != "CloudFormation":
        return
    mode = action.setting("ActionMode") or ""
    table = action.get("configuration")
    for entry in table.entries if isinstance(table, Mapping) else ():
        if entry.name in _MODE_IGNORES.get(mode, ()):
            they = "they come" if entry.name.endswith("s") else "it comes"
            where = f" ({they} from the step that made the change set)" if mode == "CHANGE_SET_EXECUTE" else ""
            yield Finding(entry.key.span, f"`{mode}` ignores `{entry.name}`{where}; drop it")


@check("wrong-configuration-value")
def wrong_configuration_value(action: Action) -> Iterator[Finding]:
    """A configuration value that is none of those its key takes."""
    known = known_provider(action)
    if known is None or known.keys is None:
        return
    for name, node in action.configuration.items():
        key = known.keys.get(name)
        text = symbolic(node, action.place.names)
        if key is None or text is None or not is_known(text) or "#{" in text or is_intrinsic(node):
            continue
        if key.form == "boolean" and isinstance(node, Scalar) and scalars.kind(node) == "boolean":
            continue
        said = _wrong(name, key, text)
        if said:
            blanks = ",".join(word.strip() for word in text.split(","))
            fix = respell(action.text, node, blanks, "safe") if key.form == "list" and blanks in said else None
            yield Finding(node.span, said, fix=fix)


def _wrong(name: str, key: Key, text: str) -> str | None:
    match key.form:
        case "boolean" if text.lower() not in ("true", "false"):
            return f"`{name}` cannot be `{text}`; it is `true` or `false`"
        case "integer":
            low, high = map(int, key.words)
            if not re.fullmatch(r"\s*\d{1,9}\s*", text) or not low <= int(text) <= high:
                return f"`{name}` cannot be `{text}`; it is a whole number from {low} to {high}"
        case "one" if text not in key.words:
            hint = nearest(text, key.words)
            return f"`{name}` cannot be `{text}`; " + (
                f"did you mean `{hint}`?" if hint else f"it is {listed(key.words)}"
            )
        case "list":
            words = [word.strip() for word in text.split(",")]
            wrong = next((word for word in words if word not in key.words), None)
            if wrong is not None:
                hint = nearest(wrong, key.words)
                return f"`{name}` cannot hold `{wrong}`; " + (
                    f"did you mean `{hint}`?" if hint else f"it holds {listed(key.words)}"
                )
            if any(word != word.strip() for word in text.strip().split(",")):
                return f"`{name}` is a list with commas and no blanks; write `{','.join(words)}`"
    return None


@check("output-file-without-artifact")
def output_file_without_artifact(action: Action) -> Iterator[Finding]:
    """A CloudFormation action whose output file has no artifact to go to."""
    node = action.configuration.get("OutputFileName")
    if action.provider == "CloudFormation" and node is not None and action.get("outputArtifacts") is None:
        yield Finding(
            node.span,
            f"the stack's outputs are written to this file only when the action has an artifact for it; add "
            f"`{action.spelled('outputArtifacts')}`, or drop `OutputFileName`",
        )


@check("artifact-without-output-file")
def artifact_without_output_file(pipeline: Pipeline) -> Iterator[Finding]:
    """A CloudFormation action with an output artifact that nothing is written to, although another action takes it."""
    taken = {wanted.name: action for action in pipeline.actions for wanted in action.inputs}
    for action in pipeline.actions:
        if action.provider != "CloudFormation" or not action.configuration_known:
            continue
        for artifact in action.outputs if "OutputFileName" not in action.configuration else ():
            if artifact.name in taken:
                consumer = taken[artifact.name]
                yield Finding(
                    artifact.span,
                    f"nothing is written to `{artifact.name}`, which `{consumer.name}` takes, without an "
                    "`OutputFileName` for the stack's outputs; add it to the configuration",
                    related=(Related(consumer.place_of_name, "who takes it"),),
                )


@check("timeout-on-action")
def timeout_on_action(action: Action) -> Iterator[Finding]:
    """A timeout on an action that is no manual approval."""
    if action.get("timeoutInMinutes") is not None and action.category not in ("Approval", ""):
        yield Finding(
            action.key_span("timeoutInMinutes"),
            f"`{action.spelled('timeoutInMinutes')}` works on manual approvals only; set the timeout of the "
            f"{'CodeBuild project' if action.provider == 'CodeBuild' else 'thing that the action runs'} instead",
        )


@check("multi-line-command")
def multi_line_command(action: Action) -> Iterator[Finding]:
    """A command of a Commands action that spans lines."""
    commands = action.get("commands")
    for item in commands.items if isinstance(commands, Sequence) else ():
        if isinstance(item, Scalar) and "\n" in item.value.strip():
            yield Finding(item.span, "a command of a `Commands` action is one line; make each line an item of its own")


@check("inspector-scan-without-threshold")
def inspector_scan_without_threshold(action: Action) -> Iterator[Finding]:
    """A scan that reports and never fails."""
    if action.provider != "InspectorScan" or not action.configuration_known:
        return
    if not any(key.endswith("Threshold") for key in action.configuration):
        yield Finding(
            action.place_of_configuration,
            "without a threshold the scan never fails the pipeline; set `CriticalThreshold` and `HighThreshold` to the "
            "number of findings that is still acceptable",
        )


@check("public-object-acl")
def public_object_acl(action: Action) -> Iterator[Finding]:
    """A deployment to S3 that makes every object public."""
    node = action.configuration.get("CannedACL")
    acl = action.setting("CannedACL")
    if action.provider == "S3" and node is not None and acl in ("public-read", "public-read-write"):
        yield Finding(
            node.span,
            f"`{acl}` makes every deployed object public by itself, and new buckets refuse it, for their ACLs are off; "
            "leave it out and let CloudFront read the bucket with an origin access control",
        )
