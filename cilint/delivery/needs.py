"""What the users of a template's roles call with them, as plain data with the place of the user: the actions of its
pipelines, the features of its build projects, its deployments, and the rules and functions around them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Final

from cilint.catalog import service_roles
from cilint.catalog.service_roles import Call, Need, Test
from cilint.delivery.uses import pipelines, projects, roles_named
from cilint.iam.permissions import ANY, Target
from cilint.model.deployment import DeploymentGroup
from cilint.model.deployment import of_resource as deployments_of
from cilint.model.intrinsics import is_known, resolve, symbolic
from cilint.model.pipeline import Action, Pipeline
from cilint.model.project import Project
from cilint.model.spelling import Spelled
from cilint.model.template import Resource, Template, at
from cilint.model.values import HOLE, holes
from cilint.source.nodes import Mapping, Node
from cilint.source.record import NamedTuple
from cilint.source.text import Span

_SETTING: Final = re.compile(r"\{(\w+)\}")


class Needed(NamedTuple):
    """What one user needs. `who` is a pipeline's action or a project, at `span`; `feature` tells which of its parts,
    empty for an action."""

    role: Resource
    who: str
    span: Span
    feature: str
    calls: tuple[tuple[Call, Target], ...]


@lru_cache(maxsize=4)
def needs_of(template: Template) -> tuple[Needed, ...]:
    """What everything in the template that names one of its roles needs of it."""
    return tuple(_needs_of(template))


def _needs_of(template: Template) -> Iterator[Needed]:
    for pipeline in pipelines(template):
        yield from _of_pipeline(pipeline, template)
    for project in projects(template):
        yield from _of_project(project, template)
    yield from _of_deployments(template)
    yield from _of_targets(template)
    yield from _of_functions(template)


def _only_role(node: Node | None, template: Template) -> tuple[Resource, ...]:
    """The one role that a node names; nothing where `Fn::If` chooses, since what is needed may hang on the same."""
    found = roles_named(node, template)
    return tuple(found) if len(found) == 1 else ()


_READING: Final = ("CloudFormation", "CloudFormationStackSet", "CodeDeployToECS", "ECS", "S3")
"""Deploy actions that read their input with the pipeline's role; CodeDeploy's instances fetch theirs themselves."""


def _of_pipeline(pipeline: Pipeline, template: Template) -> Iterator[Needed]:
    own = _only_role(pipeline.get("roleArn"), template)
    features = dict.fromkeys(["pipeline/artifacts"] if pipeline.actions else [])
    for action in pipeline.actions:
        given = action.get("roleArn")
        for role in own if given is None else _only_role(given, template):
            calls = tuple(_calls(service_roles.of_action(action.category, action.provider), action, template))
            if action.owner == "AWS" and calls:
                yield Needed(role, action.name, action.place_of_name, "", calls)
        if action.category == "Deploy" and action.provider in _READING and given is None and action.inputs:
            features["pipeline/artifacts-read"] = None
    for role in own if pipeline.resource is not None else ():
        assert pipeline.resource is not None
        bucket = symbolic(pipeline.resource.property("ArtifactStore.Location"), template)
        for feature in features:
            calls = tuple(_of_feature(feature, bucket, template))
            yield Needed(role, pipeline.resource.logical_id, pipeline.place_of_name, feature, calls)


def _calls(needs: tuple[Need, ...], action: Action, template: Template) -> Iterator[tuple[Call, Target]]:
    for need in needs:
        if all(_holds(test, action) for test in need.when):
            target = _target(
                need.resource, {name: action.setting(name) for name in _SETTING.findall(need.resource)}, template
            )
            for call in need.calls:
                if _seen(call, target):
                    yield call, target._replace(passed_to=call.passed_to)


def _holds(test: Test, action: Action) -> bool:
    """Whether a setting is surely so."""
    if not action.configuration_known:
        return False
    value = action.setting(test.key)
    if not test.values:
        return value is not None
    if value is None:
        return not test.holds
    return is_known(value) and (value in test.values) is test.holds


def _target(arn: str, settings: dict[str, str | None], template: Template) -> Target:
    """The ARN with what the settings say in the place of their names; what only a stack knows is a hole."""
    if not arn:
        return ANY
    resource: Resource | None = None

    def value(match: re.Match[str]) -> str:
        nonlocal resource
        text = settings.get(match[1])
        found = template.referred(text or "")
        if found is not None and len(settings) == 1:
            resource = found
        return _name(text, found)

    text = _SETTING.sub(value, arn)
    return Target(text if text.startswith("arn:") else "", resource)


def _name(text: str | None, resource: Resource | None) -> str:
    """What a setting names: the own name of a resource that it refers to, the text as far as it is known."""
    if resource is not None:
        name = next(
            (symbolic(resource.property(key), resource.template) for key in _NAMES if resource.property(key)), None
        )
        return holes(name) if name else HOLE
    return holes(text) if text else HOLE


_NAMES: Final = (
    "Name",
    "FunctionName",
    "BucketName",
    "RepositoryName",
    "ApplicationName",
    "StateMachineName",
    "StackName",
)


def _of_feature(feature: str, location: str | None, template: Template) -> Iterator[tuple[Call, Target]]:
    for need in service_roles.of_feature(feature):
        target = _target(need.resource, {"Location": location}, template)
        for call in need.calls:
            if _seen(call, target):
                yield call, target


def _seen(call: Call, target: Target) -> bool:
    """Whether all that may allow the call can be seen: a bucket's own policy may, so the bucket must be at hand."""
    bucket = target.resource is not None and target.resource.type == "AWS::S3::Bucket"
    return bucket or not call.names[0].startswith("s3:")


