"""Which IAM actions the AWS CLI's commands need. An operation's action has its name; the others stand in a table.

Source: the CLI's and SAM CLI's own code for commands made of several calls; AWS's Service Authorization Reference for
what is one call. Commands whose rights may come from the policy of a key, topic, queue or role are left out.
"""

from functools import cache
from typing import Final

from cilint.catalog import data_files, iam_actions

_TABLE = "command-actions.txt"
_PREFIXES: Final = {
    "deploy": "codedeploy",
    "elbv2": "elasticloadbalancing",
    "elb": "elasticloadbalancing",
    "stepfunctions": "states",
    "configservice": "config",
    "efs": "elasticfilesystem",
    "emr": "elasticmapreduce",
}
"""Services whose actions have another prefix than the CLI's name for them."""
_SERVICES: Final = frozenset(
    # Those whose operations are called as their actions.
    ["amplify", "appconfig", "athena", "autoscaling", "batch", "cloudformation", "cloudfront", "codeartifact"]
    + [
        "codebuild",
        "codecommit",
        "codedeploy",
        "codepipeline",
        "dynamodb",
        "ecr",
        "ecr-public",
        "ecs",
        "eks",
        "elasticbeanstalk",
    ]
    + ["elasticloadbalancing", "events", "glue", "imagebuilder", "lambda", "logs", "rds", "route53", "secretsmanager"]
    + ["servicediscovery", "ssm", "states", "ec2"]
)


def of_operation(service: str, operation: str) -> tuple[str, ...]:
    """The actions for `aws SERVICE OPERATION` of one call, in AWS's spelling; nothing where they are not known."""
    prefix = _PREFIXES.get(service, service)
    if prefix not in _SERVICES:
        return ()
    found = iam_actions.action(f"{prefix}:{operation.replace('-', '')}")
    return (found.full_name,) if found is not None else ()


@cache
def table() -> tuple[tuple[tuple[str, ...], tuple[str, ...]], ...]:
    """Commands that need others: their words (`a|b` is a choice) and the actions."""
    rows = (line.split("\t") for line in data_files.read(_TABLE).decode("ascii").splitlines()[1:])
    return tuple((tuple(words.split()), tuple(actions.split())) for words, actions in rows)
