"""Checks of a project's other settings: source and artifacts, cache, network, logs, encryption, batches."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from cilint.checks.codebuild.environments import is_true
from cilint.core.context import Context
from cilint.core.finding import Finding, Related
from cilint.core.rule import check
from cilint.delivery.world import buildspec_named
from cilint.model.intrinsics import is_intrinsic, listed, symbolic
from cilint.model.project import Project
from cilint.model.spelling import Spelled
from cilint.source.nodes import Mapping, Scalar
from cilint.source.text import Span


def _span(view: Spelled, key: str) -> Span:
    node = view.get(key)
    return node.span if node is not None else view.span


@check("codepipeline-half")
def codepipeline_half(project: Project) -> Iterator[Finding]:
    """A project that takes its source from a pipeline and gives its artifacts elsewhere, or the other way."""
    source, artifacts = project.source, project.artifacts
    come = source.known("type") if source is not None else None
    go = artifacts.known("type") if artifacts is not None else None
    if source is None or artifacts is None or not come or not go:
        return
    if (come.upper() == "CODEPIPELINE") == (go.upper() == "CODEPIPELINE"):
        return
    yield Finding(
        _span(artifacts, "type"),
        f"the source is `{come}` and the artifacts are `{go}`; "
        + (
            "a project of a pipeline gives them to it: write `CODEPIPELINE` here, too"
            if come.upper() == "CODEPIPELINE"
            else "if a pipeline runs this project, the source has to be `CODEPIPELINE`, too; else write `S3` or "
            "`NO_ARTIFACTS` here"
        ),
        related=(Related(_span(source, "type"), "the source"),),
    )


@check("secondary-artifact-type")
def secondary_artifact_type(project: Project) -> Iterator[Finding]:
    """Secondary artifacts for a pipeline, which takes them through the project's only type."""
    for artifacts in project.children("secondaryArtifacts", Spelled):
        if artifacts.known("type") == "CODEPIPELINE":
            yield Finding(
                _span(artifacts, "type"),
                "secondary artifacts of a project go to S3; a pipeline names its outputs in the action, and the "
                "buildspec under `secondary-artifacts`",
            )


_HOSTS: Final = ("GITHUB", "GITHUB_ENTERPRISE", "BITBUCKET", "GITLAB", "GITLAB_SELF_MANAGED", "CODECOMMIT", "S3")


@check("incomplete-source")
def incomplete_source(project: Project) -> Iterator[Finding]:
    """A source without its place, or without the buildspec that it cannot bring."""
    source = project.source
    kind = source.known("type") if source is not None else None
    if source is not None and kind == "NO_SOURCE" and project.inline is None:
        key = "BuildSpec" if project.place.upper else "buildspec"
        spec = source.node.get(key) if isinstance(source.node, Mapping) else None
        if spec is None or (isinstance(spec, Scalar) and spec.tag is None and not spec.value.startswith("arn:")):
            yield Finding(
                spec.span if spec is not None else _span(source, "type"),
                f"without a source there is no file to take the buildspec from; write it here, as the text of `{key}`",
            )
    for each in (source, *project.children("secondarySources", Spelled)):
        wanted = each.known("type") if each is not None else None
        if each is not None and wanted in _HOSTS and each.get("location") is None:
            yield Finding(
                _span(each, "type"),
                f"a source of the type `{wanted}` needs a `{each.spelled('location')}`; add it",
            )
    yield from _unnamed(project, "secondarySources", "sourceIdentifier")


@check("buildspec-not-found")
def buildspec_not_found(project: Project, context: Context) -> Iterator[Finding]:
    """A buildspec that the repository has under a name which only looks like it."""
    source = project.source
    wanted, paths = buildspec_named(project, context)
    if source is None or not wanted or not paths:
        return
    base = wanted.rpartition("/")[2]
    if any(each.rpartition("/")[2] == base for each in paths):
        return
    stem = base.rpartition(".")[0].lower()
    like = [each for each in paths if each.rpartition("/")[2].rpartition(".")[0].lower() == stem]
    if len(like) == 1:
        key = "BuildSpec" if project.place.upper else "buildspec"
        node = source.node.get(key) if isinstance(source.node, Mapping) else None
        yield Finding(
            node.span if node is not None else project.key_span("source"),
            f"the repository has no `{base}`, which this project "
            + ("names" if node is not None else "takes, since it names none")
            + f", but `{like[0]}` (`YAML_FILE_ERROR Message: YAML file does not exist`); name that one",
        )


