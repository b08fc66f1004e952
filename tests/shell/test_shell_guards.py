"""Whether a command of post_build runs after a failed build: every way to ask CODEBUILD_BUILD_SUCCEEDING."""

from __future__ import annotations

import pytest

from cilint.shell.conditions import copies
from cilint.shell.script import FAILED_BUILD, Condition, parse

GUARDED = [
    '[ "$CODEBUILD_BUILD_SUCCEEDING" = "1" ] && deploy',
    "if [ $CODEBUILD_BUILD_SUCCEEDING -eq 1 ]; then deploy; fi",
    "if [ ${CODEBUILD_BUILD_SUCCEEDING} -gt 0 ]; then deploy; fi",
    "if [ x$CODEBUILD_BUILD_SUCCEEDING = x1 ]; then deploy; fi",
    'if [ "${CODEBUILD_BUILD_SUCCEEDING:-0}" != 0 ]; then deploy; fi',
    'if [[ "$CODEBUILD_BUILD_SUCCEEDING" == "1" ]]; then deploy; fi',
    "if [[ $CODEBUILD_BUILD_SUCCEEDING == 1 && -f x ]]; then deploy; fi",
    "if (( CODEBUILD_BUILD_SUCCEEDING )); then deploy; fi",
    "if (( $CODEBUILD_BUILD_SUCCEEDING == 1 )); then deploy; fi",
    'test "$CODEBUILD_BUILD_SUCCEEDING" == 1 || exit 1\ndeploy',
    '[ "$CODEBUILD_BUILD_SUCCEEDING" = 1 ] || { echo failed; exit 1; }\ndeploy',
    'if [ "$CODEBUILD_BUILD_SUCCEEDING" -eq 0 ]; then exit 1; fi\ndeploy',
    'if [ "$CODEBUILD_BUILD_SUCCEEDING" = 0 ]; then echo failed; else deploy; fi',
    '[ "$CODEBUILD_BUILD_SUCCEEDING" = 0 ] && exit 0; deploy',
    'if ! [ "$CODEBUILD_BUILD_SUCCEEDING" = 1 ]; then exit 1; fi; deploy',
    'if [ ! "$CODEBUILD_BUILD_SUCCEEDING" = 1 ]; then exit 1; fi; deploy',
    'set -e\n[ "$CODEBUILD_BUILD_SUCCEEDING" = 1 ]\ndeploy',
    "case $CODEBUILD_BUILD_SUCCEEDING in 1) deploy;; esac",
    "case $CODEBUILD_BUILD_SUCCEEDING in 0) exit 1;; esac\ndeploy",
    "case $CODEBUILD_BUILD_SUCCEEDING in 1) ;; *) exit 1;; esac\ndeploy",
    "case $CODEBUILD_BUILD_SUCCEEDING in 0) echo failed;; *) deploy;; esac",
    'f() { deploy; }\nif [ "$CODEBUILD_BUILD_SUCCEEDING" = 1 ]; then f; fi',
    'if [ "$CODEBUILD_BUILD_SUCCEEDING" = 1 ] && [ "$BRANCH" = main ]; then deploy; fi',
]

UNGUARDED = [
    "deploy",
    'echo "$CODEBUILD_BUILD_SUCCEEDING"; deploy',
    'if [ "$CODEBUILD_BUILD_SUCCEEDING" = 0 ]; then deploy; fi',
    'if [ -n "$CODEBUILD_BUILD_SUCCEEDING" ]; then deploy; fi',
    "if [ $CODEBUILD_BUILD_SUCCEEDING ]; then deploy; fi",
    '[ "$CODEBUILD_BUILD_SUCCEEDING" = 1 ]\ndeploy',
    'if [ "$CODEBUILD_BUILD_SUCCEEDING" = 1 ]; then echo good; fi; deploy',
    'if [ "$BRANCH" = main ]; then deploy; fi',
    '[ "$BRANCH" = main ] || exit 0; deploy',
    "case $CODEBUILD_BUILD_SUCCEEDING in 1) echo good;; *) deploy;; esac",
    'f() { deploy; }\nif [ "$CODEBUILD_BUILD_SUCCEEDING" = 1 ]; then f; fi; f',
]

