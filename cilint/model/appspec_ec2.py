"""An appspec for EC2 and on-premises instances, as the CodeDeploy agent reads it
(https://docs.aws.amazon.com/codedeploy/latest/userguide/reference-appspec-file-structure.html).
"""

from __future__ import annotations

from functools import cached_property
from typing import Final

from cilint.model import agent
from cilint.model.unit import Unit
from cilint.model.view import Children, Items, Table, Value, View, Word
from cilint.source.nodes import Document, Mapping, Node, Scalar, Sequence
from cilint.source.text import Span

EVENTS: Final = (
    "BeforeBlockTraffic",
    "AfterBlockTraffic",
    "ApplicationStop",
    "BeforeInstall",
    "AfterInstall",
    "ApplicationStart",
    "ValidateService",
    "BeforeAllowTraffic",
    "AfterAllowTraffic",
)
"""Events that run scripts, in the order in which they run."""

RESERVED_EVENTS: Final = ("Start", "DownloadBundle", "Install", "BlockTraffic", "AllowTraffic", "End")
PREVIOUS_REVISION_EVENTS: Final = ("ApplicationStop", "BeforeBlockTraffic", "AfterBlockTraffic")
"""Events that run the scripts of the last successful deployment, not of this bundle."""


class File(View):
    """One item of `files`."""

    source = Word("source")
    destination = Word("destination")


class Permission(View):
    """One item of `permissions`."""

    object = Word("object")
    pattern = Word("pattern")
    except_ = Items("except")
    type = Value("type")
    owner = Word("owner")
    group = Word("group")
    mode = Word("mode")
    acls = Items("acls")
    context = Table("context")

    @property
    def types(self) -> tuple[str, ...]:
        """The kinds of objects that are meant; both where `type` does not say."""
        node = self.type
        if agent.is_false(node):
            return agent.OBJECT_TYPES
        found = node.items if isinstance(node, Sequence) else []
        return tuple(item.value for item in found if isinstance(item, Scalar) and item.value in agent.OBJECT_TYPES)

    @property
    def directory(self) -> str | None:
        """The object's path with one slash at its end, or None where there is no object."""
        return self.object.value.strip().rstrip("/") + "/" if self.object is not None else None

    @property
    def is_whole(self) -> bool:
        """Whether it reaches everything below its object."""
        pattern = self.pattern
        return (pattern is None or agent.is_nil(pattern) or pattern.value == "**") and not self.except_


class Script(View):
    """One script of an event."""

    location = Word("location")
    timeout = Value("timeout")
    runas = Word("runas")

    def __init__(self, node: Node, hook: Hook) -> None:
        super().__init__(node, hook.text)
        self.hook = hook

    @property
    def seconds(self) -> int | None:
        """The time that the agent gives the script; None where it refuses the timeout."""
        return agent.timeout_seconds(self.timeout)

    @property
    def has_timeout(self) -> bool:
        return not agent.is_false(self.timeout)


class Hook(View):
    """An event under `hooks` with its scripts. `name` is as written and may be no event that exists."""

    def __init__(self, name: str, key: Node, node: Node, appspec: AppspecEC2) -> None:
        super().__init__(node, appspec.text)
        self.name = name
        self.key = key
        self.appspec = appspec

    @cached_property
    def scripts(self) -> tuple[Script, ...]:
        """The scripts that are mappings."""
        found = self.node.items if isinstance(self.node, Sequence) else ()
        return tuple(Script(item, self) for item in found if isinstance(item, Mapping))


class AppspecEC2(View):
    """A whole appspec."""

    os = Word("os")
    files = Children("files", File)
    permissions = Children("permissions", Permission)

    @cached_property
    def refusals(self) -> tuple[agent.Refusal, ...]:
        """Everything that the agent refuses; a file without any is one that it takes."""
        return tuple(agent.refusals(self.node))

    @cached_property
    def hooks(self) -> tuple[Hook, ...]:
        """The events in the order written; of two with one name the agent sees the last."""
        table = self.get("hooks")
        if not isinstance(table, Mapping):
            return ()
        entries = [(name, table.entry(name)) for name in table.names()]
        return tuple(Hook(name, entry.key, entry.value, self) for name, entry in entries if entry)

    def fills(self, directory: str) -> bool:
        """Whether the deployment copies something to a directory, its path with a slash at its end, or below it."""
        return any(
            file.destination is not None and (file.destination.value.strip().rstrip("/") + "/").startswith(directory)
            for file in self.files
        )

    @property
    def on_windows(self) -> bool:
        return self.os is not None and self.os.value.lower() == "windows"

    @property
    def place(self) -> Span:
        """Where a finding about the whole file is shown: its first key."""
        return agent.place(self.node)


SUBJECTS: Final = {
    "AppspecEC2": lambda view: (view,),
    "File": lambda view: view.files,
    "Permission": lambda view: view.permissions,
    "Hook": lambda view: view.hooks,
    "Script": lambda view: [script for hook in view.hooks for script in hook.scripts],
}


def units(document: Document, path: str, fragment: bool) -> list[Unit]:
    """An appspec is one unit; the agent reads the first document of a stream, and refuses a file that holds none."""
    if document.problems and not document.roots:
        return []
    root = document.root or Scalar(0, 0, "")
    return [Unit("appspec-ec2", AppspecEC2(root, document.text), fragment=fragment)]
