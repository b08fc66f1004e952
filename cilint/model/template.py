"""A CloudFormation or SAM template: its resources, parameters, mappings, and the documents that lie inside it.

What a function gives is said in `intrinsics`; what a pipeline, project, policy or buildspec is, in their own modules.
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/template-anatomy.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cached_property
from typing import Final, TypeAlias

from cilint.core.rewrite import LiteralBlock
from cilint.model.intrinsics import (
    Embedded,
    alternatives,
    embedded,
    intrinsic,
    is_intrinsic,
    listed,
    symbolic,
    variable,
)
from cilint.model.policy import (
    BOUNDARY,
    IDENTITY,
    RCP,
    RESOURCE,
    SCP,
    TRUST,
    ManagedPolicyArn,
    Policy,
    Principal,
    Statement,
)
from cilint.model.unit import Unit
from cilint.model.view import Items, Table, Value, View, Word
from cilint.source.json import parse_json
from cilint.source.nodes import LITERAL, Document, Entry, Mapping, Node, Scalar, Sequence
from cilint.source.scalars import kind
from cilint.source.text import Span, Text
from cilint.source.yaml import parse_yaml

_INLINE_BUILDSPEC: Final = re.compile(r"\s*(?:#.*\n\s*)*(?:---\s*)?[\"']?version[\"']?\s*:|\s*\{|[^\n]*\n\s*\S")

_PLAIN_TRANSFORMS: Final = ("AWS::Serverless", "AWS::LanguageExtensions", "AWS::SecretsManager", "AWS::CodeDeploy")
"""Macros of AWS that bring no resource of another file in."""

POLICIES: Final = {
    "AWS::IAM::Role": (("AssumeRolePolicyDocument", TRUST), ("Policies[].PolicyDocument", IDENTITY)),
    "AWS::IAM::User": (("Policies[].PolicyDocument", IDENTITY),),
    "AWS::IAM::Group": (("Policies[].PolicyDocument", IDENTITY),),
    "AWS::IAM::Policy": (("PolicyDocument", IDENTITY),),
    "AWS::IAM::ManagedPolicy": (("PolicyDocument", IDENTITY),),
    "AWS::IAM::RolePolicy": (("PolicyDocument", IDENTITY),),
    "AWS::IAM::UserPolicy": (("PolicyDocument", IDENTITY),),
    "AWS::IAM::GroupPolicy": (("PolicyDocument", IDENTITY),),
    "AWS::SSO::PermissionSet": (("InlinePolicy", IDENTITY),),
    "AWS::Serverless::Function": (("Policies[]", IDENTITY), ("AssumeRolePolicyDocument", TRUST)),
    "AWS::Serverless::StateMachine": (("Policies[]", IDENTITY),),
    "AWS::S3::BucketPolicy": (("PolicyDocument", RESOURCE),),
    "AWS::KMS::Key": (("KeyPolicy", RESOURCE),),
    "AWS::KMS::ReplicaKey": (("KeyPolicy", RESOURCE),),
    "AWS::SNS::TopicPolicy": (("PolicyDocument", RESOURCE),),
    "AWS::SNS::TopicInlinePolicy": (("PolicyDocument", RESOURCE),),
    "AWS::SQS::QueuePolicy": (("PolicyDocument", RESOURCE),),
    "AWS::SQS::QueueInlinePolicy": (("PolicyDocument", RESOURCE),),
    "AWS::ECR::Repository": (("RepositoryPolicyText", RESOURCE),),
    "AWS::ECR::PublicRepository": (("RepositoryPolicyText", RESOURCE),),
    "AWS::ECR::RegistryPolicy": (("PolicyText", RESOURCE),),
    "AWS::SecretsManager::ResourcePolicy": (("ResourcePolicy", RESOURCE),),
    "AWS::CodeArtifact::Domain": (("PermissionsPolicyDocument", RESOURCE),),
    "AWS::CodeArtifact::Repository": (("PermissionsPolicyDocument", RESOURCE),),
    "AWS::Organizations::Policy": (("Content", SCP),),
}
"""Resource type to the places of its policy documents and what they are for (`[]` stands for the items of a list)."""


_AROUND: Final = frozenset(
    ["AWS::Events::Rule", "AWS::Serverless::Function", "AWS::Serverless::StateMachine"]
    + ["AWS::CodeStarNotifications::NotificationRule"]
)
"""Types of resources that hold event patterns, or are notification rules."""


class Parameter(View):
    """A parameter: a value that is given when a stack is made."""

    type = Word("Type")
    default = Value("Default")
    allowed_values = Items("AllowedValues")
    no_echo = Word("NoEcho")

    def __init__(self, name: str, key: Node, node: Node, text: Text) -> None:
        super().__init__(node, text)
        self.name = name
        self.key = key


class Resource(View):
    """A resource. `key` is its logical id's node; `properties` is None where they are absent or a function's."""

    type_node = Word("Type")
    condition = Word("Condition")
    depends_on = Items("DependsOn")

    def __init__(self, logical_id: str, key: Node, node: Node, template: Template) -> None:
        super().__init__(node, template.text)
        self.logical_id = logical_id
        self.key = key
        self.template = template

    @cached_property
    def type(self) -> str:
        """Its type (`AWS::S3::Bucket`); empty where it is absent."""
        return self.type_node.value if self.type_node else ""

    @cached_property
    def properties(self) -> Mapping | None:
        node = self.get("Properties")
        return node if isinstance(node, Mapping) and intrinsic(node) is None else None

    def property(self, path: str) -> Node | None:
        """The value at a path of property names (`Source.BuildSpec`), None where a step is absent or a function's."""
        node: Node | None = self.properties
        for name in path.split("."):
            node = node.get(name) if isinstance(node, Mapping) else None
        return node


