"""What holds for every fix of every rule, proved on the pages' examples as people write them: with other line ends, a
byte order mark, comments, blank lines, blanks at line ends, and no final line break."""

from __future__ import annotations

import re
from collections import Counter
from typing import NamedTuple

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cilint.core import resources
from cilint.engine import index as rule_index
from cilint.engine.examples import Example, checked
from cilint.engine.examples import read as read_example
from cilint.engine.fixing import fix
from cilint.engine.pages import load, page_paths
from cilint.engine.result import FileResult
from cilint.source.maps import value_start
from cilint.source.nodes import Scalar, walk
from cilint.source.read import read
from cilint.source.text import decode

INDEX = rule_index.load()
RULES = {rule.name: rule for rule in INDEX.rules}
OF_FORM = {rule.name for rule in INDEX.rules if rule.general or rule.id.startswith("CI")}
REVEALING = (
    "-unknown-key",
    "unknown-phase",
    "unknown-hook",
    "misplaced-key",
    "syntax-error",
    "command-is-mapping",
    "-principal",
)
"""After these fixes the consumer reads what it passed over: there may be more to say of that, but not of its form."""


class Sample(NamedTuple):
    """A bad example whose rule has a fix for it."""

    rule: str
    example: Example

    @property
    def name(self) -> str:
        return self.example.name

    def look(self, data: bytes) -> FileResult:
        return checked(self.example._replace(data=data), INDEX.rules)


def _samples() -> list[Sample]:
    found = []
    for path in page_paths(f"{resources.checkout()}/rules"):
        page = load(path)
        for example in page.data["bad"]:
            sample = Sample(page.name, read_example(page, example))
            result = sample.look(sample.example.data)
            if any(each.rule == page.name and each.fix for each in result.diagnostics):
                found.append(sample)
    return found


SAMPLES = _samples()


def test_there_are_fixes() -> None:
    assert {sample.rule for sample in SAMPLES} >= {"buildspec-unknown-key", "buildspec-wrong-value", "syntax-error"}


def test_a_page_with_a_fix_shows_one() -> None:
    promised = {page.name for page in map(load, page_paths(f"{resources.checkout()}/rules")) if "fix" in page.data}
    assert promised <= {sample.rule for sample in SAMPLES}


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.rule)
def test_a_fix_is_as_safe_as_the_page_says(sample: Sample) -> None:
    for each in sample.look(sample.example.data).diagnostics:
        if each.fix:
            assert each.fix.safety == RULES[each.rule].fix_safety, each.rule


@st.composite
def written_otherwise(draw: st.DrawFn, sample: Sample) -> bytes:
    """The sample in another layout that means the same."""
    content = decode(sample.example.data).content.replace("\r\n", "\n")
    document = read(decode(content.encode()), sample.name)
    gaps = _line_ends_between_values(content, sample.name) if document.format == "yaml" else []
    chosen = draw(st.sets(st.sampled_from(gaps), max_size=4)) if gaps and document.roots else set()
    for at in sorted(chosen, reverse=True):
        more = draw(st.sampled_from(["  ", " # why: ä 😀 \"'", "\n\n", "\n# aside", "\t# tab"]))
        content = content[:at] + more + content[at:]
    if draw(st.booleans()):
        content = content.rstrip("\n")
    if draw(st.booleans()) and document.format == "yaml":
        content = "# é\n" + content
    line_end = draw(st.sampled_from(["\n", "\r\n"]))
    return draw(st.sampled_from([b"", b"\xef\xbb\xbf"])) + content.replace("\n", line_end).encode()


def _line_ends_between_values(content: str, name: str) -> list[int]:
    """Where a line ends and no scalar goes on, so that a comment or an empty line means nothing."""
    document = read(decode(content.encode()), name)
    taken = [
        (value_start(content, node) - 1 if node.style in "|>" and node.style else node.start, node.end)
        for root in document.roots
        for node in walk(root)
        if isinstance(node, Scalar)
    ]
    ends = [match.start(1) for match in re.finditer("^[^#\n]*(\n)", content, re.MULTILINE)]
    return [at for at in ends if not any(start < at < end or start == at for start, end in taken)]


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.rule)
@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_the_finding_goes_nothing_new_comes_and_a_second_run_changes_nothing(
    sample: Sample, data: st.DataObject
) -> None:
    before = data.draw(written_otherwise(sample))
    known = sample.look(before)
    wanted = [each for each in known.diagnostics if each.rule == sample.rule and each.fix]
    assert wanted, "the layout hides the finding"

    after = fix(sample.name, before, sample.look, unsafe=True)

    left = sample.look(after.data)
    assert not after.refused
    assert not [each for each in left.diagnostics if each.fix], "there is still something to fix"
    new = Counter(each.rule for each in left.diagnostics) - Counter(each.rule for each in known.diagnostics)
    if sample.rule.endswith(REVEALING):
        new = Counter({name: count for name, count in new.items() if name in OF_FORM})
    assert not new
    assert fix(sample.name, after.data, sample.look, unsafe=True).data == after.data
    assert after.data.startswith(b"\xef\xbb\xbf") == before.startswith(b"\xef\xbb\xbf")
    if before.count(b"\r\n") == before.count(b"\n"):
        assert after.data.count(b"\r\n") == after.data.count(b"\n")
    if read(decode(before), sample.name).format == "yaml":
        assert sorted(_comments(after.data)) == sorted(_comments(before))


INLINE = [
    sample
    for sample in SAMPLES
    if sample.look(sample.example.data).kind == "buildspec" and b"cilint:" not in sample.example.data
]
TEMPLATE = """\
Resources:
  Build:
    Type: AWS::CodeBuild::Project
    Properties:
      Source:
        Type: NO_SOURCE
        BuildSpec: |
"""


@pytest.mark.parametrize("sample", INLINE, ids=lambda sample: sample.rule)
def test_in_a_literal_block_of_a_template_the_same_is_written(sample: Sample) -> None:
    """The file after its fixes, put into a template, is the template after its fixes: by whole lines, at its margin."""
    content = decode(sample.example.data).content
    alone = fix(sample.name, sample.example.data, sample.look, unsafe=True)

    def look(data: bytes) -> FileResult:
        return checked(sample.example._replace(data=data, name="template.yml"), INDEX.rules)

    inside = fix("template.yml", _in_template(content).encode(), look, unsafe=True)
    assert sample.rule in {each.rule for each in inside.applied}
    assert decode(inside.data).content == _in_template(decode(alone.data).content)


def _in_template(content: str) -> str:
    lines = content.rstrip("\n").split("\n")
    return TEMPLATE + "".join(f"{' ' * 10}{line}".rstrip() + "\n" for line in lines)


def _comments(data: bytes) -> list[bytes]:
    return re.findall(rb"# (?:why|aside|tab|\xc3\xa9)", data)