UNSURE = [
    'check() { [ "$CODEBUILD_BUILD_SUCCEEDING" = 1 ] || exit 1; }\ncheck\ndeploy',
    'if echo "$CODEBUILD_BUILD_SUCCEEDING" | grep -q 1; then deploy; fi',
    'if grep -q 1 <<< "$CODEBUILD_BUILD_SUCCEEDING"; then deploy; fi',
    'bash -c "if [ $CODEBUILD_BUILD_SUCCEEDING = 0 ]; then exit 1; fi" || exit 1; deploy',
    'if [ "$CODEBUILD_BUILD_SUCCEEDING" = "$EXPECTED" ]; then deploy; fi',
    'if [[ "$CODEBUILD_BUILD_SUCCEEDING" =~ ^1$ ]]; then deploy; fi',
    'if [ "$CODEBUILD_BUILD_SUCCEEDING" = 1 ] || [ "$FORCE" = yes ]; then deploy; fi',
]


def runs(*scripts: str, known: dict[str, str] | None = None) -> bool | None:
    """Whether `deploy`, in the last of the phase's scripts, runs after a failed build."""
    before: tuple[Condition, ...] = ()
    for text in scripts[:-1]:
        before += parse(text).after
    script = parse(scripts[-1])
    assert not script.has_error
    (command,) = [command for command in script.commands if command.name == "deploy"]
    return script.runs(command, FAILED_BUILD | (known or {}), before)


@pytest.mark.parametrize("script", GUARDED)
def test_guarded(script: str) -> None:
    assert runs(script) is False


@pytest.mark.parametrize("script", GUARDED)
def test_a_guard_lets_a_good_build_through(script: str) -> None:
    assert runs(script, known={"CODEBUILD_BUILD_SUCCEEDING": "1"}) is not False


@pytest.mark.parametrize("script", UNGUARDED)
def test_unguarded(script: str) -> None:
    assert runs(script) is True


@pytest.mark.parametrize("script", UNSURE)
def test_unsure_when_the_question_cannot_be_followed(script: str) -> None:
    assert runs(script) is None


@pytest.mark.parametrize(
    ("first", "answer"),
    [
        ('test "$CODEBUILD_BUILD_SUCCEEDING" = 1', False),
        ('[ "$CODEBUILD_BUILD_SUCCEEDING" = 1 ] || exit 1', False),
        ('if [ "$CODEBUILD_BUILD_SUCCEEDING" = 0 ]; then exit 1; fi', False),
        ('[ "$CODEBUILD_BUILD_SUCCEEDING" = 1 ] && echo good', False),
        ('bash -c "[ $CODEBUILD_BUILD_SUCCEEDING = 1 ]"', None),
        ('[ "$CODEBUILD_BUILD_SUCCEEDING" = 1 ] || echo failed', True),
        ('[ "$CODEBUILD_BUILD_SUCCEEDING" = 1 ]; echo asked', True),
        ('if [ "$CODEBUILD_BUILD_SUCCEEDING" = 1 ]; then echo good; fi', True),
        ('aws sns publish --message "state $CODEBUILD_BUILD_SUCCEEDING"', True),
    ],
)
def test_a_command_that_fails_ends_the_phase(first: str, answer: bool | None) -> None:
    assert runs(first, "echo between", "deploy") is answer


def test_a_copy_of_the_variable_asks_the_same_question() -> None:
    (name,) = copies(parse('STATE="$CODEBUILD_BUILD_SUCCEEDING"; OTHER="x$STATE"'), "CODEBUILD_BUILD_SUCCEEDING")
    assert name == "STATE"
    assert runs('[ "$STATE" = 1 ] || exit 1; deploy', known={name: "0"}) is False


def test_a_script_with_errors_never_gives_a_sure_answer_about_what_it_mentions() -> None:
    script = parse('if [ "$CODEBUILD_BUILD_SUCCEEDING" = 1 ]; then\ndeploy\n')
    (command,) = [command for command in script.commands if command.name == "deploy"]
    assert script.has_error
    assert script.runs(command, FAILED_BUILD) is not True