@check("incomplete-artifacts")
def incomplete_artifacts(project: Project) -> Iterator[Finding]:
    """Artifacts for S3 without a bucket, or secondary ones without an identifier."""
    for each in (project.artifacts, *project.children("secondaryArtifacts", Spelled)):
        if each is not None and each.known("type") == "S3" and each.get("location") is None:
            yield Finding(
                _span(each, "type"), f"artifacts in S3 need a bucket; add its name as `{each.spelled('location')}`"
            )
    yield from _unnamed(project, "secondaryArtifacts", "artifactIdentifier")


def _unnamed(project: Project, key: str, identifier: str) -> Iterator[Finding]:
    """The items of a list that lack what tells them apart."""
    for each in project.children(key, Spelled):
        if each.get(identifier) is None and not is_intrinsic(each.node):
            yield Finding(each.span, f"each of `{project.spelled(key)}` needs a `{each.spelled(identifier)}`; add it")


@check("file-system-without-vpc")
def file_system_without_vpc(project: Project) -> Iterator[Finding]:
    """A file system that the build cannot reach or mount."""
    if project.get("fileSystemLocations") is None:
        return
    if project.get("vpcConfig") is None:
        yield Finding(
            project.key_span("fileSystemLocations"),
            f"a file system is reached through its VPC; add `{project.spelled('vpcConfig')}`",
        )
    environment = project.environment
    if environment is not None and environment.get("privilegedMode") is None and environment.get("fleet") is None:
        yield Finding(
            project.key_span("fileSystemLocations"),
            f"mounting a file system needs privileged mode; set `{environment.spelled('privilegedMode')}`",
        )


@check("incomplete-cache")
def incomplete_cache(project: Project) -> Iterator[Finding]:
    """A cache without what its type needs."""
    cache = project.cache
    kind = cache.known("type") if cache is not None else None
    if cache is None:
        return
    if kind == "S3" and cache.get("location") is None:
        yield Finding(_span(cache, "type"), "a cache in S3 needs a `location`: `bucket/prefix`")
    if kind == "LOCAL" and cache.get("modes") is None:
        yield Finding(
            _span(cache, "type"),
            "a local cache needs `modes`: LOCAL_SOURCE_CACHE, LOCAL_DOCKER_LAYER_CACHE, LOCAL_CUSTOM_CACHE",
        )
    modes = [getattr(item, "value", "") for item in getattr(cache.get("modes"), "items", ())]
    environment = project.environment
    if "LOCAL_DOCKER_LAYER_CACHE" in modes and environment is not None:
        given = environment.get("privilegedMode")
        if given is None or (not is_intrinsic(given) and environment.known("privilegedMode") in ("false", "False")):
            yield Finding(
                _span(cache, "modes"),
                "the cache of Docker layers needs privileged mode; set `privilegedMode`, or leave the mode out",
            )


@check("incomplete-vpc")
def incomplete_vpc(project: Project) -> Iterator[Finding]:
    """A network of which a part is missing, or for an environment that has none."""
    vpc, environment = project.child("vpcConfig", Spelled), project.environment
    if vpc is None or not isinstance(vpc.node, Mapping) or not vpc.node.entries:
        return
    missing = [vpc.spelled(key) for key in ("vpcId", "subnets", "securityGroupIds") if vpc.get(key) is None]
    if missing:
        yield Finding(project.key_span("vpcConfig"), f"a VPC configuration needs all of its parts; add `{missing[0]}`")
    kind = environment.known("type") if environment is not None else None
    if kind and kind.endswith("_LAMBDA_CONTAINER"):
        yield Finding(
            project.key_span("vpcConfig"), "Lambda compute has no VPC; remove it, or take another environment type"
        )


@check("public-subnet")
def public_subnet(project: Project) -> Iterator[Finding]:
    """A subnet of the template that gives public addresses, which builds do not get."""
    vpc, template = project.child("vpcConfig", Spelled), project.resource.template if project.resource else None
    for each in listed(vpc.get("subnets")) if vpc is not None and template is not None else ():
        name = (symbolic(each.node) or "").removeprefix("${").removesuffix("}")
        subnet = template.resource(name) if template is not None else None
        public = subnet.property("MapPublicIpOnLaunch") if subnet is not None else None
        if isinstance(public, Scalar) and public.value.lower() == "true":
            yield Finding(
                each.node.span,
                f"`{name}` is a public subnet, and builds have no public address, so they reach nothing outside of the "
                "VPC; take a private subnet with a NAT gateway",
            )


