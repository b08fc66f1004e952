"""An ECS task definition as `register-task-definition` takes it
(https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_definition_parameters.html).
"""

from __future__ import annotations

from typing import Final

from cilint.model.unit import Unit
from cilint.model.view import Child, Children, Items, View, Word
from cilint.source.nodes import Document, Scalar
from cilint.source.text import Span


class Variable(View):
    """One item of a container's `environment`."""

    name = Word("name")
    value = Word("value")


class PortMapping(View):
    """One item of `portMappings`."""

    container_port = Word("containerPort")


class LogConfiguration(View):
    """Where a container's output goes."""

    driver = Word("logDriver")


class Container(View):
    """One item of `containerDefinitions`."""

    name = Word("name")
    image = Word("image")
    environment = Children("environment", Variable)
    port_mappings = Children("portMappings", PortMapping)
    log_configuration = Child("logConfiguration", LogConfiguration)


class TaskDefinition(View):
    """A whole task definition."""

    family = Word("family")
    cpu = Word("cpu")
    memory = Word("memory")
    network_mode = Word("networkMode")
    compatibilities = Items("requiresCompatibilities")
    containers = Children("containerDefinitions", Container)

    @property
    def on_fargate(self) -> bool:
        return any(isinstance(item, Scalar) and item.value == "FARGATE" for item in self.compatibilities)

    @property
    def place(self) -> Span:
        """Where a finding about the whole file is shown: the key of its containers."""
        return self.key_span("containerDefinitions")


SUBJECTS: Final = {
    "TaskDefinition": lambda view: (view,),
    "Container": lambda view: view.containers,
}


def units(document: Document, path: str, fragment: bool) -> list[Unit]:
    """A task definition is one unit."""
    return [Unit("taskdef", TaskDefinition(root, document.text), fragment=fragment) for root in document.roots[:1]]
