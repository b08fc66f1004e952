"""Checks of a project's other settings: source and artifacts, cache, network, logs, encryption, batches."""

from __future__ import annotations

from collections.abc import Iterator

from cilint.checks.codebuild.environments import is_true
from cilint.core.finding import Finding, Related
from cilint.core.rule import check
from cilint.model.intrinsics import is_intrinsic
from cilint.model.project import Project
from cilint.model.spelling import Spelled
from cilint.source.nodes import Mapping
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
    if source is None or artifacts is None or not come or not go or (come == "CODEPIPELINE") == (go == "CODEPIPELINE"):
        return
    yield Finding(
        _span(artifacts, "type"),
        f"the source is `{come}` and the artifacts are `{go}`; `CODEPIPELINE` has to stand in both or in none",
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
                yield Finding(where, "this turns the encryption off, which costs nothing; remove it")


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
        yield Finding(_span(watch, "status"), "this build's output is kept nowhere; turn one of the logs on")


@check("public-project")
def public_project(project: Project) -> Iterator[Finding]:
    """A project whose builds everybody may see."""
    key = "visibility" if project.place.upper else "projectVisibility"
    if project.known(key) == "PUBLIC_READ":
        yield Finding(
            _span(project, key),
            "everybody may read the logs and artifacts of this project's builds, those of the past included; make "
            "sure that none holds a secret",
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
