"""CodeDeploy in a template: applications, deployment groups and configurations, and what Lambda and ECS say of them.

Views only; the configurations that CodeDeploy brings along stand in `cilint.catalog`. The compute platform is that of
the application in the template, and unknown where there is none.
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/AWS_CodeDeploy.html
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import Final

from cilint.model.intrinsics import alternatives, intrinsic, is_intrinsic, is_known, listed, symbolic
from cilint.model.spelling import CLOUDFORMATION, Place, Spelled
from cilint.model.template import Resource, Template
from cilint.model.unit import Unit
from cilint.model.view import View
from cilint.source.nodes import Document, Mapping, Node, Sequence
from cilint.source.text import Span

APPLICATION: Final = "AWS::CodeDeploy::Application"
GROUP: Final = "AWS::CodeDeploy::DeploymentGroup"
CONFIGURATION: Final = "AWS::CodeDeploy::DeploymentConfig"

_UNKNOWN: Final = "!Unknown"
"""The tag of a structure of which nothing can be seen."""


class Part(Spelled):
    """A structure of a CodeDeploy resource."""

    @property
    def closed(self) -> bool:
        """Whether all keys can be seen."""
        return not is_intrinsic(self.node)

    def lacks(self, key: str) -> bool:
        """Whether no stack has the key."""
        return self.closed and not any(True for _ in alternatives(self.get(key)))

    def has(self, key: str) -> bool:
        """Whether every stack has the key, whatever its value."""
        called = intrinsic(self.get(key))
        return self.get(key) is not None and not self.lacks(key) and (called is None or called.name != "If")

    def switch(self, key: str) -> bool | None:
        """Whether a key says true or false; None where it says neither, or only a stack knows."""
        return {"true": True, "false": False}.get((self.known(key) or "").lower())

    def number(self, key: str) -> int | None:
        """The whole number under a key, None where there is none or only a stack knows."""
        text = self.known(key) or ""
        return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None

    def items(self, key: str) -> tuple[Node, ...]:
        """What the list under a key may hold."""
        return tuple(each.node for each in listed(self.get(key)))

    def written(self, key: str) -> tuple[Node, ...] | None:
        """The items of a list that every stack has like this; None where a function gives the list or an item."""
        node = self.get(key)
        if isinstance(node, Sequence) and not is_intrinsic(node) and not any(intrinsic(item) for item in node.items):
            return tuple(node.items)
        return None

    def empty(self, key: str) -> bool:
        """Whether no stack has anything in the list under a key."""
        node = self.get(key)
        if node is None or self.lacks(key):
            return self.closed
        return isinstance(node, Sequence) and not is_intrinsic(node) and not self.items(key)

    def part(self, key: str) -> Part:
        """The structure under a key, an open one where only a stack knows it, an empty one where it is absent."""
        node = self.get(key)
        if isinstance(node, Mapping):
            return Part(node, self.place)
        if node is None:
            node = Mapping(self.node.start, self.node.start, [], tag=None if self.closed else _UNKNOWN)
        return Part(node, self.place)


class Described(Part):
    """What the properties of a resource describe. `resource` is that resource."""

    def __init__(self, node: Node, place: Place, resource: Resource) -> None:
        super().__init__(node, place)
        self.resource = resource

    @property
    def template(self) -> Template:
        return self.resource.template

    @property
    def place_of_name(self) -> Span:
        """Where a finding about the whole is shown: the resource's logical id."""
        return self.resource.key.span

    def referred(self, node: Node | None, *types: str) -> Resource | None:
        """The resource of those types whose `Ref` or attribute a node gives."""
        text = symbolic(node) or ""
        if not (text.startswith("${") and text.endswith("}")) or text.count("$") > 1:
            return None
        found = self.template.resource(text[2:-1].partition(".")[0])
        return found if found is not None and found.type in types else None


class DeploymentApplication(Described):
    """An application."""


class DeploymentConfig(Described):
    """A deployment configuration of one's own."""

    @cached_property
    def platform(self) -> str | None:
        """Its compute platform, None where it does not say."""
        return self.known("ComputePlatform")


