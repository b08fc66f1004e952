"""What a file is taken for, and what is left to the tool that has yet to fill it in."""

from __future__ import annotations

import pytest

from cilint.model.kinds import recognise
from cilint.source.read import read
from cilint.source.text import decode


def kind_of(text: str, path: str) -> str | None:
    """The kind of a file with that text."""
    found = recognise(read(decode(text.encode()), path), path)
    return found.kind if found else None


PHASES = "phases:\n  build:\n    commands:\n      - make\n"


@pytest.mark.parametrize(
    "head",
    [
        "env:\n  variables:\n    TOKEN: {{ prefix }}.token\n",  # not YAML before
        "env:\n  variables:\n    TOKEN: {{ token }}\n",  # YAML by chance
        "env:\n  variables:\n    TOKEN: %TOKEN%\n",
        "env:\n  variables:\n    TOKEN: @TOKEN@\n",
        "{% if fast %}\nrun-as: root\n{% endif %}\n",
    ],
)
def test_a_file_with_stand_ins_is_left_to_who_fills_them_in(head: str) -> None:
    assert kind_of("version: 0.2\n" + head + PHASES, "buildspec.yml") == "templated"


def test_stand_ins_in_json() -> None:
    statement = '{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}'
    assert kind_of(f'{{"Version": "2012-10-17", "Statement": [{statement}, {{{{ more }}}}]}}', "p.json") == "templated"


@pytest.mark.parametrize(
    "command",
    [
        "docker inspect --format '{{.Id}}' app",
        '"{{ not a stand-in }}"',
        "echo %PATH%",
        "|\n        {{ in a text }}",
    ],
)
def test_braces_in_a_text_are_nothing_to_fill_in(command: str) -> None:
    assert kind_of("version: 0.2\n" + PHASES + f"      - {command}\n", "buildspec.yml") == "buildspec"


def test_a_mistake_far_from_any_braces_stays_a_mistake() -> None:
    steps = "      - docker ps --format '{{.Id}}'\n      - a\n      - b\n   - c\n"
    assert kind_of("version: 0.2\n" + PHASES + steps, "buildspec.yml") == "buildspec"


def test_a_dynamic_reference_is_cloudformation_s_own() -> None:
    text = "Resources:\n  A:\n    Type: AWS::CodePipeline::Webhook\n    Properties:\n      Secret: {{resolve:x:y}}\n"
    assert kind_of(text, "t.yaml") == "template"


def test_an_event_is_no_appspec() -> None:
    event = '{"version": "0", "detail-type": "CodePipeline Action", "source": "aws.codepipeline", "resources": []}'
    assert kind_of(event, "event.json") is None