class Template(View):
    """A whole template."""

    transform = Items("Transform")
    conditions = Table("Conditions")
    mappings = Table("Mappings")
    outputs = Table("Outputs")

    @cached_property
    def resources(self) -> tuple[Resource, ...]:
        """The resources that are written out, or made by loops; what macros make is not among them."""
        return tuple(
            Resource(entry.name, entry.key, entry.value, self)
            for entry in self._entries("Resources")
            if isinstance(entry.value, Mapping) and isinstance(entry.value.get("Type"), Scalar)
        )

    @cached_property
    def parameters(self) -> tuple[Parameter, ...]:
        return tuple(Parameter(each.name, each.key, each.value, self.text) for each in self._entries("Parameters"))

    @cached_property
    def complete(self) -> bool:
        """Whether all resources can be seen, so that what is not there is absent: no include, no macro, and no loop
        over values that only a stack knows."""
        own = all(isinstance(item, Scalar) and item.value.startswith(_PLAIN_TRANSFORMS) for item in self.transform)
        return own and not any(entry.name.startswith("Fn::") for entry in self._entries("Resources"))

    @cached_property
    def connected(self) -> bool:
        """Whether connectors of SAM let resources at each other, which then need no policy of their own."""
        types = self.of_type("AWS::Serverless::Connector")
        return bool(types) or any(each.get("Connectors") is not None for each in self.resources)

    def resource(self, logical_id: str) -> Resource | None:
        return next((each for each in self.resources if each.logical_id == logical_id), None)

    def referred(self, text: str) -> Resource | None:
        """The resource whose `Ref` or attribute a symbolic text is."""
        if not (text.startswith("${") and text.endswith("}")) or text.count("${") > 1:
            return None
        return self.resource(text[2:-1].partition(".")[0])

    def of_type(self, *types: str) -> tuple[Resource, ...]:
        return tuple(each for each in self.resources if each.type in types)

    def default(self, parameter: str) -> Node | None:
        """The default of a parameter, None where it has none or there is no such parameter."""
        return next((each.default for each in self.parameters if each.name == parameter), None)

    def mapped(self, keys: tuple[str, ...]) -> Node | None:
        """The value at map name, first and second key of `Mappings`."""
        node: Node | None = self.mappings
        for key in keys:
            node = node.get(key) if isinstance(node, Mapping) else None
        return node

    def identity_statements(self) -> Iterator[Statement]:
        """The statements of all policies of identities that are written out."""
        for resource in self.of_type(*POLICIES):
            yield from _own_statements(resource)

    def _entries(self, section: str) -> list[Entry]:
        node = self.get(section)
        return node.entries if isinstance(node, Mapping) else []


DeliveryTemplate: TypeAlias = Template
"""A template with something that delivers, and a role for it: what its roles' rules ask for."""

_DELIVERING: Final = ("AWS::CodePipeline::Pipeline", "AWS::CodeBuild::Project", "AWS::CodeDeploy::DeploymentGroup")


def _delivers(template: Template) -> bool:
    return bool(template.of_type("AWS::IAM::Role")) and any(
        each.type in _DELIVERING
        or (each.type == "AWS::Serverless::Function" and each.property("DeploymentPreference") is not None)
        for each in template.resources
    )


class ResourceTable(Template):
    """Resources without the template around them, as documentation and partials show them."""

    def _entries(self, section: str) -> list[Entry]:
        return self.node.entries if section == "Resources" and isinstance(self.node, Mapping) else []


