"""Checks of the roles that services work with, in one template: what a pipeline, a build or a deployment does against
what its role may do, and against whom the role trusts. What is needed and who uses which role: `cilint.delivery`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from cilint.catalog import iam_actions
from cilint.core.context import Context
from cilint.core.finding import Finding, Related
from cilint.core.nearest import listed
from cilint.core.rule import check
from cilint.delivery import uses
from cilint.delivery.calls import CommandCall, brings_credentials, calls_of
from cilint.delivery.needs import Needed, needs_of
from cilint.delivery.uses import Use
from cilint.delivery.world import buildspec_file, elsewhere
from cilint.iam import targets, trust
from cilint.iam.permissions import ANY, Permissions, Target, roles
from cilint.model.buildspec import Buildspec
from cilint.model.intrinsics import is_intrinsic
from cilint.model.policy import TRUST, Policy
from cilint.model.project import Project
from cilint.model.spelling import Spelled
from cilint.model.template import DeliveryTemplate, Resource, Template
from cilint.model.values import HOLE
from cilint.source.nodes import Mapping

_EFFECT: Final = {
    "pipeline/artifacts": "the pipeline {} cannot store its artifacts",
    "pipeline/artifacts-read": "the deployments of the pipeline {} cannot read their artifacts",
    "project/logs": "the builds of {} end in the phase QUEUED with ACCESS_DENIED, since they cannot open their log",
    "project/logs-in-s3": "the builds of {} cannot store their log in S3",
    "project/artifacts-of-pipeline": "the builds of {} cannot read the pipeline's artifacts",
    "project/artifacts-for-pipeline": "the builds of {} cannot hand their artifacts on to the pipeline",
    "project/source-in-s3": "the builds of {} cannot fetch their source from S3",
    "project/source-in-codecommit": "the builds of {} cannot fetch their source",
    "project/source-by-connection": "the builds of {} cannot use the connection to their source",
    "project/artifacts-in-s3": "the builds of {} cannot store their artifacts",
    "project/cache-in-s3": "the builds of {} cannot use their cache, so that each starts without",
    "project/image": "the builds of {} cannot pull their image from ECR",
    "project/registry": "the builds of {} cannot read the credentials of their image's registry",
    "project/parameters": "the builds of {} cannot read the parameters that their variables name, and do not start",
    "project/secrets": "the builds of {} cannot read the secrets that their variables name, and do not start",
    "project/vpc": "the builds of {} cannot be put into their VPC",
    "project/reports": "the builds of {} cannot publish their reports",
    "project/batch": "the batches of {} cannot start their builds",
    "deployment/Lambda": "the deployments of {} cannot move the traffic of their function",
    "deployment/ECS": "the deployments of {} cannot replace the tasks of their service",
    "deployment/tags": "the deployments of {} cannot find their instances",
    "deployment/autoscaling": "the deployments of {} cannot work with their Auto Scaling group",
    "target/codepipeline": "{} cannot start its pipeline",
    "target/codebuild": "{} cannot start its builds",
    "function/job": "the pipeline waits for {} until it gives up: the function cannot say that it is done",
    "function/hook": "the deployment waits for {} until it gives up: the hook cannot say that it is done",
}
"""What comes of it when a role lacks what a feature needs; `{}` stands for who has the feature."""
_POLICY_FOR: Final = {
    "deployment/Lambda": "service-role/AWSCodeDeployRoleForLambda",
    "deployment/ECS": "AWSCodeDeployRoleForECS",
    "deployment/tags": "service-role/AWSCodeDeployRole",
    "deployment/autoscaling": "service-role/AWSCodeDeployRole",
}
"""The AWS managed policy that CodeDeploy's guide names for a platform."""


# --- what a role lacks


@check("pipeline-role-lacks-permission")
def pipeline_role_lacks_permission(template: DeliveryTemplate) -> Iterator[Finding]:
    """An action of a pipeline, or its artifact store, and a role that lacks what it calls."""
    yield from _lacking(template, "", "pipeline/")


