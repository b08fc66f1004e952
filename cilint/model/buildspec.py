"""A buildspec as CodeBuild reads it (https://docs.aws.amazon.com/codebuild/latest/userguide/build-spec-ref.html)."""

from __future__ import annotations

from bisect import bisect_right
from functools import cached_property
from typing import Final

from cilint.core.finding import Fix, Replacement
from cilint.model.unit import Unit
from cilint.model.view import Child, Items, Table, Value, View, Word, items
from cilint.shell.dialect import dialect, is_posix
from cilint.shell.script import Script, SimpleCommand, parse
from cilint.shell.words import Part
from cilint.shell.words import Word as ShellWord
from cilint.source import scalars
from cilint.source.maps import scalar_map
from cilint.source.nodes import Document, Mapping, Node, Scalar
from cilint.source.record import NamedTuple
from cilint.source.text import Span, Text

PHASES: Final = ("install", "pre_build", "build", "post_build")


class Command(View):
    """One item of a phase's `commands` or `finally`: one command line, or a script of several."""

    def __init__(self, scalar: Scalar, phase: Phase, section: str, index: int) -> None:
        super().__init__(scalar, phase.text)
        self.scalar = scalar
        self.phase = phase
        self.section = section
        self.index = index

    @property
    def script(self) -> str:
        """The text that the shell gets."""
        return self.scalar.value

    @cached_property
    def parsed(self) -> Script:
        """The command as the shell sees it; its spans are in `script`. Only for a POSIX shell."""
        return parse(self.script)

    def place(self, span: Span) -> Span:
        """Where a range of `script` stands in the buildspec's text."""
        return scalar_map(self.text, self.scalar).outer(*span)

    def verbatim(self, span: Span) -> Span | None:
        """Where a range of `script` stands in the buildspec's text, where it is written there as the shell gets it."""
        return scalar_map(self.text, self.scalar).verbatim(*span)


class Phase(View):
    """One of `install`, `pre_build`, `build`, `post_build`; phases run in that order whatever the file's is."""

    on_failure = Word("on-failure")
    run_as = Word("run-as")
    runtime_versions = Value("runtime-versions")

    def __init__(self, name: str, key: Node, node: Node, text: Text) -> None:
        super().__init__(node, text)
        self.name = name
        self.key = key

    @cached_property
    def commands(self) -> tuple[Command, ...]:
        """The commands that are text; other items are malformed and left to the schema's rules."""
        return self._section("commands")

    @cached_property
    def finally_(self) -> tuple[Command, ...]:
        return self._section("finally")

    def _section(self, key: str) -> tuple[Command, ...]:
        found = items(self.get(key))
        return tuple(
            Command(item, self, key, index)
            for index, item in enumerate(found)
            if isinstance(item, Scalar) and not item.is_null
        )


class Step(NamedTuple):
    """A simple command of a build, and the buildspec's command that it is a part of. `place` is in the file's text."""

    command: Command
    simple: SimpleCommand

    @property
    def span(self) -> Span:
        return self.command.place(self.simple.span)

    def place(self, part: ShellWord | Part) -> Span:
        return self.command.place(Span(part.start, part.end))

    def rewritten(self, part: ShellWord | Part, text: str, title: str) -> Fix | None:
        """The unsafe fix that writes `text`, which needs no quotes anywhere, in place of a part of the command."""
        span = self.command.verbatim(Span(part.start, part.end))
        return span and Fix(title, "unsafe", (Replacement(span, text),))


class Shell:
    """The commands that one instance of the shell runs, one after the other: what one of them sets, the next ones see.

    With version 0.2 that is the whole build, with 0.1 each command by itself (CodeBuild user guide, "Shells and
    commands in build environments"). `text` is the script that the shell runs; `outer` maps its ranges to the file.
    """

    def __init__(self, commands: tuple[Command, ...]) -> None:
        self.commands = commands

    @cached_property
    def steps(self) -> tuple[Step, ...]:
        """The simple commands in the order of their first characters."""
        return tuple(Step(command, simple) for command in self.commands for simple in command.parsed.commands)

    @cached_property
    def text(self) -> str:
        return "".join(command.script.removesuffix("\n") + "\n" for command in self.commands)

    @cached_property
    def _starts(self) -> list[int]:
        starts = [0]
        for command in self.commands:
            starts.append(starts[-1] + len(command.script.removesuffix("\n")) + 1)
        return starts

    def outer(self, span: Span) -> Span:
        """Where a range of `text` stands in the buildspec's text; it ends with the command that it starts in."""
        index = min(bisect_right(self._starts, span.start), len(self.commands)) - 1
        command, offset = self.commands[index], self._starts[index]
        length = len(command.script)
        return command.place(Span(min(span.start - offset, length), min(span.end - offset, length)))


