"""Checks of what holds sources and artifacts: buckets, image, package and code repositories.

Whether an S3 source's bucket keeps versions is said with the pipeline.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from cilint.catalog.nearest import nearest
from cilint.core.finding import Finding, Related
from cilint.core.nearest import listed as words
from cilint.core.rule import check
from cilint.core.schema import shown
from cilint.model.intrinsics import intrinsic, is_known, listed, resolve, symbolic
from cilint.model.policy import RESOURCE, Policy, Statement
from cilint.model.template import Resource, Template
from cilint.source.nodes import Mapping, Node, Scalar

_OPEN_ACLS: Final = {
    "PublicRead": "everybody reads",
    "PublicReadWrite": "everybody reads and writes",
    "AuthenticatedRead": "every user of any AWS account reads",
}
_BLOCKS: Final = ("BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets")
_READING: Final = ("batchget", "batchcheck", "get", "describe", "list", "read")
_REGISTRIES: Final = {"ecr": "image repository", "codeartifact": "CodeArtifact domain or repository"}
_NAMES: Final = {
    # Type, property: pattern (botocore's service models), and its words.
    ("AWS::ECR::Repository", "RepositoryName"): (
        r"(?=.{2,256}$)[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*(?:/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*",
        "2 to 256 lower-case letters, digits and single `.`, `_`, `-`, `/` between them",
    ),
    ("AWS::CodeArtifact::Domain", "DomainName"): (
        r"[a-z][a-z0-9-]{0,48}[a-z0-9]",
        "2 to 50 lower-case letters, digits and hyphens, the first a letter",
    ),
    ("AWS::CodeArtifact::Repository", "RepositoryName"): (
        r"[A-Za-z0-9][A-Za-z0-9._-]{1,99}",
        "2 to 100 letters, digits, `.`, `_`, `-`, the first a letter or digit",
    ),
    ("AWS::CodeCommit::Repository", "RepositoryName"): (r"[\w.-]{1,100}", "1 to 100 letters, digits, `.`, `_`, `-`"),
}
_CONNECTIONS: Final = (
    ("public:npmjs", "public:pypi", "public:maven-central", "public:maven-googleandroid", "public:maven-gradleplugins")
    + ("public:maven-commonsware", "public:maven-clojars", "public:nuget-org", "public:ruby-gems-org")
    + ("public:crates-io",)
)
_TRIGGER_EVENTS: Final = ("all", "updateReference", "createReference", "deleteReference")


def _ref(node: Node | None) -> str:
    """The logical id that a `Ref` names, empty where it is none."""
    called = intrinsic(node)
    return called.argument.value if called and called.name == "Ref" and isinstance(called.argument, Scalar) else ""


def _artifact_bucket(resource: Resource) -> bool:
    """Whether a pipeline of the template keeps its artifacts in this bucket."""
    return resource.type == "AWS::S3::Bucket" and any(
        resource.logical_id == _ref(node) for node in _stores(resource.template)
    )


def _stores(template: Template) -> Iterator[Node | None]:
    for pipeline in template.of_type("AWS::CodePipeline::Pipeline"):
        yield pipeline.property("ArtifactStore.Location")
        for choice in listed(pipeline.property("ArtifactStores")):
            store = choice.node.get("ArtifactStore") if isinstance(choice.node, Mapping) else None
            yield store.get("Location") if isinstance(store, Mapping) else None


@check("public-artifact-bucket")
def public_artifact_bucket(resource: Resource) -> Iterator[Finding]:
    """A bucket with a pipeline's artifacts that everybody gets in."""
    if not _artifact_bucket(resource):
        return
    acl = resource.property("AccessControl")
    text = resolve(acl, resource.template)
    if acl is not None and isinstance(text, str) and text in _OPEN_ACLS:
        yield Finding(
            acl.span,
            f"{_OPEN_ACLS[text]} the pipeline's artifacts, which hold the sources and what is deployed; take "
            "`AccessControl` away",
        )
    for policy in resource.template.of_type("AWS::S3::BucketPolicy"):
        document = policy.property("PolicyDocument")
        if _ref(policy.property("Bucket")) == resource.logical_id and isinstance(document, Mapping):
            for statement in Policy(document, resource.text, RESOURCE).statements:
                everybody = _everybody(statement)
                if everybody is not None:
                    yield Finding(
                        everybody.span,
                        "this lets everybody in where the pipeline's artifacts lie, sources and what is deployed; name "
                        "the accounts or roles",
                        related=(Related(resource.key.span, "the bucket"),),
                    )