@check("build-role-lacks-permission")
def build_role_lacks_permission(template: DeliveryTemplate) -> Iterator[Finding]:
    """A feature of a build project, and a role that lacks what it calls."""
    yield from _lacking(template, "project/")


@check("deployment-role-lacks-permission")
def deployment_role_lacks_permission(template: DeliveryTemplate) -> Iterator[Finding]:
    """A deployment group, and a role that is not made for its platform."""
    yield from _lacking(template, "deployment/")


@check("trigger-role-lacks-permission")
def trigger_role_lacks_permission(template: DeliveryTemplate) -> Iterator[Finding]:
    """A rule or schedule that starts a pipeline or build, and a role that does not let it."""
    yield from _lacking(template, "target/")


@check("callback-lacks-permission")
def callback_lacks_permission(template: DeliveryTemplate) -> Iterator[Finding]:
    """A function that a pipeline or deployment waits for, and that may not answer."""
    if not any(_may_answer(each) for each in roles(template).values()):
        yield from _lacking(template, "function/")


_ANSWERS: Final = (
    *("codepipeline:PutJobSuccessResult", "codedeploy:PutLifecycleEventHookExecutionStatus"),
    # What a function starts may answer in its place.
    *("states:StartExecution", "lambda:InvokeFunction", "sns:Publish", "sqs:SendMessage", "events:PutEvents"),
    *("codebuild:StartBuild", "ecs:RunTask", "batch:SubmitJob", "ssm:StartAutomationExecution"),
)


def _may_answer(permissions: Permissions) -> bool:
    """Whether a function's role may answer, or start something else that does."""
    trusted = _trusted(permissions.role)
    if trusted is not None and "lambda" not in trusted:
        return False
    return not permissions.closed or not all(permissions.lacks(name) for name in _ANSWERS)


_Missing = tuple[tuple[tuple[str, ...], Target], ...]


def _lacking(template: Template, *features: str) -> Iterator[Finding]:
    """One finding for each role and set of missing actions, however many need it."""
    found: dict[tuple[str, str, tuple[str, ...]], tuple[list[Needed], _Missing]] = {}
    known = roles(template)
    for needed in needs_of(template):
        kind = needed.feature.partition("/")[0]
        if (kind and f"{kind}/" in features) or (not kind and "" in features):
            missing = _missing(known[needed.role.logical_id], needed)
            if missing and needed.feature == "project/logs":
                missing = (*_log_group(known[needed.role.logical_id], missing[0][1]), *missing)
            names = tuple("|".join(each) for each, _ in missing)
            if missing:
                users, _ = found.setdefault((needed.role.logical_id, needed.feature, names), ([], missing))
                users.append(needed)
    for users, missing in found.values():
        yield _finding(users, missing, known[users[0].role.logical_id])


def _missing(permissions: Permissions, needed: Needed) -> _Missing:
    return tuple(
        (call.names, target)
        for call, target in needed.calls
        if all(permissions.lacks(name, target) for name in call.names)
    )


def _log_group(permissions: Permissions, target: Target) -> _Missing:
    """The call by which the first build makes its log group, where the template has none."""
    name = "logs:CreateLogGroup"
    if permissions.role.template.of_type("AWS::Logs::LogGroup") or not permissions.lacks(name):
        return ()
    return (((name,), target),)


def _finding(users: list[Needed], missing: _Missing, permissions: Permissions) -> Finding:
    first = users[0]
    who = _all(dict.fromkeys(each.who for each in users))
    if first.feature:
        effect = _EFFECT[first.feature].format(who)
    else:
        effect = f"the action{'s' if ',' in who or ' and ' in who else ''} {who} will fail"
    names = _all("|".join(each) for each, _ in missing).replace("|", "` or `")
    policy = _POLICY_FOR.get(first.feature)
    advice = f"attach `arn:aws:iam::aws:policy/{policy}`" if policy else _advice(missing, permissions)
    related = {
        each.span: Related(each.span, f"{'this' if first.feature else 'this action'} needs it") for each in users
    }
    return Finding(
        first.role.key.span,
        f"{effect}: this role lacks {names}; {advice}",
        related=tuple(related.values()),
    )


def _all(names: Iterable[str]) -> str:
    return listed(names).replace("` or `", "` and `")