@check("lambda-compute-limit")
def lambda_compute_limit(project: Project) -> Iterator[Finding]:
    """Settings and commands that Lambda compute does not have."""
    environment = project.environment
    kind = environment.known("type") if environment is not None else None
    if not kind or not kind.endswith("_LAMBDA_CONTAINER"):
        return
    for key, what in (
        ("timeoutInMinutes", "has a fixed timeout of 15 minutes"),
        ("queuedTimeoutInMinutes", "has no queue"),
        ("fileSystemLocations", "mounts no file systems"),
    ):
        if project.get(key) is not None:
            yield Finding(project.key_span(key), f"Lambda compute {what}; remove `{project.spelled(key)}`")
    if project.cache is not None and project.cache.known("type") in ("S3", "LOCAL"):
        yield Finding(project.key_span("cache"), "Lambda compute has no cache; remove it")


@check("unencrypted-output")
def unencrypted_output(project: Project) -> Iterator[Finding]:
    """Artifacts or logs whose encryption is turned off."""
    logs = project.child("logsConfig", Spelled)
    places = [project.artifacts, *project.children("secondaryArtifacts", Spelled)]
    places.append(logs.child("s3Logs", Spelled) if logs is not None else None)
    for place in places:
        if place is not None and is_true(place, "encryptionDisabled"):
            where = _span(place, "encryptionDisabled")
            if place.known("type") == "CODEPIPELINE":
                message = "this is for artifacts in S3, and a pipeline encrypts its own whatever it says; remove it"
                yield Finding(where, message, severity="note")
            else:
                yield Finding(
                    where,
                    f"`{place.spelled('encryptionDisabled')}: true` turns CodeBuild's own encryption off, and what is "
                    "left is S3's default; it saves nothing; remove it",
                )


@check("insecure-source")
def insecure_source(project: Project) -> Iterator[Finding]:
    """A source that is fetched without looking at the host's certificate."""
    for source in (project.source, *project.children("secondarySources", Spelled)):
        if source is None:
            continue
        if is_true(source, "insecureSsl"):
            yield Finding(
                _span(source, "insecureSsl"),
                "without the check of the certificate anyone on the way can answer with a source of his own; remove it",
            )
        location = source.known("location") or ""
        user = location.partition("://")[2].partition("/")[0].rpartition("@")[0]
        if ":" in user:
            yield Finding(
                _span(source, "location"),
                "the address holds a password or token in plain text; revoke it, and use a connection",
            )


@check("legacy-source-credential")
def legacy_source_credential(project: Project) -> Iterator[Finding]:
    """Credentials of the older kind."""
    for source in (project.source, *project.children("secondarySources", Spelled)):
        auth = source.child("auth", Spelled) if source is not None else None
        if auth is not None and auth.known("type") == "OAUTH":
            yield Finding(
                _span(auth, "type"),
                "OAUTH is the older kind of source credentials, one for all projects of the account and Region; use a "
                "connection: `CODECONNECTIONS`",
            )


@check("no-logs")
def no_logs(project: Project) -> Iterator[Finding]:
    """A project that keeps no logs at all."""
    logs = project.child("logsConfig", Spelled)
    watch = logs.child("cloudWatchLogs", Spelled) if logs is not None else None
    bucket = logs.child("s3Logs", Spelled) if logs is not None else None
    if logs is None or watch is None or watch.known("status") != "DISABLED":
        return
    if logs.get("s3Logs") is None or (bucket is not None and bucket.known("status") == "DISABLED"):
        yield Finding(_span(watch, "status"), _KEPT_NOWHERE)


_KEPT_NOWHERE: Final = "no log of this build is kept, neither in CloudWatch nor in S3; set one of them to `ENABLED`"


@check("public-project")
def public_project(project: Project) -> Iterator[Finding]:
    """A project whose builds everybody may see."""
    key = "visibility" if project.place.upper else "projectVisibility"
    if project.known(key) == "PUBLIC_READ":
        artifacts = project.artifacts
        what = "" if artifacts is not None and artifacts.known("type") == "NO_ARTIFACTS" else " and artifacts"
        yield Finding(
            _span(project, key),
            f"everybody may read the logs{what} of this project's builds, those of the past included; make sure that "
            "none holds a secret",
        )


@check("batch-role-is-build-role")
def batch_role_is_build_role(project: Project) -> Iterator[Finding]:
    """A batch that runs with the builds' own role."""
    batch = project.child("buildBatchConfig", Spelled)
    mine, batches = project.word("serviceRole"), batch.word("serviceRole") if batch is not None else None
    if batch is not None and mine and mine == batches:
        yield Finding(
            _span(batch, "serviceRole"),
            "a batch starts builds, and with the builds' own role each build may start others; give the batch a role "
            "of its own",
        )