def _everybody(statement: Statement) -> Node | None:
    """The principal of an Allow statement that lets everybody in, without a condition on who or from where."""
    if not statement.allows:
        return None
    if isinstance(statement.principal, Scalar):
        found: Node | None = statement.principal if statement.principal.value == "*" else None
    else:
        found = next((value.node for value in statement.principals("AWS") if value.text == "*"), None)
    if found is None:
        return None
    from cilint.checks.iam.principals import says_who  # brings the catalogue of IAM, which few templates need here

    return None if says_who(statement) else found


@check("public-repository-policy")
def public_repository_policy(statement: Statement) -> Iterator[Finding]:
    """A policy of a repository for images or packages that lets every AWS account in."""
    if statement.policy.role != RESOURCE or any(value.text.strip("*") for value in statement.resource_values):
        return
    services = {value.text.partition(":")[0].lower() for value in statement.action_values}
    service = services.pop() if len(services) == 1 else ""
    everybody = _everybody(statement) if service in _REGISTRIES else None
    if everybody is not None:
        does = "pull from" if _only_reads(statement) else "use"
        yield Finding(
            everybody.span,
            f"any AWS account may {does} this {_REGISTRIES[service]}; name the accounts, or test `aws:PrincipalOrgID`",
        )


def _only_reads(statement: Statement) -> bool:
    names = [value.text.partition(":")[2].lower() for value in statement.action_values]
    return all(name.startswith(_READING) for name in names)


@check("repository-name-refused")
def repository_name_refused(resource: Resource) -> Iterator[Finding]:
    """A name of a repository or domain that AWS refuses."""
    for (type_, key), (pattern, form) in _NAMES.items():
        node = resource.property(key) if resource.type == type_ else None
        text = symbolic(node)
        if node is None or text is None or not is_known(text) or re.fullmatch(pattern, text):
            continue
        lower = text.lower()
        hint = f"; write `{lower}`" if re.fullmatch(pattern, lower) else ""
        yield Finding(node.span, f"AWS refuses the name `{shown(text)}`: it must be {form}{hint}")


@check("external-connection-unknown")
def external_connection_unknown(resource: Resource) -> Iterator[Finding]:
    """An external connection of a CodeArtifact repository that there is not."""
    if resource.type != "AWS::CodeArtifact::Repository":
        return
    for choice in listed(resource.property("ExternalConnections")):
        text = symbolic(choice.node)
        if text is None or not is_known(text) or text in _CONNECTIONS:
            continue
        near = nearest(text, _CONNECTIONS) or next((c for c in _CONNECTIONS if c.partition(":")[2] == text), None)
        if near is not None:
            yield Finding(choice.node.span, f"there is no connection `{shown(text)}`; write `{near}`")
        else:
            said = f"`{shown(text)}` is not known to be an external connection; known are {words(_CONNECTIONS)}"
            yield Finding(choice.node.span, said, severity="note", confidence="low")


@check("repository-trigger-event")
def repository_trigger_event(resource: Resource) -> Iterator[Finding]:
    """An event of a CodeCommit trigger that there is not, or that stands beside `all`."""
    if resource.type != "AWS::CodeCommit::Repository":
        return
    for choice in listed(resource.property("Triggers")):
        node = choice.node.get("Events") if isinstance(choice.node, Mapping) else None
        found = [(each.node, text) for each in listed(node) if is_known(text := symbolic(each.node)) and text]
        for event, text in found:
            if text not in _TRIGGER_EVENTS:
                near = nearest(text, _TRIGGER_EVENTS)
                hint = f"write `{near}`" if near else f"it is one of {words(_TRIGGER_EVENTS)}"
                yield Finding(event.span, f"CodeCommit refuses the event `{shown(text)}` of a trigger; {hint}")
            elif text == "all" and len(found) > 1:
                yield Finding(event.span, "`all` stands alone; leave out the other events", severity="warning")


_ENDED: Final = {
    # Beginning of the type: what happened, and the way out. AWS's own notices in the services' documentation.
    "AWS::CodeGuruReviewer::": (
        "CodeGuru Reviewer takes no new repositories since November 2025",
        "review with Amazon Q Developer or Amazon Inspector",
    ),
    "AWS::OpsWorks::": ("OpsWorks Stacks ended in May 2024", "deploy with CodeDeploy or Systems Manager"),
}


