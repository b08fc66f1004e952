"""Checks of the resources around build projects in a template: source credentials, report groups, fleets."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from cilint.catalog.codebuild_images import ENVIRONMENTS, has_size
from cilint.core.finding import Finding
from cilint.core.nearest import listed, nearest
from cilint.core.rule import check
from cilint.model.template import Resource
from cilint.source.nodes import Mapping, Node, Scalar


def _text(node: Node | None) -> str:
    """What is written there; empty for a function and for a reference to a secret."""
    if isinstance(node, Scalar) and node.tag is None and "{{" not in node.value:
        return node.value
    return ""


@check("source-credential-in-template")
def source_credential_in_template(resource: Resource) -> Iterator[Finding]:
    """A token for a Git host that stands in the template."""
    if resource.type != "AWS::CodeBuild::SourceCredential":
        return
    token, kind = resource.property("Token"), _text(resource.property("AuthType"))
    if token is not None and _text(token) and kind not in ("CODECONNECTIONS", "SECRETS_MANAGER"):
        yield Finding(
            token.span,
            "the token stands in the template, readable for everybody who can read it; revoke it, keep it in Secrets "
            "Manager and write `{{resolve:secretsmanager:…}}`, or use a connection (`CODECONNECTIONS`)",
        )


@check("report-group-export")
def report_group_export(resource: Resource) -> Iterator[Finding]:
    """Reports that are exported without a place, or without encryption."""
    if resource.type != "AWS::CodeBuild::ReportGroup":
        return
    export, place = resource.property("ExportConfig"), resource.property("ExportConfig.S3Destination")
    kind = resource.property("ExportConfig.ExportConfigType")
    if isinstance(export, Mapping) and _text(kind) == "S3" and place is None and kind is not None:
        yield Finding(kind.span, "an export to S3 needs to know where; add `S3Destination` with its `Bucket`")
    off = place.get("EncryptionDisabled") if isinstance(place, Mapping) else None
    if off is not None and _text(off).lower() == "true":
        yield Finding(off.span, "this turns the encryption of the exported reports off, which costs nothing; remove it")


@check("fleet-compute-type")
def fleet_compute_type(resource: Resource) -> Iterator[Finding]:
    """A fleet of an environment that fleets do not have, or of a size that the environment does not have."""
    if resource.type != "AWS::CodeBuild::Fleet":
        return
    kind, size = resource.property("EnvironmentType"), resource.property("ComputeType")
    environment = _text(kind)
    if kind is not None and environment.endswith("_LAMBDA_CONTAINER"):
        yield Finding(kind.span, "Lambda compute is not reserved: a fleet has another environment type")
    elif size is not None and environment and has_size(environment, _text(size)) is False:
        yield Finding(
            size.span, f"`{environment}` is not known to have `{_text(size)}`; see the guide's table of compute types"
        )


_VALUES: Final = {
    "AWS::CodeBuild::Fleet": (
        ("EnvironmentType", ENVIRONMENTS),
        ("OverflowBehavior", ("QUEUE", "ON_DEMAND")),
    ),
    "AWS::CodeBuild::ReportGroup": (
        ("Type", ("TEST", "CODE_COVERAGE")),
        ("ExportConfig.ExportConfigType", ("S3", "NO_EXPORT")),
        ("ExportConfig.S3Destination.Packaging", ("ZIP", "NONE")),
    ),
    "AWS::CodeBuild::SourceCredential": (
        ("ServerType", ("GITHUB", "BITBUCKET", "GITHUB_ENTERPRISE", "GITLAB", "GITLAB_SELF_MANAGED")),
        ("AuthType", ("OAUTH", "BASIC_AUTH", "PERSONAL_ACCESS_TOKEN", "CODECONNECTIONS", "SECRETS_MANAGER")),
    ),
}
"""Values of properties (CodeBuild API reference: Fleet, ReportGroup, ImportSourceCredentials)."""


@check("codebuild-resource-wrong-value")
def codebuild_resource_wrong_value(resource: Resource) -> Iterator[Finding]:
    """A value that a fleet, a report group or a source credential does not take."""
    for path, values in _VALUES.get(resource.type, ()):
        node = resource.property(path)
        text = _text(node)
        if node is not None and text and text not in values:
            near = nearest(text, values)
            advice = f"did you mean `{near}`?" if near else f"allowed: {listed(values)}"
            yield Finding(node.span, f"`{path}` cannot be `{text}`; {advice}")
    capacity = resource.property("BaseCapacity") if resource.type == "AWS::CodeBuild::Fleet" else None
    if capacity is not None and _text(capacity).strip() == "0":
        yield Finding(capacity.span, "a fleet has at least one machine; `BaseCapacity` cannot be 0")