class DeploymentGroup(Described):
    """A deployment group."""

    @cached_property
    def application(self) -> Resource | None:
        """Its application in the template: by reference, or by an equal name."""
        node = self.get("ApplicationName")
        found = self.referred(node, APPLICATION)
        if found is not None:
            return found
        name = symbolic(node, self.place.names)
        same = [
            each
            for each in self.template.of_type(APPLICATION)
            if name and symbolic(each.property("ApplicationName"), self.place.names) == name
        ]
        return same[0] if len(same) == 1 else None

    @cached_property
    def platform(self) -> str | None:
        """The application's compute platform; None where the application, or what it says, is unknown."""
        return platform_of(self.application) if self.application is not None else None

    @cached_property
    def configuration(self) -> Resource | None:
        """Its configuration, where that is a resource of the template."""
        return self.referred(self.get("DeploymentConfigName"), CONFIGURATION)

    @cached_property
    def style(self) -> Part:
        return self.part("DeploymentStyle")

    @cached_property
    def blue_green(self) -> Part:
        return self.part("BlueGreenDeploymentConfiguration")

    @property
    def names(self) -> tuple[str, ...]:
        """What the group and its application are called, with `${Name}` where only a stack knows."""
        application = self.application
        given = (
            self.word("DeploymentGroupName"),
            self.word("ApplicationName"),
            symbolic(application.property("ApplicationName"), self.place.names) if application else None,
            self.resource.logical_id,
        )
        return tuple(name for name in given if name)


class AliasUpdate(Described):
    """The `CodeDeployLambdaAliasUpdate` of an alias's update policy. `resource` is the alias."""


class DeploymentPreference(Described):
    """A SAM function's `DeploymentPreference`. `resource` is the function."""

    @cached_property
    def globals(self) -> Part:
        """What the template says for all functions."""
        return Part(self.template.node, self.place).part("Globals").part("Function")

    @property
    def off(self) -> bool:
        """Whether it may be switched off: SAM takes it for absent then."""
        return not (self.lacks("Enabled") and self.globals.part("DeploymentPreference").lacks("Enabled")) and (
            self.switch("Enabled") is not True
        )


class EcsService(Described):
    """An ECS service that CodeDeploy deploys."""


_SERVERLESS: Final = "AWS::Serverless::Function"
_KINDS: Final = {
    APPLICATION: ("codedeploy-application", DeploymentApplication),
    CONFIGURATION: ("deployment-config", DeploymentConfig),
    GROUP: ("deployment-group", DeploymentGroup),
}
SUBJECTS: Final = {
    "DeploymentApplication": lambda view: (view,) if isinstance(view, DeploymentApplication) else (),
    "DeploymentConfig": lambda view: (view,) if isinstance(view, DeploymentConfig) else (),
    "DeploymentGroup": lambda view: (view,) if isinstance(view, DeploymentGroup) else (),
    "AliasUpdate": lambda view: (view,) if isinstance(view, AliasUpdate) else (),
    "DeploymentPreference": lambda view: (view,) if isinstance(view, DeploymentPreference) else (),
    "EcsService": lambda view: (view,) if isinstance(view, EcsService) else (),
}


def units(document: Document, path: str, fragment: bool) -> list[Unit]:
    """None: these kinds are found in templates only."""
    return []


def of_resource(resource: Resource) -> Iterator[Unit]:
    """What a resource says of CodeDeploy."""
    kind, view = _view(resource)
    if view is not None:
        yield Unit(kind, view, unknown=is_intrinsic, spelling=CLOUDFORMATION)


def _view(resource: Resource) -> tuple[str, View | None]:
    place = Place(resource.text, upper=True, names=resource.template)
    properties = resource.properties
    if resource.type in _KINDS and properties is not None:
        kind, view = _KINDS[resource.type]
        return kind, view(properties, place, resource)
    if resource.type == "AWS::Lambda::Alias":
        policy = resource.get("UpdatePolicy")
        update = policy.get("CodeDeployLambdaAliasUpdate") if isinstance(policy, Mapping) else None
        if isinstance(update, Mapping) and intrinsic(update) is None:
            return "lambda-alias", AliasUpdate(update, place, resource)
    elif resource.type == _SERVERLESS:
        preference = resource.property("DeploymentPreference")
        if isinstance(preference, Mapping) and intrinsic(preference) is None:
            return "deployment-preference", DeploymentPreference(preference, place, resource)
    elif resource.type == "AWS::ECS::Service" and properties is not None:
        controller = symbolic(resource.property("DeploymentController.Type"), resource.template)
        return ("ecs-service", EcsService(properties, place, resource)) if controller == "CODE_DEPLOY" else ("", None)
    return "", None


def platform_of(application: Resource) -> str | None:
    """The compute platform of an application, `Server` where it does not say; None where only a stack knows."""
    if application.properties is None:
        return "Server" if application.get("Properties") is None else None
    described = Part(application.properties, Place(application.text, upper=True, names=application.template))
    if described.lacks("ComputePlatform"):
        return "Server"
    found = described.word("ComputePlatform")
    return found if is_known(found) else None
