"""Which resources an action works on, and whether a statement's `Resource` names any of them."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from cilint.catalog import iam_actions
from cilint.catalog.iam_actions import Action
from cilint.iam.patterns import arn_fields, overlap, overlaps_any, padded, pattern_of, wild

PART: Final = re.compile(r"\$\{([^}]*)\}")
# What people mostly grant where an action works on many types: how the last part of its ARN begins.
_COMMONEST: Final = {
    "cloudformation": "stack/",
    "ec2": "instance/",
    "ecs": "service/",
    "elasticloadbalancing": "targetgroup/",
    "rds": "db:",
    "ssm": "parameter/",
}
# Resources that IAM compares with an action although AWS's reference lists none for it. Sources: the AWS SAM
# developer guide, "Deploying serverless applications gradually", whose hook is granted its answer on its deployment
# group; public AccessDenied messages, which name the instance.
_UNLISTED: Final = {
    "codedeploy:putlifecycleeventhookexecutionstatus": (
        "arn:${Partition}:codedeploy:${Region}:${Account}:deploymentgroup:${ApplicationName}/${DeploymentGroupName}",
    ),
    "ssm:putinventory": (
        "arn:${Partition}:ec2:${Region}:${Account}:instance/${InstanceId}",
        "arn:${Partition}:ssm:${Region}:${Account}:managed-instance/${InstanceId}",
    ),
}
# Ids that AWS makes up with the resource: nobody can write them down before.
_MADE_UP: Final = frozenset(["LoadBalancerId", "ListenerId", "ListenerRuleId", "TargetGroupId", "TrustStoreId"])
# Types of resources whose names a reader knows; others are "resource" in messages.
_NOUNS: Final = {
    name.replace("-", "").replace(" ", ""): name
    for name in (
        *("bucket", "cluster", "distribution", "function", "group", "instance", "key", "listener", "listener rule"),
        *("load balancer", "log group", "log stream", "object", "parameter", "pipeline", "policy", "project", "queue"),
        *("repository", "role", "secret", "security group", "service", "stack", "state machine", "table", "task"),
        *("target group", "task definition", "topic", "user"),
    )
}
_CAPITAL: Final = re.compile(r"(?<=[a-z])(?=[A-Z])")


@lru_cache(maxsize=4096)
def formats(action: Action) -> tuple[str, ...]:
    """The ARN formats of the resources that the action works on, those that each call needs first."""
    service = iam_actions.service(action.service)
    types = service.resource_types if service else {}
    wanted = dict.fromkeys((*action.required_types, *action.resource_types))
    found = (types.get(name) or types.get(name.lower()) for name in wanted)
    return tuple(filter(None, found))


@lru_cache(maxsize=8192)
def fits(action: Action, resource: str) -> bool:
    """Whether the action works on some resource that the pattern names; in doubt it does."""
    if not resource.strip("*"):
        return True
    found = formats(action) or _UNLISTED.get(action.full_name.lower())
    if not found:
        return not action.star_only
    text = _renamed(padded(resource), action.service)
    return overlaps_any(text, found)


def _renamed(resource: str, service: str) -> str:
    """CodeStar Connections became CodeConnections: an action of either name works on connections of either name."""
    if service == "codestar-connections":
        return resource.replace(":codeconnections:", ":codestar-connections:", 1)
    if service == "codeconnections":
        return resource.replace(":codestar-connections:", ":codeconnections:", 1)
    return resource


def example(action: Action, like: str = "*") -> str | None:
    """The ARN of a resource that the action works on, as a person would write it: `arn:aws:s3:::BUCKET_NAME`; one of
    the kind that the ARN `like` names, where the action works on such."""
    found = formats(action)[: len(action.required_types) or None]
    same = [each for each in found if overlap(padded(like), pattern_of(each))] if like.startswith("arn:") else found
    commonest = _COMMONEST.get(action.service, "")
    ranked = sorted(same or found, key=lambda each: (not each.split(":", 5)[5].startswith(commonest), len(each)))
    return written(ranked[0]) if ranked else None


def written(arn_format: str) -> str:
    """An ARN format with words in the place of its parts: `arn:aws:codebuild:REGION:ACCOUNT:project/PROJECT_NAME`."""
    text = arn_format.replace("${Partition}", "aws")
    return PART.sub(lambda part: "*" if part[1] in _MADE_UP else _CAPITAL.sub("_", part[1]).upper(), text)


def noun(actions: tuple[Action, ...]) -> str:
    """What all of the actions work on, `object` or `role`; `resource` where they differ, or no plain word is known."""
    types = {
        name.partition("/")[0].replace("-", "").lower()
        for action in actions
        for name in action.required_types or action.resource_types
        if not name.startswith("accesspoint")
    }
    return _NOUNS.get(types.pop(), "resource") if len(types) == 1 else "resource"


@lru_cache(maxsize=4096)
def exists(resource: str) -> bool:
    """Whether some resource of AWS can have an ARN that fits the pattern; in doubt one can."""
    fields = arn_fields(resource)
    if fields is None or wild(fields[1]):
        return True
    found = iam_actions.arn_formats(fields[1])
    text = padded(resource)
    return not found or overlaps_any(text, found)
