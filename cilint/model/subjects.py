"""Which module knows a kind: it makes the units of a file, and says what a check's first parameter may ask for.

A kind's module has `units(document, path, fragment)`, and `SUBJECTS`: type name to the function that finds those
structures in the unit's view. Modules are imported when a file of their kind is met.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cache
from importlib import import_module
from typing import Any, Final

from cilint.model.unit import Unit
from cilint.model.view import View
from cilint.source.nodes import Document

Subjects = dict[str, Callable[[Any], Iterable[View]]]

MODULES: Final = {
    "appspec-ec2": "cilint.model.appspec_ec2",
    "appspec-ecs": "cilint.model.appspec_ecs",
    "appspec-lambda": "cilint.model.appspec_lambda",
    "deploy-spec": "cilint.model.deploy_spec",
    "imagedefinitions": "cilint.model.imagedefinitions",
    "imagedetail": "cilint.model.imagedetail",
    "taskdef": "cilint.model.taskdef",
    "buildspec": "cilint.model.buildspec",
    "codebuild-project": "cilint.model.project",
    "codedeploy-application": "cilint.model.deployment",
    "deployment-config": "cilint.model.deployment",
    "deployment-group": "cilint.model.deployment",
    "deployment-preference": "cilint.model.deployment",
    "ecs-service": "cilint.model.deployment",
    "lambda-alias": "cilint.model.deployment",
    "iam-policy": "cilint.model.policy",
    "event-pattern": "cilint.model.around",
    "notification-rule": "cilint.model.notifications",
    "pipeline": "cilint.model.pipeline",
    "template": "cilint.model.template",
}
"""Kinds that have rules; files of other known kinds are counted as not checked."""


@cache
def subjects(kind: str) -> Subjects:
    """What the checks of a kind may ask for, by type name."""
    found: Subjects = import_module(MODULES[kind]).SUBJECTS
    return found


def units(document: Document, kind: str, path: str, fragment: bool) -> list[Unit]:
    """The units of a file of a known kind: its own, and what lies embedded in it. Empty when nothing could be read."""
    found: list[Unit] = import_module(MODULES[kind]).units(document, path, fragment)
    return found
