"""A deploy spec, which CodePipeline's EC2 deploy action reads
(https://docs.aws.amazon.com/codepipeline/latest/userguide/action-reference-EC2Deploy.html).

It has two events of its own under `scripts`; in version 0.0 it is an appspec, of whose hooks five are mapped to them.
"""

from __future__ import annotations

from functools import cached_property
from typing import Final

from cilint.model.unit import Unit
from cilint.model.view import View, Word
from cilint.source import scalars
from cilint.source.nodes import Document, Mapping, Node, Scalar, Sequence
from cilint.source.text import Text

EVENTS: Final = ("BeforeDeploy", "AfterDeploy")
MAPPED_HOOKS: Final = ("ApplicationStop", "BeforeInstall", "AfterInstall", "ApplicationStart", "ValidateService")


class DeployScript(View):
    """One script of an event."""

    location = Word("location")


class DeployEvent(View):
    """An event with its scripts, under `scripts` or `hooks` (`table`). `name` may be no event that exists."""

    def __init__(self, table: str, name: str, key: Node, node: Node, text: Text) -> None:
        super().__init__(node, text)
        self.table = table
        self.name = name
        self.key = key

    @cached_property
    def scripts(self) -> tuple[DeployScript, ...]:
        """The scripts that are mappings."""
        found = self.node.items if isinstance(self.node, Sequence) else ()
        return tuple(DeployScript(item, self.text) for item in found if isinstance(item, Mapping))


class DeploySpec(View):
    """A whole deploy spec."""

    version = Word("version")

    @property
    def is_appspec(self) -> bool:
        """Whether its version says that it is an appspec."""
        return self.version is not None and str(scalars.value(self.version)) in ("0.0", "0")

    @cached_property
    def events(self) -> tuple[DeployEvent, ...]:
        """The events in the order written, those of `scripts` first."""
        found = []
        for name in ("scripts", "hooks"):
            table = self.get(name)
            for each in table.entries if isinstance(table, Mapping) else ():
                if isinstance(each.key, Scalar):
                    found.append(DeployEvent(name, each.name, each.key, each.value, self.text))
        return tuple(found)


SUBJECTS: Final = {
    "DeploySpec": lambda view: (view,),
    "DeployEvent": lambda view: view.events,
}


def units(document: Document, path: str, fragment: bool) -> list[Unit]:
    """A deploy spec is one unit."""
    return [Unit("deploy-spec", DeploySpec(root, document.text), fragment=fragment) for root in document.roots[:1]]
