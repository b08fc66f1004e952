"""The calls to AWS that a build's commands make with the role of the build. What each needs stands in the catalogue.

Only commands that surely run and that nobody expects to fail count; a build that takes other credentials has none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from cilint.catalog import command_actions
from cilint.model.buildspec import Buildspec, Step
from cilint.shell.script import COUNTS, PIPED, SUBSTITUTION, UNCHECKED, SimpleCommand
from cilint.shell.words import Word
from cilint.source.pattern import lazy
from cilint.source.record import NamedTuple

_CREDENTIALS: Final = (
    r"AWS_(?:(?:DEFAULT_)?PROFILE|ACCESS_KEY|SECRET|SESSION_TOKEN|WEB_IDENTITY|ROLE_ARN|CONFIG_FILE"
    r"|SHARED_CREDENTIALS|CONTAINER_CREDENTIALS|ENDPOINT_URL)"
)
_OTHER_CREDENTIALS: Final = re.compile(
    rf"{_CREDENTIALS}|assume-?role|AssumeRole|aws configure|aws-vault|credential_source"
)
_TOOLS: Final = ("aws", "sam", "docker", "git")
_SUBCOMMAND: Final = lazy(r"[a-z0-9-]+")
_NO_CALL: Final = (
    "--profile",
    "--endpoint-url",
    "--no-sign-request",
    "--generate-cli-skeleton",
    "--dry-run",
    "--dryrun",
)
_PUSH: Final = (
    "ecr:BatchCheckLayerAvailability",
    "ecr:InitiateLayerUpload",
    "ecr:UploadLayerPart",
    "ecr:CompleteLayerUpload",
    "ecr:PutImage",
)


class CommandCall(NamedTuple):
    """A command and the actions that it needs; `words` is what one would call it."""

    step: Step
    words: str
    actions: tuple[str, ...]


def calls_of(buildspec: Buildspec) -> Iterator[CommandCall]:
    """The calls of a build's commands, in order."""
    scripts = [command.script for command in buildspec.commands]
    if any(_OTHER_CREDENTIALS.search(text) for text in (*scripts, *_variables(buildspec))):
        return
    if not any(tool in script for script in scripts for tool in _TOOLS):
        return
    if any(step.simple.name in (".", "source", "eval") for step in buildspec.steps):
        return  # what they bring in may be credentials
    for step in buildspec.steps:
        simple = step.simple
        if simple.name in _TOOLS and _counts(simple):
            actions = _actions(simple)
            if actions:
                yield CommandCall(step, _words(simple), actions)


def brings_credentials(variable: str) -> bool:
    """Whether the AWS CLI takes other credentials when a variable of this name is set."""
    return re.match(_CREDENTIALS, variable) is not None


def _variables(buildspec: Buildspec) -> Iterator[str]:
    env = buildspec.env
    for table in (env.variables, env.parameter_store, env.secrets_manager) if env is not None else ():
        yield from table.names() if table is not None else ()


def _counts(simple: SimpleCommand) -> bool:
    """Whether it runs in each build, with the build's credentials, and nobody expects it to fail."""
    sheltered = simple.conditions or simple.function or simple.prefixes or simple.assignments
    if sheltered or not set(simple.inside) <= {SUBSTITUTION} or _has(simple, _NO_CALL):
        return False
    return simple.failure in (COUNTS, PIPED, UNCHECKED)


def _has(simple: SimpleCommand, flags: tuple[str, ...]) -> bool:
    return any(word.raw.partition("=")[0] in flags for word in simple.args)


def _words(simple: SimpleCommand) -> str:
    texts = [word.text for word in simple.operands[:2] if word.text and _SUBCOMMAND.fullmatch(word.text)]
    return " ".join((simple.name, *texts))


def _actions(simple: SimpleCommand) -> tuple[str, ...]:
    if simple.name == "docker":
        pushed = simple.operands[1:2] if simple.matches("docker", "push") else ()
        return _PUSH if any(".dkr.ecr." in word.raw for word in pushed) else ()
    if simple.name == "git":
        source = simple.operands[1:2] if simple.matches("git", "clone") else ()
        return ("codecommit:GitPull",) if any("codecommit" in word.raw for word in source) else ()
    for words, actions in command_actions.table():
        if simple.matches(*words):
            return actions
    if simple.matches("aws", "s3", "cp|mv|sync|ls"):
        return _of_copy(simple)
    operands = [word.text for word in simple.operands[:2]]
    if simple.name == "aws" and len(operands) == 2 and operands[0] and operands[1]:
        return command_actions.of_operation(operands[0], operands[1])
    return ()


def _of_copy(simple: SimpleCommand) -> tuple[str, ...]:
    """`aws s3 cp`, `mv`, `sync`, `ls`: by which of their sides is in S3."""
    verb, *places = [_start(word) for word in simple.operands[1:4]]
    if verb == "ls":
        return ("s3:ListBucket",) if places and places[0].startswith("s3://") else ()
    if len(places) < 2:
        return ()
    whole = verb == "sync" or simple.has("--recursive")
    source, target = (place.startswith("s3://") for place in places[:2])
    found = ["s3:ListBucket"] if verb == "sync" or (source and whole) else []
    found += ["s3:GetObject"] if source else []
    found += ["s3:PutObject"] if target else []
    if (verb == "sync" and target and simple.has("--delete")) or (verb == "mv" and source):
        found.append("s3:DeleteObject")
    return tuple(found)


def _start(word: Word) -> str:
    """The literal beginning of a word."""
    return word.parts[0].text if word.parts and word.parts[0].kind != "expansion" else ""