class Env(View):
    """Where a build's variables come from."""

    shell = Word("shell")
    variables = Table("variables")
    parameter_store = Table("parameter-store")
    secrets_manager = Table("secrets-manager")
    exported_variables = Items("exported-variables")


class Cache(View):
    """What is kept between builds."""

    paths = Items("paths")
    key = Word("key")
    fallback_keys = Items("fallback-keys")


class Artifacts(View):
    """What a build hands on."""

    files = Items("files")
    base_directory = Word("base-directory")
    discard_paths = Word("discard-paths")
    exclude_paths = Items("exclude-paths")
    secondary = Table("secondary-artifacts")

    @property
    def flat(self) -> bool:
        """Whether the directories of files are taken away (`discard-paths`)."""
        return self.discard_paths is not None and scalars.value(self.discard_paths) in (True, "yes", "true")


class Buildspec(View):
    """A whole buildspec. `project` is the build project that holds it as text, None for a file of its own."""

    def __init__(self, node: Node, text: Text, project: View | None = None) -> None:
        super().__init__(node, text)
        self.project = project

    version = Word("version")
    env = Child("env", Env)
    cache = Child("cache", Cache)
    artifacts = Child("artifacts", Artifacts)
    reports = Table("reports")
    batch = Table("batch")

    @cached_property
    def phases(self) -> tuple[Phase, ...]:
        """The phases that CodeBuild knows, in the order in which they run."""
        table = self.get("phases")
        if not isinstance(table, Mapping):
            return ()
        entries = [(name, table.entry(name)) for name in PHASES]
        return tuple(Phase(name, entry.key, entry.value, self.text) for name, entry in entries if entry)

    def phase(self, name: str) -> Phase | None:
        return next((phase for phase in self.phases if phase.name == name), None)

    @cached_property
    def commands(self) -> tuple[Command, ...]:
        """All commands in the order in which they run, each phase's `finally` after its `commands`."""
        return tuple(command for phase in self.phases for command in (*phase.commands, *phase.finally_))

    @cached_property
    def shells(self) -> tuple[Shell, ...]:
        """The shells that the commands run in, in order."""
        if self.one_shell:
            return (Shell(self.commands),) if self.commands else ()
        return tuple(Shell((command,)) for command in self.commands)

    @cached_property
    def steps(self) -> tuple[Step, ...]:
        """The simple commands of the build, in order; none where the shell is no POSIX shell."""
        if not is_posix(self.dialect):
            return ()
        return tuple(step for shell in self.shells for step in shell.steps)

    @cached_property
    def dialect(self) -> str:
        """The shell that the commands are written for: `sh`, `bash`, `powershell` or `cmd`."""
        shell = self.env.shell.value if self.env and self.env.shell else None
        return dialect(shell, [command.script for command in self.commands], self.on_windows)

    @property
    def environment(self) -> str | None:
        """The type of the environment that its project gives it, as far as is known."""
        if self.project is None:
            return None
        from cilint.model.project import Project

        of_project = self.project.environment if isinstance(self.project, Project) else None
        return of_project.known("type") if of_project is not None else None

    @property
    def on_windows(self) -> bool | None:
        """Whether the build runs on Windows, by its project or else by all builds of its batch; None: nobody says."""
        types = [self.environment] if self.environment else self._batch_environments
        known = {type.startswith("WINDOWS_") if type else None for type in types}
        return known.pop() if len(known) == 1 else None

    @property
    def _batch_environments(self) -> list[str | None]:
        """The type of the environment of each build of a batch that runs this buildspec, None where it is not said."""
        found: list[str | None] = []
        for kind in ("build-list", "build-graph") if self.batch else ():
            for build in items(self.batch.get(kind)) if self.batch else ():
                if isinstance(build, Mapping) and build.get("buildspec") is None:
                    env = build.get("env")
                    type = env.get("type") if isinstance(env, Mapping) else None
                    found.append(type.value if isinstance(type, Scalar) else None)
        return found

    @cached_property
    def one_shell(self) -> bool:
        """Whether all commands share one shell (version 0.2), so that `cd` and `export` last."""
        return self.version is None or scalars.value(self.version) not in (0.1, "0.1")

    @property
    def place(self) -> Span:
        """Where a finding about the whole buildspec is shown: its first key."""
        node = self.node
        return node.entries[0].key.span if isinstance(node, Mapping) and node.entries else node.span


SUBJECTS: Final = {
    "Buildspec": lambda view: (view,),
    "Phase": lambda view: view.phases,
    "Command": lambda view: view.commands,
    "Step": lambda view: view.steps,
    "Env": lambda view: (view.env,) if view.env else (),
}


def units(document: Document, path: str, fragment: bool) -> list[Unit]:
    """A buildspec file is one unit; CodeBuild reads the first document of a stream."""
    return [Unit("buildspec", Buildspec(root, document.text), fragment=fragment) for root in document.roots[:1]]
