"""Who in a template works with which role. What they need of it: `cilint.delivery.needs`; judging is a check's work."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Final

from cilint.iam import trust
from cilint.iam.permissions import ROLE
from cilint.model.intrinsics import alternatives, symbolic
from cilint.model.pipeline import Pipeline
from cilint.model.pipeline import of_resource as pipelines_of
from cilint.model.policy import TRUST, Policy
from cilint.model.project import Project
from cilint.model.project import of_resource as projects_of
from cilint.model.template import Resource, Template, at
from cilint.source.nodes import Mapping, Node
from cilint.source.record import NamedTuple
from cilint.source.text import Span

_SETTING: Final = re.compile(r"\{(\w+)\}")
_NAMED_ROLE: Final = re.compile(r":role/(?:[^$]*/)?\$\{(\w+)\}$")

USERS: Final = {
    "AWS::CodePipeline::Pipeline": (("RoleArn", "codepipeline"),),
    "AWS::CodeBuild::Project": (
        ("ServiceRole", "codebuild"),
        ("BuildBatchConfig.ServiceRole", "codebuild"),
        ("ResourceAccessRole", "codebuild"),
    ),
    "AWS::CodeBuild::Fleet": (("FleetServiceRole", "codebuild"),),
    "AWS::CodeDeploy::DeploymentGroup": (("ServiceRoleArn", "codedeploy"),),
    "AWS::Events::Rule": (("Targets[].RoleArn", "events"),),
    "AWS::Scheduler::Schedule": (("Target.RoleArn", "scheduler"),),
    "AWS::IAM::InstanceProfile": (("Roles[]", "ec2"),),
    "AWS::ECS::TaskDefinition": (("TaskRoleArn", "ecs-tasks"), ("ExecutionRoleArn", "ecs-tasks")),
    "AWS::Lambda::Function": (("Role", "lambda"),),
    "AWS::Serverless::Function": (("Role", "lambda"),),
    "AWS::StepFunctions::StateMachine": (("RoleArn", "states"),),
    "AWS::Serverless::StateMachine": (("Role", "states"),),
    "AWS::CloudFormation::StackSet": (("AdministrationRoleARN", "cloudformation"),),
    "AWS::Chatbot::SlackChannelConfiguration": (("IamRoleArn", "chatbot"),),
}
"""Resource type to the places where it names a role, each with the service that assumes it (`codebuild.amazonaws.com`).
Sources: the trust policies of the services' guides, see `cilint.catalog.iam_principals`."""


class Use(NamedTuple):
    """A resource that names a role of the template. `service` is the first word of the principal that assumes it."""

    role: Resource
    service: str
    span: Span
    user: Resource
    place: str  # the path of properties


@lru_cache(maxsize=4)
def uses(template: Template) -> tuple[Use, ...]:
    """Every place of a resource that names a role of the template, in the order of the file."""
    found: list[Use] = []
    for resource in template.resources:
        for place, service in USERS.get(resource.type, ()):
            for node in at(resource.properties, place):
                for role in roles_named(node, template):
                    found.append(Use(role, service, node.span, resource, place))
    for pipeline in pipelines(template):
        for action in pipeline.actions:
            given = action.configuration.get("RoleArn")
            if given is not None and action.provider == "CloudFormation" and pipeline.resource is not None:
                for role in roles_named(given, template):
                    found.append(Use(role, "cloudformation", given.span, pipeline.resource, "Configuration.RoleArn"))
    return tuple(found)


@lru_cache(maxsize=4)
def pipelines(template: Template) -> tuple[Pipeline, ...]:
    """The pipelines that the template describes."""
    units = (unit for each in template.of_type("AWS::CodePipeline::Pipeline") for unit in pipelines_of(each))
    return tuple(unit.view for unit in units if isinstance(unit.view, Pipeline))


@lru_cache(maxsize=4)
def projects(template: Template) -> tuple[Project, ...]:
    """The build projects that the template describes."""
    units = (unit for each in template.of_type("AWS::CodeBuild::Project") for unit in projects_of(each))
    return tuple(unit.view for unit in units if isinstance(unit.view, Project))


def roles_named(node: Node | None, template: Template) -> list[Resource]:
    """The roles of the template that a node may name: by reference, by an ARN made of one, or by an equal name."""
    texts = (symbolic(choice.node, template) or "" for choice in alternatives(node))
    found = (_role_named(text, template) for text in texts if text)
    return [role for role in found if role is not None]


