"""A Dockerfile as far as a build's checks need it: its stages and their instructions, with line numbers.

No kind of its own: it is read as the neighbour of a buildspec whose commands build it. Follows the reference
(https://docs.docker.com/reference/dockerfile/): continuation lines, comments, heredocs, the `escape` directive.
"""

from __future__ import annotations

from typing import Final

from cilint.source.pattern import lazy
from cilint.source.record import NamedTuple

_DIRECTIVE: Final = lazy(r"#\s*(\w+)\s*=\s*(\S+)\s*$")
_HEREDOC: Final = lazy(r"<<-?\s*[\"']?(\w+)[\"']?")
_PAIR: Final = lazy(r"""([A-Za-z_]\w*)=("(?:[^"\\]|\\.)*"|'[^']*'|(?:[^\s"'\\]|\\.)*)""")
_ALIAS: Final = lazy(r"\s+[Aa][Ss]\s+(\S+)\s*$")


class Instruction(NamedTuple):
    """`name` in capitals, `value` as written behind it with its lines joined; `line` counts from 1."""

    name: str
    value: str
    line: int

    def pairs(self) -> list[tuple[str, str | None]]:
        """What an `ENV` or `ARG` names: names and values without quotes; None for an `ARG` without default."""
        found = [(match[1], match[2].strip("\"'")) for match in _PAIR.finditer(self.value)]
        if found:
            return list(found)
        name, _, value = self.value.partition(" ")
        return [(name, value.strip() or None)] if name else []

    def sources(self) -> list[str]:
        """What a `COPY` or `ADD` takes from the context; nothing when it takes from another stage."""
        words = [word for word in self.value.split() if not word.startswith("--")]
        if "--from=" in self.value or self.value.lstrip().startswith("["):
            return []
        return words[:-1]


class Stage(NamedTuple):
    """From one `FROM` to the next; `image` as written, `name` that of `AS`."""

    image: str
    name: str
    line: int
    instructions: tuple[Instruction, ...]


def stages(text: str) -> list[Stage]:
    """The stages of a Dockerfile, in order. Instructions before the first `FROM` are left out. Never raises."""
    found: list[Stage] = []
    for each in _instructions(text):
        if each.name == "FROM":
            words = [word for word in each.value.split() if not word.startswith("--")]
            alias = _ALIAS.search(each.value)
            found.append(Stage(words[0] if words else "", alias[1] if alias else "", each.line, ()))
        elif found:
            found[-1] = found[-1]._replace(instructions=(*found[-1].instructions, each))
    return found


def shipped(found: list[Stage], target: str = "") -> list[Stage]:
    """The stages that the built image consists of: the last one (or the target), and those that it is based on."""
    by_name = {stage.name: stage for stage in found if stage.name}
    stage = by_name.get(target) or (found[-1] if found else None)
    chain: list[Stage] = []
    while stage is not None and stage not in chain:
        chain.append(stage)
        stage = by_name.get(stage.image)
    return chain


def _instructions(text: str) -> list[Instruction]:
    found: list[Instruction] = []
    escape = "\\"
    lines = text.splitlines()
    at = 0
    while at < len(lines):
        line, number = lines[at].strip(), at + 1
        at += 1
        if line.startswith("#"):
            directive = _DIRECTIVE.match(line)
            if directive and directive[1].lower() == "escape" and not found:
                escape = directive[2]
            continue
        while line.endswith(escape) and at < len(lines):
            following = lines[at].strip()
            at += 1
            if not following.startswith("#"):
                line = f"{line[:-1]} {following}"
        name, _, value = line.partition(" ")
        if not name:
            continue
        found.append(Instruction(name.upper(), value.strip(), number))
        ends = _HEREDOC.findall(value) if name.upper() in ("RUN", "COPY", "ADD") else []
        for end in ends:
            while at < len(lines) and lines[at].strip() != end:
                at += 1
            at += 1
    return found
