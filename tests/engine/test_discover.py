"""Which files a walk meets, and which of them are worth parsing."""

from __future__ import annotations

import codecs
import os
from pathlib import Path
from typing import Any

import pytest

from cilint.core import resources
from cilint.engine import examples
from cilint.engine.discover import Candidate, discover, is_templated, is_terraform
from cilint.engine.pages import load, page_paths
from cilint.engine.parallel import WORTH_IT, in_order
from cilint.engine.sniff import is_binary, may_be_ours
from cilint.model.kinds import recognise
from cilint.source.read import read
from cilint.source.text import decode

BUILDSPEC = b"version: 0.2\nphases:\n  build:\n    commands: [make]\n"


def put(root: Path, *paths: str) -> None:
    for path in paths:
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(BUILDSPEC)


def met(root: Path, *paths: str) -> list[str]:
    """What a walk of `root` meets, or of `paths` below it."""
    found = discover(tuple(str(root / path) for path in paths or (".",)))
    return [os.path.relpath(each.path, root).replace(os.sep, "/") for each in found]


def test_only_suffixes_that_could_be_ours_whatever_their_case(tmp_path: Path) -> None:
    put(tmp_path, "buildspec.yml", "Policy.JSON", "main.TF", "a.template", "b.yaml", "x.py", "README.md", "yml")
    assert met(tmp_path) == ["Policy.JSON", "a.template", "b.yaml", "buildspec.yml", "main.TF"]


def test_the_order_is_that_of_the_names_a_directory_after_the_files(tmp_path: Path) -> None:
    put(tmp_path, "b/z.yml", "b/a/q.yml", "a/z.yml", "m.yml", "z.yml")
    assert met(tmp_path) == ["m.yml", "z.yml", "a/z.yml", "b/z.yml", "b/a/q.yml"]


@pytest.mark.parametrize("folder", [".git", "node_modules", "third_party", ".terraform", "cdk.out", ".aws-sam/build"])
def test_directories_of_tools_and_of_others_are_skipped(tmp_path: Path, folder: str) -> None:
    put(tmp_path, f"app/{folder}/buildspec.yml")
    assert met(tmp_path) == []
    assert met(tmp_path, f"app/{folder}") == [f"app/{folder}/buildspec.yml"]  # unless they are named


def test_hidden_directories_are_walked(tmp_path: Path) -> None:
    put(tmp_path, ".aws/appspec.yml", ".codebuild/buildspec.yml")
    assert met(tmp_path) == [".aws/appspec.yml", ".codebuild/buildspec.yml"]


def test_vendor_is_other_peoples_code_where_a_package_manager_put_it(tmp_path: Path) -> None:
    put(tmp_path, "go/go.mod", "go/vendor/x/buildspec.yml")
    put(tmp_path, "php/vendor/autoload.php", "php/vendor/x/buildspec.yml")
    put(tmp_path, "shop/vendor/buildspec.yml")  # a service that is called vendor
    assert met(tmp_path) == ["shop/vendor/buildspec.yml"]


def test_a_virtual_environment_is_known_by_its_marker(tmp_path: Path) -> None:
    put(tmp_path, "py311/pyvenv.cfg", "py311/lib/buildspec.yml")
    assert met(tmp_path) == []


def test_what_cdk_hides_is_seen_when_it_is_named(tmp_path: Path) -> None:
    put(tmp_path, "cdk.out/Stack.template.json")
    (tmp_path / ".git").mkdir()
    (tmp_path / ".gitignore").write_text("cdk.out\n")
    (tmp_path / "cdk.out" / ".gitignore").write_text("*\n")
    assert met(tmp_path) == []
    assert met(tmp_path, "cdk.out") == ["cdk.out/Stack.template.json"]


def test_ignored_files_are_skipped_below_a_directory_and_met_when_named(tmp_path: Path) -> None:
    put(tmp_path, "a.yml", "out/b.yml", "app/out/c.yml")
    (tmp_path / ".git").mkdir()
    (tmp_path / ".gitignore").write_text("out/\n")
    assert met(tmp_path) == ["a.yml"]
    assert met(tmp_path, "app") == []
    assert met(tmp_path, "app/out") == ["app/out/c.yml"]
    assert met(tmp_path, "out/b.yml") == ["out/b.yml"]


