"""JUnit XML, read by two readers of it: junitparser, and libxml2's xmllint where it is at hand."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from xml.etree import ElementTree

import pytest

from cilint.engine.run import Report, Unread
from cilint.report.junit import render
from tests.report.sample_reports import BUILDSPEC, check, diagnostic, place


def cases(content: str) -> list[ElementTree.Element]:
    """The test cases; the suite's numbers are those of its cases."""
    suite = ElementTree.fromstring(content.encode()).find("testsuite")
    assert suite is not None
    found = suite.findall("testcase")
    assert int(suite.attrib["tests"]) == len(found)
    assert int(suite.attrib["failures"]) == len([each for each in found if each.find("failure") is not None])
    return found


def everything(project: Path) -> Report:
    """A report with findings of each level, a clean file, an unreadable one, and characters that XML cannot hold."""
    (project / "buildspec.yml").write_text(BUILDSPEC)
    (project / "clean").mkdir()
    (project / "clean/buildspec.yml").write_text("version: 0.2\nphases:\n  build:\n    commands: [make]\n")
    found = check()
    nasty = diagnostic("<b>&\"'\x00\x1b[31m\udcff 😀 ]]>", where=place(path="a & b.yml"), lines=("\x07x",))
    return found._replace(
        diagnostics=(*found.diagnostics, nasty, diagnostic("advice", severity="note")),
        unread=(Unread("no.yml", "Permission denied"),),
    )


def test_every_finding_that_counts_is_a_failure_and_a_clean_file_passes(project: Path) -> None:
    found = cases(render(everything(project)))
    by_name = {(each.attrib["classname"], each.attrib["name"]): each.find("failure") for each in found}
    failure = by_name["buildspec.yml", "BS001 buildspec-unknown-key, line 11"]
    assert failure is not None
    assert failure.attrib["type"] == "warning"
    assert failure.attrib["message"].startswith("unknown key `finaly`")
    assert failure.text is not None and "cilint rule BS001 explains it" in failure.text
    assert by_name["clean/buildspec.yml", "no findings"] is None
    assert by_name["no.yml", "unreadable"] is not None
    assert by_name["buildspec.yml", "XX001 some-rule, line 1"] is None, "a note fails no report"


def test_failures_come_first_since_codebuild_keeps_500_cases(project: Path) -> None:
    failed = [each.find("failure") is not None for each in cases(render(everything(project)))]
    assert failed == sorted(failed, reverse=True)


def test_junitparser_reads_it(project: Path, tmp_path: Path) -> None:
    junitparser = pytest.importorskip("junitparser", reason="junitparser is not installed (the dev extra brings it)")
    (tmp_path / "report.xml").write_text(render(everything(project)), encoding="utf-8")
    (suite,) = junitparser.JUnitXml.fromfile(str(tmp_path / "report.xml"))
    assert suite.tests == len(list(suite))
    assert suite.failures == len([case for case in suite if case.result])


@pytest.mark.skipif(shutil.which("xmllint") is None, reason="xmllint is not installed (libxml2-utils)")
def test_xmllint_has_nothing_to_say(project: Path) -> None:
    done = subprocess.run(["xmllint", "--noout", "-"], input=render(everything(project)).encode(), capture_output=True)
    assert (done.returncode, done.stderr) == (0, b"")