def _of_project(project: Project, template: Template) -> Iterator[Needed]:
    if project.resource is None or not isinstance(project.node, Mapping):
        return
    who, span = project.resource.logical_id, project.resource.key.span
    for role in _only_role(project.get("serviceRole"), template):
        for feature, location in _features(project, template):
            yield Needed(role, who, span, feature, tuple(_of_feature(feature, location, template)))
    batch = project.child("buildBatchConfig", Spelled)
    for role in _only_role(batch.get("serviceRole"), template) if batch is not None else ():
        yield Needed(role, who, span, "project/batch", tuple(_of_feature("project/batch", None, template)))


def _features(project: Project, template: Template) -> Iterator[tuple[str, str | None]]:
    """What of a project needs permissions, each with the bucket or log group that it names, if any."""
    yield from _logs(project)
    source, artifacts, cache = project.source, project.artifacts, project.cache
    kind = source.known("type") if source is not None else None
    if kind == "CODEPIPELINE":
        yield from _artifacts(project, template)
    elif source is not None and kind == "S3":
        yield "project/source-in-s3", source.word("location")
    elif kind == "CODECOMMIT":
        yield "project/source-in-codecommit", None
    auth = source.child("auth", Spelled) if source is not None else None
    if auth is not None and auth.known("type") == "CODECONNECTIONS":
        yield "project/source-by-connection", None
    if artifacts is not None and artifacts.known("type") == "S3":
        yield "project/artifacts-in-s3", artifacts.word("location")
    if cache is not None and cache.known("type") == "S3":
        yield "project/cache-in-s3", cache.word("location")
    if isinstance(resolve(project.get("vpcConfig"), template), Mapping):
        yield "project/vpc", None
    yield from _environment(project)


def _logs(project: Project) -> Iterator[tuple[str, str | None]]:
    logs = project.child("logsConfig", Spelled)
    if project.get("logsConfig") is not None and logs is None:
        return
    watch = logs.child("cloudWatchLogs", Spelled) if logs is not None else None
    asked = logs is not None and logs.get("cloudWatchLogs") is not None
    if not asked or (watch is not None and watch.known("status") == "ENABLED"):
        group = watch.word("groupName") if watch is not None else None
        yield "project/logs", group or f"/aws/codebuild/{project.word('name') or '${}'}"
    bucket = logs.child("s3Logs", Spelled) if logs is not None else None
    if bucket is not None and bucket.known("status") == "ENABLED":
        yield "project/logs-in-s3", (bucket.word("location") or "").partition("/")[0]


def _environment(project: Project) -> Iterator[tuple[str, str | None]]:
    environment = project.environment
    image = environment.word("image") if environment is not None else None
    if environment is None:
        return
    own = environment.known("imagePullCredentialsType") == "SERVICE_ROLE"
    if own and image and ".dkr.ecr." in image:
        yield "project/image", None
    if environment.child("registryCredential", Spelled) is not None:
        yield "project/registry", None
    kinds = {each.known("type") for each in environment.children("environmentVariables", Spelled)}
    inline = project.inline
    env = inline.env if inline is not None else None
    if "PARAMETER_STORE" in kinds or (env is not None and env.parameter_store is not None):
        yield "project/parameters", None
    if "SECRETS_MANAGER" in kinds or (env is not None and env.secrets_manager is not None):
        yield "project/secrets", None
    if inline is not None and inline.reports is not None and inline.reports.entries:
        yield "project/reports", None


