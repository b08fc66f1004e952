"""A Dockerfile read as a buildspec's neighbour: its stages, what they ship, and what instructions name."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from cilint.model.dockerfile import Instruction, shipped, stages

TWO_STAGES = """\
# syntax=docker/dockerfile:1
ARG NODE=22
FROM --platform=$BUILDPLATFORM node:$NODE AS build
env A=1 \\
    # a comment between
    B="two words" \\
    C='3'
RUN <<EOF
FROM nothing
EOF
COPY --chown=app package.json .npmrc ./

FROM nginx as web
FROM web
COPY --from=build /srv /srv
ENV OLD some value
"""


def test_stages_begin_with_from() -> None:
    assert [(stage.image, stage.name, stage.line) for stage in stages(TWO_STAGES)] == [
        ("node:$NODE", "build", 3),
        ("nginx", "web", 13),
        ("web", "", 14),
    ]


def test_lines_are_joined_and_heredocs_are_passed_over() -> None:
    build = stages(TWO_STAGES)[0]
    assert [(each.name, each.line) for each in build.instructions] == [("ENV", 4), ("RUN", 8), ("COPY", 11)]
    assert build.instructions[0].pairs() == [("A", "1"), ("B", "two words"), ("C", "3")]


def test_the_image_consists_of_the_last_stage_and_its_bases() -> None:
    found = stages(TWO_STAGES)
    assert [stage.image for stage in shipped(found)] == ["web", "nginx"]
    assert [stage.image for stage in shipped(found, "build")] == ["node:$NODE"]


def test_what_instructions_name() -> None:
    assert Instruction("ENV", "OLD some value", 1).pairs() == [("OLD", "some value")]
    assert Instruction("ARG", "TOKEN", 1).pairs() == [("TOKEN", None)]
    assert Instruction("COPY", "--chown=app a b ./", 1).sources() == ["a", "b"]
    assert Instruction("COPY", "--from=build a b", 1).sources() == []


def test_another_character_may_join_lines() -> None:
    (stage,) = stages("# escape=`\nFROM windows\nRUN a `\n  b\nRUN c:\\\nRUN d\n")
    assert [each.value for each in stage.instructions] == ["a  b", "c:\\", "d"]


@given(st.text())
def test_no_text_raises(text: str) -> None:
    shipped(stages(f"FROM a\n{text}"))
