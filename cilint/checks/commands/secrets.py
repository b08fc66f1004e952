"""Checks of secrets in commands: fetched past CodeBuild's masking, printed, passed where others can read them."""

from __future__ import annotations

from collections.abc import Iterator

from cilint.core.finding import Finding
from cilint.core.rule import check
from cilint.model.buildspec import Step
from cilint.shell.script import Assignment
from cilint.shell.words import Word


@check("secret-fetched-by-command")
def secret_fetched_by_command(step: Step) -> Iterator[Finding]:
    """A secret that a command puts into a variable, so that CodeBuild does not know it and does not mask it."""
    fetched = _fetched(step)
    target = assigned(step)
    if fetched is None or target is None:
        return
    section, identifier = fetched
    literal = identifier.text if identifier is not None else None
    how = (
        f"write `{target.name}: {literal}` under `env.{section}`"
        if literal
        else f"name it under `env.{section}`, where its name is known before the build"
    )
    yield Finding(
        step.span,
        f"CodeBuild does not know that `{target.name}` is a secret and cannot mask it in the log; {how}, and CodeBuild "
        "fetches it",
        severity=None if literal else "note",
    )


@check("parameter-fetched-by-command")
def parameter_fetched_by_command(step: Step) -> Iterator[Finding]:
    """A parameter that a command reads although CodeBuild can."""
    if not step.simple.matches("aws", "ssm", "get-parameter|get-parameters") or step.simple.has("--with-decryption"):
        return
    name, target = step.simple.option("--name", "--names"), assigned(step)
    if target is not None and isinstance(name, Word) and name.text:
        yield Finding(
            step.span,
            f"CodeBuild reads parameters itself: write `{target.name}: {name.text}` under `env.parameter-store`",
        )


def _fetched(step: Step) -> tuple[str, Word | None] | None:
    """The section of `env` that could fetch what the command fetches, and the word that names it."""
    simple = step.simple
    if simple.matches("aws", "secretsmanager", "get-secret-value"):
        name = simple.option("--secret-id")
        return "secrets-manager", name if isinstance(name, Word) else None
    if simple.matches("aws", "ssm", "get-parameter|get-parameters") and simple.has("--with-decryption"):
        name = simple.option("--name", "--names")
        return "parameter-store", name if isinstance(name, Word) else None
    return None


def assigned(step: Step) -> Assignment | None:
    """The assignment whose value the step's output is a part of: `X=$(…)`, `export X="$(…)"`."""
    for other in step.command.parsed.commands:
        for assignment in other.assignments:
            value = assignment.value
            if value is not None and value.start < step.simple.start and step.simple.end <= value.end:
                return assignment
    return None