def _advice(missing: _Missing, permissions: Permissions) -> str:
    """On what to allow the missing actions; said apart where the role allows them on something else."""
    elsewhere = [
        target.arn
        for names, target in missing
        if target.arn and not all(permissions.lacks(name, Target("", None, target.passed_to)) for name in names)
    ]
    if len(elsewhere) == len(missing) and HOLE not in elsewhere[0]:
        return f"it allows {'this' if len(missing) == 1 else 'these'} on other resources; add `{_shown(elsewhere[0])}`"
    arns = dict.fromkeys(filter(None, (_arn(names[0], target) for names, target in missing)))
    return f"allow {'it' if len(missing) == 1 else 'them'} on {_all(arns)}" if arns else "allow it"


def _arn(name: str, target: Target) -> str:
    action = iam_actions.action(name)
    if action is not None and (action.star_only or action.service == "ec2"):
        return "*"  # of network interfaces AWS's guide says so, too
    if target.arn:
        return _shown(target.arn)
    return (targets.example(action) if action is not None else None) or "*"


def _shown(arn: str) -> str:
    """The ARN with words for what an account fills in, and for what only a stack knows."""
    parts = arn.replace(HOLE, "NAME").split(":", 5)
    filled = [word if part == "*" else part for part, word in zip(parts, _WORDS, strict=False)]
    return ":".join((*filled, *parts[len(filled) :]))


_WORDS: Final = ("arn", "aws", "", "REGION", "ACCOUNT")


@check("command-lacks-permission")
def command_lacks_permission(template: DeliveryTemplate, context: Context) -> Iterator[Finding]:
    """A command of a build that AWS will deny, since the project's role lacks what it needs."""
    known = roles(template) if template.of_type("AWS::CodeBuild::Project") else {}
    for project in uses.projects(template) if known else ():
        named = uses.roles_named(project.get("serviceRole"), template)
        if len(named) == 1 and known[named[0].logical_id].closed and not _other_credentials(project):
            yield from _denied(project, known[named[0].logical_id], context)


def _other_credentials(project: Project) -> bool:
    environment = project.environment
    variables = environment.children("environmentVariables", Spelled) if environment is not None else ()
    return any((name := each.known("name")) is None or brings_credentials(name) for each in variables)


def _denied(project: Project, permissions: Permissions, context: Context) -> Iterator[Finding]:
    assert project.resource is not None
    name, unit = project.resource.logical_id, project.inline_unit
    if unit is not None and isinstance(unit.view, Buildspec):
        outward = unit.outward or (lambda span: span)
        for missing, calls in _refused(unit.view, permissions).items():
            places = tuple(Related(outward(call.step.span), "this command needs it") for call in calls)
            yield _denial(missing, calls, permissions, f"the builds of `{name}`", places)
        return
    beside = None if context.embedded else buildspec_file(project, context)
    if beside is not None:
        path, view = beside
        for missing, calls in _refused(view, permissions).items():
            places = tuple(
                elsewhere(context, path, view.text, call.step.span, "this command needs it") for call in calls
            )
            found = _denial(missing, calls, permissions, f"{path}, which `{name}` seems to run", places)
            yield found._replace(severity="note", confidence="low")


_Refused = dict[tuple[str, ...], list[CommandCall]]


def _refused(buildspec: Buildspec, permissions: Permissions) -> _Refused:
    """The calls of a build by the actions that its role lacks for them."""
    found: _Refused = {}
    for call in calls_of(buildspec):
        missing = tuple(name for name in call.actions if permissions.lacks(name))
        if missing:
            found.setdefault(missing, []).append(call)
    return found


def _denial(
    missing: tuple[str, ...],
    calls: list[CommandCall],
    permissions: Permissions,
    where: str,
    related: tuple[Related, ...],
) -> Finding:
    words = _all(dict.fromkeys(call.words for call in calls))
    arns = dict.fromkeys(_arn(name, ANY) for name in missing)
    return Finding(
        permissions.role.key.span,
        f"AWS denies {words} in {where}: this role lacks {_all(missing)}; "
        f"allow {'it' if len(missing) == 1 else 'them'} on {_all(arns)}",
        related=related,
    )