def test_ignore_files_count_without_a_repository_too(tmp_path: Path) -> None:
    put(tmp_path, "a.yml", "out/b.yml")
    (tmp_path / ".gitignore").write_text("out/\n")
    assert met(tmp_path) == ["a.yml"]


def test_a_submodule_has_its_own_ignore_files(tmp_path: Path) -> None:
    put(tmp_path, "sub/a.yml", "sub/b.yml")
    (tmp_path / ".git").mkdir()
    (tmp_path / ".gitignore").write_text("a.yml\n")
    (tmp_path / "sub" / ".git").write_text("gitdir: ../.git/modules/sub\n")
    (tmp_path / ".git" / "modules" / "sub" / "info").mkdir(parents=True)
    (tmp_path / ".git" / "modules" / "sub" / "info" / "exclude").write_text("b.yml\n")
    assert met(tmp_path) == ["sub/a.yml"]


def test_each_file_once_and_known_as_named(tmp_path: Path) -> None:
    put(tmp_path, "a.yml", "b.yml")
    paths = tuple(str(tmp_path / path) for path in (".", "a.yml", "./a.yml"))
    found = {os.path.basename(each.path): each.named for each in discover(paths)}
    assert found == {"a.yml": True, "b.yml": False}
    assert len(list(discover(paths))) == 2