_NO_TEXT: Final = ("integer", "number", "boolean")
_MANAGED_POLICIES: Final = {
    "AWS::IAM::Role": ("ManagedPolicyArns[]",),
    "AWS::IAM::User": ("ManagedPolicyArns[]",),
    "AWS::IAM::Group": ("ManagedPolicyArns[]",),
    "AWS::SSO::PermissionSet": ("ManagedPolicies[]",),
    "AWS::Serverless::Function": ("Policies[]",),
}


def _managed_policy_arns(template: Template) -> Iterator[ManagedPolicyArn]:
    """The ARNs of managed policies that identities are to have; names of SAM's policy templates are among them."""
    for resource in template.resources:
        for place in _MANAGED_POLICIES.get(resource.type, ()):
            for node in at(resource.properties, place):
                if isinstance(node, Scalar) or intrinsic(node):
                    yield ManagedPolicyArn(node, template.text, holder=resource.type)


def _principals(template: Template) -> Iterator[Principal]:
    """The roles, users and groups with the statements that the template gives them."""
    documents = {each.logical_id: tuple(_own_statements(each)) for each in template.resources if each.type in POLICIES}
    for resource in template.of_type(*_HOLDERS):
        statements = list(documents[resource.logical_id])
        names = {resource.logical_id}
        for other in template.of_type("AWS::IAM::Policy", "AWS::IAM::ManagedPolicy", "AWS::IAM::RolePolicy"):
            attached = any(_names(other, place, names) for place in ("Roles[]", "Users[]", "Groups[]", "RoleName"))
            if attached or _names(resource, "ManagedPolicyArns[]", {other.logical_id}):
                statements += documents[other.logical_id]
        boundary = resource.property("PermissionsBoundary")
        known = next((name for name in documents if boundary is not None and _refers(boundary, {name})), None)
        if statements:
            yield Principal(
                resource.node,
                template.text,
                tuple(statements),
                documents[known] if known else None,
                boundary is not None,
                tuple(at(resource.properties, "ManagedPolicyArns[]")),
            )


_HOLDERS: Final = ("AWS::IAM::Role", "AWS::IAM::User", "AWS::IAM::Group")


def _own_statements(resource: Resource) -> Iterator[Statement]:
    for place, role in POLICIES[resource.type]:
        for node in at(resource.properties, place):
            if role == IDENTITY and isinstance(node, Mapping):
                yield from Policy(node, resource.text, role).statements


def _names(resource: Resource, place: str, names: set[str]) -> bool:
    return any(_refers(node, names) for node in at(resource.properties, place))


def _refers(node: Node, names: set[str]) -> bool:
    """Whether a node is a `Ref` or `Fn::GetAtt` of one of the logical ids."""
    return any(text in (f"${{{name}}}", f"${{{name}.Arn}}") for name in names if (text := symbolic(node)))


SUBJECTS: Final = {
    "Principal": _principals,
    "ManagedPolicyArn": _managed_policy_arns,
    "Template": lambda view: (view,),
    "DeliveryTemplate": lambda view: (view,) if _delivers(view) else (),
    "Resource": lambda view: view.resources,
    "Parameter": lambda view: view.parameters,
}


def units(document: Document, path: str, fragment: bool) -> list[Unit]:
    """The template, and every pipeline, project, policy and inline buildspec in it, in the order of the file."""
    root = document.root
    if not isinstance(root, Mapping):
        return []
    if "Fn::ForEach" in document.text.content:
        from cilint.model.loops import unrolled

        root = unrolled(root)
    template = (ResourceTable if fragment else Template)(root, document.text)
    found = [Unit("template", template, fragment=fragment, unknown=is_intrinsic)]
    for resource in template.resources:
        found += (unit._replace(fragment=fragment) for unit in _inside(resource))
    return found


def _inside(resource: Resource) -> Iterator[Unit]:
    if resource.type in POLICIES:
        yield from _policies(resource)
    elif resource.type == "AWS::CodePipeline::Pipeline":
        from cilint.model.pipeline import of_resource as pipeline

        yield from pipeline(resource)
    elif resource.type == "AWS::CodeBuild::Project":
        from cilint.model.project import of_resource as project

        yield from project(resource)
    if _is_deployment(resource):
        from cilint.model.deployment import of_resource as deployment

        yield from deployment(resource)
    if resource.type in _AROUND:
        from cilint.model.around import of_resource as around

        yield from around(resource)


def _is_deployment(resource: Resource) -> bool:
    """Whether CodeDeploy is spoken of."""
    if resource.type in ("AWS::ECS::Service", "AWS::Serverless::Function"):
        return any(resource.property(key) is not None for key in ("DeploymentController", "DeploymentPreference"))
    return resource.type.startswith("AWS::CodeDeploy::") or (
        resource.type == "AWS::Lambda::Alias" and resource.get("UpdatePolicy") is not None
    )