@check("retired-service")
def retired_service(resource: Resource) -> Iterator[Finding]:
    """The template's first resource of a service that ended, or takes no new ones."""
    for beginning, (happened, instead) in _ENDED.items():
        if not resource.type.startswith(beginning) or resource.type_node is None:
            continue
        first = next(each for each in resource.template.resources if each.type.startswith(beginning))
        if first.logical_id == resource.logical_id:
            yield Finding(
                resource.type_node.span, f"{happened}, so a stack with it can no longer be created; {instead}"
            )


@check("artifact-bucket-open-to-public-settings")
def artifact_bucket_open_to_public_settings(resource: Resource) -> Iterator[Finding]:
    """A bucket with a pipeline's artifacts where public access is not blocked by the template itself."""
    if not _artifact_bucket(resource) or _unknown_properties(resource):
        return
    block = resource.property("PublicAccessBlockConfiguration")
    if block is None:
        yield Finding(resource.key.span, "the template does not block public access to the pipeline's artifacts")
        return
    for name in _BLOCKS:
        node = block.get(name) if isinstance(block, Mapping) else None
        if isinstance(node, Scalar) and node.value.lower() in ("false", "no"):
            yield Finding(node.span, f"`{name}` is off where the pipeline's artifacts lie; set it to `true`")


@check("artifact-bucket-without-key")
def artifact_bucket_without_key(resource: Resource) -> Iterator[Finding]:
    """A bucket with a pipeline's artifacts that no key of the own encrypts."""
    if not _artifact_bucket(resource) or _unknown_properties(resource):
        return
    encryption = resource.property("BucketEncryption")
    if encryption is None:
        yield Finding(
            resource.key.span,
            "the pipeline's artifacts are encrypted with S3's own key; name yours in `BucketEncryption`",
        )


@check("artifact-bucket-without-lifecycle")
def artifact_bucket_without_lifecycle(resource: Resource) -> Iterator[Finding]:
    """A bucket with a pipeline's artifacts that keeps them for ever."""
    if not _artifact_bucket(resource) or _unknown_properties(resource):
        return
    if resource.property("LifecycleConfiguration") is None:
        yield Finding(
            resource.key.span,
            "the artifacts of every execution are kept for ever; let them expire with a `LifecycleConfiguration`",
        )


@check("artifact-bucket-unversioned")
def artifact_bucket_unversioned(resource: Resource) -> Iterator[Finding]:
    """A bucket with a pipeline's artifacts that keeps no versions."""
    if not _artifact_bucket(resource) or _unknown_properties(resource):
        return
    if resource.property("VersioningConfiguration") is None:
        yield Finding(
            resource.key.span,
            "an artifact that is overwritten or deleted is gone; add `VersioningConfiguration: {Status: Enabled}`",
        )


def _unknown_properties(resource: Resource) -> bool:
    """Whether properties come from elsewhere: `Fn::Transform`, a function in their place."""
    if resource.properties is None:
        return resource.get("Properties") is not None
    return any(entry.name.startswith("Fn::") for entry in resource.properties.entries)


@check("image-tags-mutable")
def image_tags_mutable(resource: Resource) -> Iterator[Finding]:
    """An image repository whose tags may be moved to other images."""
    if resource.type != "AWS::ECR::Repository" or _unknown_properties(resource):
        return
    node = resource.property("ImageTagMutability")
    text = "MUTABLE" if node is None else symbolic(node)
    if text == "MUTABLE":
        yield Finding(
            node.span if node is not None else resource.key.span,
            "a tag can be pushed again, and a deployment by tag then takes another image; set `ImageTagMutability: "
            "IMMUTABLE`",
        )


@check("image-scan-off")
def image_scan_off(resource: Resource) -> Iterator[Finding]:
    """An image repository whose images are not scanned when they are pushed."""
    if resource.type != "AWS::ECR::Repository" or _unknown_properties(resource):
        return
    node = resource.property("ImageScanningConfiguration.ScanOnPush")
    text = "false" if resource.property("ImageScanningConfiguration") is None else (symbolic(node) or "").lower()
    if text in ("false", "no"):
        yield Finding(
            node.span if node is not None else resource.key.span,
            "images are not scanned when they are pushed, unless the registry's own settings do it; set `ScanOnPush: "
            "true`",
        )


@check("images-kept-for-ever")
def images_kept_for_ever(resource: Resource) -> Iterator[Finding]:
    """An image repository without a rule that removes old images."""
    if resource.type != "AWS::ECR::Repository" or _unknown_properties(resource):
        return
    if resource.property("LifecyclePolicy") is None:
        yield Finding(resource.key.span, "every image is kept, and paid for; remove old ones with a `LifecyclePolicy`")