@pytest.mark.skipif(os.name != "posix", reason="links, pipes and modes as POSIX has them")
class TestOddEntries:
    """Entries that are no ordinary files."""

    def test_a_link_is_followed_to_a_file_that_the_walk_does_not_meet(self, tmp_path: Path) -> None:
        put(tmp_path, "top/a.yml", "outside/shared.yml", "top/.hidden/plain")
        (tmp_path / "top" / "b.yml").symlink_to("a.yml")
        (tmp_path / "top" / "c.yml").symlink_to("../outside/shared.yml")
        (tmp_path / "top" / "d.yml").symlink_to(".hidden/plain")
        assert met(tmp_path, "top") == ["top/a.yml", "top/c.yml", "top/d.yml"]

    def test_broken_links_and_loops_of_directories(self, tmp_path: Path) -> None:
        put(tmp_path, "a.yml")
        (tmp_path / "broken.yml").symlink_to("nowhere")
        (tmp_path / "self.yml").symlink_to("self.yml")
        (tmp_path / "loop").symlink_to(".")
        assert met(tmp_path) == ["a.yml"]

    def test_a_pipe_is_never_walked(self, tmp_path: Path) -> None:
        os.mkfifo(tmp_path / "pipe.yml")
        assert met(tmp_path) == []

    def test_a_directory_called_like_a_file_is_a_directory(self, tmp_path: Path) -> None:
        put(tmp_path, "buildspec.yml/inner.yml")
        assert met(tmp_path) == ["buildspec.yml/inner.yml"]

    @pytest.mark.skipif(os.name == "posix" and os.geteuid() == 0, reason="root may list every directory")
    def test_a_directory_that_cannot_be_listed_is_told(self, tmp_path: Path) -> None:
        (tmp_path / "closed").mkdir(mode=0)
        assert list(discover((str(tmp_path),))) == [Candidate(str(tmp_path / "closed"), False, "Permission denied")]

    def test_a_directory_that_vanishes_is_told(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        (tmp_path / "closed").mkdir()
        scandir = os.scandir

        def refuse(path: str) -> Any:
            if path.endswith("closed"):
                raise PermissionError(13, "Permission denied")
            return scandir(path)

        monkeypatch.setattr(os, "scandir", refuse)
        assert list(discover((str(tmp_path),))) == [Candidate(str(tmp_path / "closed"), False, "Permission denied")]


@pytest.mark.parametrize(
    "name", ["appspec.yml.j2", "a/b.YAML.TPL", "policy.json.tftpl", "taskdef.json.template", "{{ name }}/buildspec.yml"]
)
def test_templated(name: str) -> None:
    assert is_templated(name)


@pytest.mark.parametrize("name", ["stack.template", "appspec_template.yaml", "a.j2", "stack.template.json"])
def test_not_templated(name: str) -> None:
    assert not is_templated(name)


def test_terraform() -> None:
    assert is_terraform("x/main.tf") and is_terraform("MAIN.TF.JSON") and not is_terraform("tf.json")


@pytest.mark.parametrize(
    "dismissed",
    [
        b'{"name": "app", "version": "1.0.0", "lockfileVersion": 3, "packages": {"os-env": {"dev": true}}}',
        b'{"name": "app", "version": "0.2.4", "files": ["dist"], "os": ["linux"]}',
        b"apiVersion: v1\nkind: Service\nmetadata:\n  name: web\n",
        b"openapi: 3.0.1\ninfo: {title: Shop, version: 1.0.0}\npaths: {}\n",
        b"",
    ],
    ids=["package-lock", "package", "kubernetes", "openapi", "empty"],
)
def test_what_others_put_into_a_repository_is_not_parsed(dismissed: bytes) -> None:
    assert not may_be_ours("some/name.json", dismissed)


@pytest.mark.parametrize(
    "kept",
    [
        BUILDSPEC,
        b"version: 0.2\nbatch: {build-list: [{identifier: a}]}\n",
        b"version: '0.2'\nenv: {variables: {A: b}}\n",
        b"env: {variables: {A: b}}\nversion:\n  !!str 0.2",
        b"version: 0.0\nos: linux\nfiles: []\n",
        b'{"version":0.0,"Resources":[]}',
        b'{"State\\u006dent": [{"Eff\\u0065ct": "Allow"}]}',
        b"\xff\xfe" + "phases: {}".encode("utf-16-le"),
        codecs.BOM_UTF32_LE + "phases: {}".encode("utf-32-le"),
        codecs.BOM_UTF8 + BUILDSPEC,
    ],
)
def test_what_could_be_ours_is_parsed(kept: bytes) -> None:
    assert may_be_ours("some/name.yml", kept)


def test_binary_is_a_nul_that_no_byte_order_mark_explains() -> None:
    assert is_binary(b"phases\0")
    assert not is_binary(codecs.BOM_UTF16_LE + b"p\0")
    assert not is_binary(BUILDSPEC)


def test_nothing_that_is_recognised_in_the_corpus_is_dismissed(corpus: Path) -> None:
    kept = dismissed = 0
    for path in sorted(corpus.rglob("*")):
        name = path.relative_to(corpus).as_posix()
        if path.is_file() and name.lower().endswith((".yml", ".yaml", ".json", ".template", ".tpl")):
            data = path.read_bytes()
            if may_be_ours(name, data):
                kept += 1
            else:
                dismissed += 1
                assert recognise(read(decode(data), name), name) is None, name
    assert kept > 300 and dismissed > 10  # both sides were seen


def test_every_target_of_the_corpus_is_parsed(corpus: Path) -> None:
    lines = [line.split("\t") for line in (corpus / "manifest.tsv").read_text().splitlines()[1:]]
    targets = [line[0] for line in lines if line[1] not in ("support", "terraform")]
    assert len(targets) > 300
    assert [name for name in targets if not may_be_ours("x/" * 2 + "some.yml", (corpus / name).read_bytes())] == []


def test_every_example_of_a_rule_is_parsed() -> None:
    root = resources.checkout()
    assert root is not None
    for page_path in page_paths(f"{root}/rules"):
        page = load(page_path)
        for example in page.data["bad"] + page.data["good"]:
            ready = examples.read(page, example)
            assert may_be_ours(ready.name, ready.data), page.name


class TestSeveralProcesses:
    """`in_order` gives what a loop gives."""

    def test_the_order_is_kept(self) -> None:
        items = list(range(WORTH_IT * 3 + 1))
        assert in_order(lambda number: number * 2, items) == [number * 2 for number in items]

    def test_few_items_stay_here(self) -> None:
        assert set(in_order(lambda _: os.getpid(), range(WORTH_IT - 1))) == {os.getpid()}

    def test_many_items_are_shared(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("cilint.engine.parallel._processes", lambda: 3)
        if hasattr(os, "fork"):
            assert len(set(in_order(lambda _: os.getpid(), range(WORTH_IT)))) == 3

    @pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork on this platform")
    @pytest.mark.parametrize("death", ["exit", "raise", "unsendable"])
    def test_the_share_of_a_dead_worker_is_done_here(self, monkeypatch: pytest.MonkeyPatch, death: str) -> None:
        monkeypatch.setattr("cilint.engine.parallel._processes", lambda: 2)
        here = os.getpid()

        def fail_elsewhere(number: int) -> Any:
            if os.getpid() != here and number > 100:
                if death == "exit":
                    os._exit(9)
                if death == "raise":
                    raise MemoryError
                return lambda: number
            return number

        assert in_order(fail_elsewhere, range(WORTH_IT)) == list(range(WORTH_IT))