def _of_deployments(template: Template) -> Iterator[Needed]:
    """What CodeDeploy needs for a group, by its platform, and for the traffic of SAM's functions."""
    for group in template.of_type("AWS::CodeDeploy::DeploymentGroup"):
        for unit in deployments_of(group):
            if isinstance(unit.view, DeploymentGroup):
                for role in _only_role(group.property("ServiceRoleArn"), template):
                    for feature in _features_of_group(unit.view):
                        yield _needed(role, group, feature)
    for function in template.of_type("AWS::Serverless::Function"):
        for role in _only_role(function.property("DeploymentPreference.Role"), template):
            yield _needed(role, function, "deployment/Lambda")


def _features_of_group(group: DeploymentGroup) -> Iterator[str]:
    if group.platform in ("Lambda", "ECS"):
        yield f"deployment/{group.platform}"
    elif group.platform == "Server":
        if group.written("Ec2TagFilters") or isinstance(group.get("Ec2TagSet"), Mapping):
            yield "deployment/tags"
        if group.written("AutoScalingGroups"):
            yield "deployment/autoscaling"


def _of_targets(template: Template) -> Iterator[Needed]:
    """What EventBridge and its scheduler need to start a pipeline or a project."""
    for resource in template.of_type("AWS::Events::Rule", "AWS::Scheduler::Schedule"):
        for target in at(resource.properties, "Targets[]" if resource.type == "AWS::Events::Rule" else "Target"):
            if not isinstance(target, Mapping):
                continue
            arn = symbolic(target.get("Arn"), template) or ""
            started = template.referred(arn)
            service = next((each for each in ("codepipeline", "codebuild") if f":{each}:" in arn), "")
            if started is not None and started.type == "AWS::CodeBuild::Project":
                service = "codebuild"
            for role in _only_role(target.get("RoleArn"), template) if service else ():
                yield _needed(role, resource, f"target/{service}", Target(holes(arn) if ":" in arn else "", started))


def _of_functions(template: Template) -> Iterator[Needed]:
    """What functions need to answer CodePipeline and CodeDeploy."""
    called: dict[str, str] = {}
    for pipeline in pipelines(template):
        for action in pipeline.actions:
            if (action.category, action.provider, action.owner) == ("Invoke", "Lambda", "AWS"):
                called.setdefault(_logical_id(action.setting("FunctionName"), template), "function/job")
    for function in template.of_type("AWS::Serverless::Function"):
        for key in ("PreTraffic", "PostTraffic"):
            hook = symbolic(function.property(f"DeploymentPreference.Hooks.{key}"), template)
            called.setdefault(_logical_id(hook, template), "function/hook")
    for function in template.of_type("AWS::Lambda::Function", "AWS::Serverless::Function"):
        if function.logical_id in called:
            for role in _only_role(function.property("Role"), template):
                yield _needed(role, function, called[function.logical_id])


def _logical_id(text: str | None, template: Template) -> str:
    found = template.referred(text or "")
    return found.logical_id if found is not None else ""


def _needed(role: Resource, user: Resource, feature: str, target: Target = ANY) -> Needed:
    calls = tuple((call, target) for need in service_roles.of_feature(feature) for call in need.calls)
    return Needed(role, user.logical_id, user.key.span, feature, calls)


def _artifacts(project: Project, template: Template) -> Iterator[tuple[str, str | None]]:
    """What builds read of the first pipeline here that runs them, and whether it takes something from them."""
    for pipeline in pipelines(template):
        for action in pipeline.actions:
            named = template.referred(action.setting("ProjectName") or "")
            if action.provider == "CodeBuild" and named is project.resource and pipeline.resource is not None:
                bucket = symbolic(pipeline.resource.property("ArtifactStore.Location"), template)
                yield "project/artifacts-of-pipeline", bucket
                if action.outputs:
                    yield "project/artifacts-for-pipeline", bucket
                return