def _policies(resource: Resource) -> Iterator[Unit]:
    for place, role in POLICIES[resource.type]:
        for node in at(resource.properties, place):
            purpose = _purpose(resource, role)
            if isinstance(node, Mapping) and (node.get("Statement") or node.get("Version")) is not None:
                yield Unit("iam-policy", Policy(node, resource.text, purpose), unknown=_unknown_in_policy)
            elif isinstance(node, Scalar) or intrinsic(node):
                yield from _policy_text(node, resource, purpose)


def _unknown_in_policy(node: Node) -> bool:
    """A plain number or boolean, which CloudFormation may hand on as a text, counts as unknown too."""
    return is_intrinsic(node) or (isinstance(node, Scalar) and not node.quoted and kind(node) in _NO_TEXT)


def _purpose(resource: Resource, role: str) -> str:
    """A boundary is a managed policy that only its name tells; policies of organisations name their kind."""
    if resource.type == "AWS::IAM::ManagedPolicy":
        name = resource.property("ManagedPolicyName")
        words = resource.logical_id + (name.value if isinstance(name, Scalar) else "")
        return BOUNDARY if "boundary" in words.lower() else role
    type_ = resource.property("Type") if role == SCP else None
    return RCP if isinstance(type_, Scalar) and type_.value == "RESOURCE_CONTROL_POLICY" else role


def _policy_text(node: Node, resource: Resource, role: str) -> Iterator[Unit]:
    """A policy written as a JSON text."""
    text = embedded(node, resource.text, variable)
    if text is None or not text.content.lstrip().startswith("{"):
        return
    document = parse_json(Text(text.content))
    outward, verbatim = text.map.outer, text.map.verbatim
    if document.root is not None and not document.problems:
        policy = Policy(document.root, document.text, role)
        yield Unit(
            "iam-policy",
            policy,
            lambda span: outward(*span),
            unknown=_unknown_in_text,
            verbatim=lambda span: verbatim(*span),
        )


def _unknown_in_text(node: Node) -> bool:
    """In a text, what a stack puts in is no function any more but a `${Name}`."""
    return is_intrinsic(node) or (isinstance(node, Scalar) and "${" in node.value)


def at(node: Node | None, place: str) -> Iterator[Node]:
    """The nodes at a path of keys, each branch of `Fn::If` on the way; `[]` stands for the items of a list."""
    name, _, rest = place.partition(".")
    child = node.get(name.removesuffix("[]")) if isinstance(node, Mapping) else None
    for choice in listed(child) if name.endswith("[]") else alternatives(child):
        if rest:
            yield from at(choice.node, rest)
        else:
            yield choice.node


def buildspec(node: Node, text: Text, project: View | None = None) -> Iterator[Unit]:
    """The buildspec that a node of a template or a project holds as text; nothing where it is a path or unknown."""
    from cilint.model.buildspec import Buildspec

    called = intrinsic(node)
    if called and called.name == "ToJsonString" and isinstance(called.argument, Mapping):
        yield Unit("buildspec", Buildspec(called.argument, text, project), unknown=is_intrinsic)
        return
    found = embedded(node, text)
    if found is None or not _INLINE_BUILDSPEC.match(found.content):
        return
    outward, verbatim = found.map.outer, found.map.verbatim

    def out(span: Span) -> Span:
        return outward(*span)

    def same(span: Span) -> Span | None:
        return verbatim(*span)

    inner = Text(found.content)
    document = (parse_json if found.content.lstrip().startswith("{") else parse_yaml)(inner)
    if document.root is None:
        nothing = View(Sequence(0, len(found.content), []), inner)
        yield Unit("", nothing, out, problems=document.problems, verbatim=same)
    else:
        view, block = Buildspec(document.root, inner, project), _block(node, found, text.content)
        yield Unit("buildspec", view, out, problems=document.problems, verbatim=same, block=block)


def _block(node: Node, found: Embedded, outer: str) -> LiteralBlock | None:
    """The literal block that the node is; None of any other text."""
    if not isinstance(node, Scalar) or node.style != LITERAL or node.tag:
        return None
    inner = found.content
    first = len(inner) - len(inner.lstrip("\n"))  # the margin of an empty line is left out
    start = found.map.outer(first, first + 1).start
    margin = outer[outer.rfind("\n", 0, start) + 1 : start]
    return None if margin.strip(" ") else LiteralBlock(inner, outer, margin)


def repository_by_id(template: Template, text: str) -> str | None:
    """The CodeCommit repository that a symbolic text ends with by `Ref`, which gives its id and not its name."""
    start, _, name = text.rstrip("}").rpartition("${")
    resource = template.resource(name) if text.endswith("}") and start[-1:] in ("", ":") else None
    return name if resource is not None and resource.type == "AWS::CodeCommit::Repository" else None