# --- whom a role trusts


@check("role-for-other-service")
def role_for_other_service(template: DeliveryTemplate) -> Iterator[Finding]:
    """A role that is given to a service which it does not trust."""
    for use in uses.uses(template):
        trusted = _trusted(use.role)
        if trusted is None or use.service in trusted:
            continue
        others = f"trusts {_all(sorted(trusted.values()))}" if trusted else "trusts no service"
        document = use.role.property("AssumeRolePolicyDocument")
        yield Finding(
            use.span,
            f"`{use.service}.amazonaws.com` cannot assume `{use.role.logical_id}`, which {others}; name a role for "
            f"{_USER.get(use.service, 'it')}, or add the service to the role's trust policy"
            + (", or delete the profile if nothing uses it" if use.service == "ec2" else ""),
            severity="warning" if use.service == "ec2" else None,  # a profile that nothing uses does no harm
            related=(Related(document.span if document is not None else use.role.key.span, "whom it trusts"),),
        )


_USER: Final = {
    "codepipeline": "CodePipeline",
    "codebuild": "CodeBuild",
    "codedeploy": "CodeDeploy",
    "cloudformation": "CloudFormation",
    "events": "EventBridge",
    "ec2": "EC2",
    "ecs-tasks": "ECS tasks",
    "lambda": "Lambda",
}


def _trusted(role: Resource) -> dict[str, str] | None:
    """The services that a role trusts, by the first word of their principals; None where not all can be read."""
    document = role.property("AssumeRolePolicyDocument")
    if not isinstance(document, Mapping) or is_intrinsic(document):
        return None
    return trust.services_by_word(Policy(document, role.text, TRUST))


# --- roles that do too much


@check("role-shared-with-pull-requests")
def role_shared_with_pull_requests(template: DeliveryTemplate) -> Iterator[Finding]:
    """Builds of pull requests with the role of a pipeline, of deployments or of a pipeline's builds."""
    for project in uses.projects(template):
        event = uses.pull_request_event(project)
        if event is None or project.resource is None:
            continue
        for role in uses.roles_named(project.get("serviceRole"), template):
            other = next((each for each in uses.uses(template) if _deploys(each, role, project)), None)
            node = project.get("serviceRole")
            if other is not None and node is not None:
                yield Finding(
                    node.span,
                    f"builds of pull requests run with this role, which `{other.user.logical_id}` "
                    f"{_DEPLOYS[other.user.type]} with; what somebody proposes can do the same before anybody has read "
                    "it: give these builds a role of their own",
                    related=(
                        Related(event, "these builds are started by pull requests"),
                        Related(other.span, "the same role"),
                    ),
                )


_DEPLOYS: Final = {
    "AWS::CodePipeline::Pipeline": "delivers",
    "AWS::CodeDeploy::DeploymentGroup": "deploys",
    "AWS::CodeBuild::Project": "builds for a pipeline",
}


def _deploys(use: Use, role: Resource, project: Project) -> bool:
    if use.role is not role or use.user is project.resource or use.user.type not in _DEPLOYS:
        return False
    return use.user.type != "AWS::CodeBuild::Project" or uses.in_pipeline(use.user)


@check("permission-for-unused-service")
def permission_for_unused_service(template: DeliveryTemplate) -> Iterator[Finding]:
    """Permissions of a pipeline's role for services that none of its actions works with."""
    for role, used in uses.pipeline_roles(template):
        unused: dict[str, Related] = {}
        for statement in roles(template)[role.logical_id].statements:
            for value in statement.action_values if statement.allows else ():
                service = value.text.partition(":")[0].lower()
                if service in uses.ACTION_SERVICES and service not in used:
                    unused.setdefault(service, Related(value.node.span, "not needed"))
        if unused:
            names = listed(f"{service}:…" for service in unused)
            yield Finding(
                role.key.span,
                f"no action of the pipeline works with {names}; remove what the role allows of "
                f"{'it' if len(unused) == 1 else 'them'}",
                related=tuple(unused.values()),
            )