def _role_named(text: str, template: Template) -> Resource | None:
    role = template.referred(text)
    if role is None and (match := _NAMED_ROLE.search(text)):
        role = template.resource(match[1])
    if role is not None:
        return role if role.type == ROLE else None
    name = text.rpartition(":role/")[2].rpartition("/")[2]
    if not name or "${}" in name:
        return None
    same = (each for each in template.of_type(ROLE) if symbolic(each.property("RoleName"), template) == name)
    return next(same, None)


# --- who does what


_BEFORE_MERGE: Final = ("PULL_REQUEST_CREATED", "PULL_REQUEST_UPDATED", "PULL_REQUEST_REOPENED")


def pull_request_event(project: Project) -> Span | None:
    """Where a project's webhook lets builds of pull requests in from whoever opens one; None where it does not."""
    for group in project.filter_groups:
        events = [each for each in group if each.known("type") == "EVENT" and not each.excludes]
        if any(each.known("type") == "ACTOR_ACCOUNT_ID" and not each.excludes for each in group):
            continue
        for each in events:
            if any(event.strip() in _BEFORE_MERGE for event in (each.known("pattern") or "").split(",")):
                node = each.get("pattern")
                return node.span if node is not None else each.span
    return None


def in_pipeline(project: Resource) -> bool:
    """Whether a project's source is a pipeline."""
    return symbolic(project.property("Source.Type"), project.template) == "CODEPIPELINE"


_SERVICES: Final = {
    "CodeCommit": "codecommit",
    "CodeStarSourceConnection": "codestar-connections codeconnections",
    "ECR": "ecr",
    "S3": "",
    "GitHub": "",
    "Manual": "",
    "CodeBuild": "codebuild",
    "CodeDeploy": "codedeploy",
    "CodeDeployToECS": "codedeploy ecs",
    "ECS": "ecs",
    "CloudFormation": "cloudformation",
    "CloudFormationStackSet": "cloudformation",
    "CloudFormationStackInstances": "cloudformation",
    "Lambda": "lambda",
    "StepFunctions": "states",
    "AppConfig": "appconfig",
    "DeviceFarm": "devicefarm",
    "ServiceCatalog": "servicecatalog cloudformation",
}
"""The services that an action works with, beside S3, KMS, SNS and IAM. An action that is not here may need anything."""
ACTION_SERVICES: Final = frozenset(
    [*" ".join(_SERVICES.values()).split(), "elasticbeanstalk", "opsworks", "elasticmapreduce"]
)
"""Services of which a pipeline needs nothing unless an action works with them."""


def pipeline_roles(template: Template) -> Iterator[tuple[Resource, frozenset[str]]]:
    """The roles that only pipelines of this template work with, and the services that their actions work with. None
    where an action may need anything, or where not all actions can be seen."""
    if not template.complete or not pipelines(template):
        return
    exported = set(_names_in(template.outputs))
    for role in template.of_type(ROLE):
        own = [each for each in pipelines(template) if role in roles_named(each.get("roleArn"), template)]
        elsewhere = any(each.role is role and each.service != "codepipeline" for each in uses(template))
        providers = [action.provider for each in own for action in each.actions]
        known = all(each.complete for each in own) and all(each in _SERVICES for each in providers)
        if own and known and not elsewhere and role.logical_id not in exported and _trusts_pipelines_only(role):
            yield role, frozenset(" ".join(_SERVICES[each] for each in providers).split())


def _trusts_pipelines_only(role: Resource) -> bool:
    document = role.property("AssumeRolePolicyDocument")
    if not isinstance(document, Mapping):
        return False
    policy = Policy(document, role.text, TRUST)
    others = any(statement.principals("AWS") or statement.principals("Federated") for statement in policy.statements)
    return not others and set(trust.services_by_word(policy) or ()) == {"codepipeline"}


def _names_in(node: Node | None) -> Iterator[str]:
    """The logical ids that a part of the template refers to."""
    text = symbolic(node) if node is not None else None
    yield from _REFERENCE.findall(text or "")
    if isinstance(node, Mapping):
        for entry in node.entries:
            yield from _names_in(entry.value)


_REFERENCE: Final = re.compile(r"\$\{(\w+)")
