"""Configuration files: which one holds for a file, what it says, and what is said of a wrong one."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft7Validator

from cilint.cli.main import cli
from cilint.core.schema import evaluate, unsupported
from cilint.engine import index as rule_index
from cilint.engine.config import Asked, ConfigError, Configurations
from cilint.engine.declare import load_schema
from cilint.engine.settings import Settings
from cilint.engine.tables import as_node, fits, given_layer

INDEX = rule_index.load()
SECRET = """\
version: 0.2
env:
  variables:
    DB_PASSWORD: hunter2hunter2
phases:
  build:
    commands:
      - make
"""


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No test sees what another one read. The rule index stays where it is."""
    rule_index.load()
    monkeypatch.setattr("cilint.engine.toml.cache_directory", lambda: str(tmp_path / "cache"))


def write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def check(*arguments: str, stdin: str | None = None) -> Result:
    result = CliRunner().invoke(cli, ["check", "--format", "concise", *arguments], input=stdin)
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def found(*arguments: str) -> list[str]:
    """The places and levels of all findings."""
    lines = check(*arguments).stdout.splitlines()
    return [":".join(line.split(":")[i].strip() for i in (0, 1, 3)) for line in lines if line.endswith("]")]


def at(directory: str = ".", **asked: Any) -> Settings:
    return Configurations(INDEX, Asked(**asked), Settings()).of(directory)


def refusal(text: str, name: str = "cilint.toml") -> str:
    write(Path(name), text)
    with pytest.raises(ConfigError) as raised:
        at(".")
    return str(raised.value)


# --- which configuration


def test_without_any_the_defaults_hold(project: Path) -> None:
    assert at(".") == Settings()


def test_nearest_wins_and_is_not_merged(project: Path) -> None:
    write(project / "cilint.toml", 'ignore = ["BS001"]\nfail-on = "error"')
    write(project / "app/cilint.toml", 'ignore = ["BS301"]')
    assert at("app/deep/er").ignore == at("app").ignore == ("BS301",)
    assert at("app").fail_on == "warning"
    assert at("other").ignore == ("BS001",)


def test_each_file_obeys_its_own(project: Path) -> None:
    write(project / "a/buildspec.yml", SECRET)
    write(project / "b/buildspec.yml", SECRET)
    write(project / "b/cilint.toml", '[severity]\nplaintext-secret = "error"')
    assert found() == ["a/buildspec.yml:4:warning", "b/buildspec.yml:4:error"]


def test_the_search_ends_at_the_repository(project: Path) -> None:
    write(project.parent / "cilint.toml", 'ignore = ["BS001"]')
    assert at(".").ignore == ()


@pytest.mark.parametrize(("names", "wins"), [((0, 1, 2), 0), ((1, 2), 1), ((2,), 2)])
def test_of_several_in_a_directory_the_hidden_one_wins(project: Path, names: tuple[int, ...], wins: int) -> None:
    for number in names:
        name = (".cilint.toml", "cilint.toml", "pyproject.toml")[number]
        write(project / name, ("[tool.cilint]\n" if number == 2 else "") + f'ignore = ["BS00{number + 1}"]')
    assert at(".").ignore == (f"BS00{wins + 1}",)


def test_a_pyproject_that_is_not_ours_is_passed_over(project: Path) -> None:
    write(project / "cilint.toml", 'ignore = ["BS301"]')
    write(project / "a/pyproject.toml", '[project]\ndependencies = ["cilint"]')
    write(project / "b/pyproject.toml", "[tool.cilint\n")
    assert at("a").ignore == at("b").ignore == ("BS301",)


def test_extend_starts_from_another_file(project: Path) -> None:
    write(
        project / "cilint.toml", 'ignore = ["BS001"]\nexclude = ["/gen/"]\n[severity]\nBS301 = "error"\nBS101 = "note"'
    )
    write(project / "app/cilint.toml", 'extend = "../cilint.toml"\nignore = ["BS501"]\n[severity]\nBS301 = "note"')
    settings = at("app")
    assert settings.ignore == ("BS001", "BS501")
    assert dict(settings.severities) == {"BS301": "note", "BS101": "note"}
    assert [where.root for where in settings.exclude] == [str(project)], "paths start where they are written"
    assert [Path(source).name for source in settings.sources] == ["cilint.toml", "cilint.toml"]


def test_extend_in_a_circle_is_refused(project: Path) -> None:
    write(project / "b.toml", 'extend = "cilint.toml"')
    assert refusal('\nextend = "b.toml"') == "b.toml:1:1: `cilint.toml` leads back to this file"
    assert refusal('extend = "gone.toml"') == "cilint.toml:1:1: there is no file `gone.toml`"


def test_config_names_a_file_whose_paths_start_here(project: Path) -> None:
    """So the configuration of the base branch, written to a temporary file, speaks of the checked files."""
    write(project / "cilint.toml", 'ignore = ["ALL"]')
    base = write(project.parent / "base.toml", 'per-file-ignores = { "a/" = ["BS101"] }')
    write(project / "a/buildspec.yml", SECRET)
    write(project / "b/buildspec.yml", SECRET)
    assert found("--config", str(base)) == ["b/buildspec.yml:4:warning"]


def test_config_gives_single_settings_over_all_files(project: Path) -> None:
    write(project / "buildspec.yml", SECRET)
    write(project / "cilint.toml", 'fail-on = "error"')
    assert check().exit_code == 0
    assert check("--config", 'fail-on = "warning"').exit_code == 1
    assert check("--config", 'fail-on = "note"', "--fail-on", "error").exit_code == 0, "an option says it last"
    assert check("--config", 'ignore = ["BS1"]').stdout.startswith("0 errors, 0 warnings")


def test_isolated_reads_none(project: Path) -> None:
    write(project / "buildspec.yml", SECRET)
    write(project / "cilint.toml", "this is no TOML")
    assert check().exit_code == 2
    assert check("--isolated").exit_code == 1


def test_select_on_the_command_line_starts_anew(project: Path) -> None:
    write(project / "buildspec.yml", SECRET)
    write(project / "cilint.toml", 'ignore = ["BS101"]')
    assert found() == []
    assert found("--select", "BS") == ["buildspec.yml:4:warning"]
    assert found("--extend-select", "plaintext-secret") == ["buildspec.yml:4:warning"]


def test_standard_input_obeys_the_configuration_of_its_name(project: Path) -> None:
    write(project / "app/cilint.toml", '[severity]\nBS101 = "error"')
    assert "error:" in check("-", "--stdin-filename", "app/buildspec.yml", stdin=SECRET).stdout
    assert "warning:" in check("-", stdin=SECRET).stdout


# --- what it says


def test_per_file_ignores_and_severity(project: Path) -> None:
    for name in ("legacy", "app", "shop"):
        write(project / name / "buildspec.yml", SECRET)
    write(
        project / "cilint.toml",
        '[per-file-ignores]\n"legacy/" = ["security"]\n[per-file-severity]\n"/shop/**" = { BS = "error" }\n',
    )
    assert found() == ["app/buildspec.yml:4:warning", "shop/buildspec.yml:4:error"]


def test_what_a_tool_writes_is_looked_at_when_it_is_included(project: Path) -> None:
    """`cdk.out` ignores itself; a configuration includes it, in a whole check and one of a directory above it."""
    bad = "version: 0.2\nphases: {bild: {commands: [make]}}\n"
    write(project / "app/cdk.out/buildspec.yml", bad)
    write(project / "app/cdk.out/.gitignore", "*\n")
    write(project / "app/cdk.out/old/buildspec.yml", bad)
    assert checked() == []
    write(project / "app/cilint.toml", 'include = ["cdk.out"]\nexclude = ["old/"]')
    write(project / "app/readme.yml", "a: b\n")
    assert checked() == checked("app") == checked("app", "app/cdk.out") == ["app/cdk.out/buildspec.yml"]
    assert checked("app/readme.yml") == [], "a single file is no directory that it lies in"
    write(project / "cilint.toml", 'include = ["gone", "app/cdk.out/old"]')
    assert checked() == ["app/cdk.out/buildspec.yml"], "what is excluded is not included"


def checked(*paths: str) -> list[str]:
    """The files with findings."""
    return sorted({line.split(":")[0] for line in check(*paths).stdout.splitlines() if ": error:" in line})


def test_excluded_files_are_checked_when_they_are_named(project: Path) -> None:
    write(project / "gen/buildspec.yml", SECRET)
    write(project / "cilint.toml", 'exclude = ["gen/"]')
    assert check().exit_code == 3
    assert found("gen/buildspec.yml") == ["gen/buildspec.yml:4:warning"]
    assert check("gen/buildspec.yml", "--force-exclude").exit_code == 0


def test_confidence_and_severity_filter(project: Path) -> None:
    write(project / "buildspec.yml", SECRET)
    assert found("--min-confidence", "high") == []
    assert found("--min-confidence", "medium") == ["buildspec.yml:4:warning"]
    assert found("--severity", "error") == []


def test_names_of_the_users_own(project: Path) -> None:
    write(
        project / "cilint.toml",
        '[known]\nimages = ["mine:*"]\nproduction-accounts = ["123456789012"]\n'
        '[projects]\n"shop-build" = "ci/build.yml"',
    )
    known = at("ci").known
    assert known.images == ("mine:*",)
    assert known.production_accounts == ("123456789012",)
    assert known.projects == (("shop-build", str(project / "ci" / "build.yml")),)


@pytest.mark.parametrize(
    ("wanted", "fit"),
    [
        (">=0.4", True),
        (">=0.4,<0.5", True),
        ("==0.4.2", True),
        ("0.4.2", True),
        ("~=0.4.1", True),
        ("~=0.4", True),
        ("<=0.4.2, !=0.4.1", True),
        (">0.4.2", False),
        ("<0.4", False),
        ("~=0.3.9", False),
        ("~=1.0", False),
        ("0.4", False),
        (">=0.4,<0.4.2", False),
    ],
)
def test_required_version(wanted: str, fit: bool) -> None:
    assert fits("0.4.2", wanted) == fit


def test_another_version_is_refused_before_its_unknown_keys(project: Path) -> None:
    message = refusal('brand-new-key = 1\nrequired-version = ">=99"')
    assert message.startswith("cilint.toml:2:1: this project asks for cilint >=99; this is cilint ")


# --- what is wrong with it


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("selct = []", "cilint.toml:1:1: unknown key `selct` at the top level; did you mean `select`?"),
        ('\nselect = "BS"', "cilint.toml:2:1: `select` must be a list, but this is text"),
        ('fail-on = "eror"', "cilint.toml:1:1: `fail-on` cannot be `eror`; did you mean `error`?"),
        ('[severity]\nBS101 = "off"', "cilint.toml:2:1: `severity.BS101` cannot be `off`; allowed: "),
        ('ignore = ["BS1",\n "missing-cash"]', "cilint.toml:2:2: no rule, family or category is called `missing-cash`"),
        ('ignore = ["missing-cash"]', "did you mean `missing-cache`?"),
        ('ignore = ["bs101"]', "did you mean `BS101`?"),
        ('ignore = ["secutity"]', "did you mean `security`?"),
        ('per-file-ignores = { "a" = ["BS9"] }', "cilint.toml:1:29: no rule, family or category is called `BS9`"),
        ('[per-file-severity.a]\nBS9 = "note"', "cilint.toml:2:1: no rule, family or category is called `BS9`"),
        ("[options.plaintext-secrt]\na = 1", "no rule is called `plaintext-secrt`; did you mean `plaintext-secret`?"),
        ("[options.syntax-error]\na = 1", "unknown key `a` in `syntax-error`; the rule syntax-error has no options"),
        ('[[suppress]]\npath = "a"\nrules = ["BS1"]', "cilint.toml:3:10: `BS1` is a group of rules; name each rule"),
        ('[[suppress]]\nrules = ["BS101"]', "cilint.toml:1:1: `suppress[0]` has no `path`; add it"),
        (
            '[[suppress]]\npath = "a"\nrules = ["BS101"]\nuntil = "2026-02-30"',
            "cilint.toml:4:1: there is no day 2026-02-30",
        ),
        (
            '[[suppress]]\npath = "a"\nrules = ["BS101"]\nat = "Stages"',
            "it must be a JSON pointer, such as `/Stages/0/Actions/1`",
        ),
        ("[known]\naccounts = [123456789012]", "cilint.toml:2:13: `known.accounts[0]` must be twelve digits in quotes"),
        ('required-version = "new"', "it must be versions with comparisons, such as `>=0.4,<1`"),
        ("a = 1\na = 2\n\nb = 3", "cilint.toml:2:6: not valid TOML: cannot overwrite a value"),
    ],
)
def test_what_is_wrong_is_told_with_its_place(project: Path, text: str, message: str) -> None:
    assert message in refusal(text)


def test_all_that_is_wrong_is_told_at_once(project: Path) -> None:
    assert len(refusal('ignore = ["BS9", "BS8"]\nselect = ["BS7"]').splitlines()) == 3


def test_places_in_pyproject(project: Path) -> None:
    message = refusal("[project]\nname = 'x'\n[tool.cilint]\nselct = []", "pyproject.toml")
    assert message.startswith("pyproject.toml:4:1: unknown key `selct`")


def test_a_wrong_configuration_ends_the_run_with_wrong_usage(project: Path) -> None:
    write(project / "buildspec.yml", SECRET)
    write(project / "app/cilint.toml", "selct = []")
    write(project / "app/buildspec.yml", SECRET)
    result = check()
    assert result.exit_code == 2 and result.stdout == ""
    assert (
        result.stderr == "cilint: app/cilint.toml:1:1: unknown key `selct` at the top level; did you mean `select`?\n"
    )


def test_what_the_command_line_says_wrongly(project: Path) -> None:
    assert "did you mean `missing-cache`?" in check("--ignore", "missing-cash").stderr
    assert "--config 'selct = 1': unknown key `selct`" in check("--config", "selct = 1").stderr
    assert "gone.toml: cannot be read" in check("--config", "gone.toml").stderr
    with pytest.raises(ConfigError, match="neither a file nor"):
        given_layer("fail-on = ", INDEX)


@pytest.mark.parametrize("name", ["cilint.yml", ".cilint.yaml", "cilint.json", ".cilintrc", "Cilint.TML", "cilint"])
def test_a_near_miss_is_warned_of(project: Path, name: str) -> None:
    write(project / "buildspec.yml", SECRET)
    write(project / name, "")
    assert check().stderr == f"cilint: {name} is not read; a configuration is called cilint.toml\n"
    assert check("--isolated").stderr == ""
    write(project / "cilint.toml", "")
    assert check().stderr == ""


# --- what is published


def test_the_schema_is_one_that_our_evaluator_knows() -> None:
    schema = load_schema("cilint")
    Draft7Validator.check_schema(schema)
    assert not list(unsupported(schema))


KEYS = st.sampled_from([*load_schema("cilint")["properties"], "path", "rules", "other", "BS101"])
VALUES = st.recursive(
    st.booleans() | st.integers(0, 3) | st.sampled_from(["", "note", "high", "BS101", ">=1", "/a/0", "2026-01-01"]),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(KEYS, inner, max_size=2),
    max_leaves=4,
)


@settings(max_examples=200)
@given(st.dictionaries(KEYS, VALUES, max_size=3))
def test_the_published_schema_says_what_we_refuse(table: dict[str, Any]) -> None:
    schema = load_schema("cilint")
    assert bool(evaluate(schema, as_node(table))) == (not Draft7Validator(schema).is_valid(table))


def test_show_settings(project: Path) -> None:
    write(
        project / "cilint.toml", 'audience = "pedantic"\n[per-file-ignores]\n"a/" = ["BS"]\n[severity]\nBS501 = "error"'
    )
    write(project / "a/buildspec.yml", SECRET)
    shown = check("--show-settings", "a/buildspec.yml", "--ignore", "IAM").stdout
    assert f"# from {project}/cilint.toml, then the command line" in shown
    assert 'ignore = ["IAM"]\naudience = "pedantic"\n' in shown
    assert '[severity]\nBS501 = "error"' in shown
    assert "CI001 syntax-error" in shown and "BS101" not in shown


# --- what it costs


def modules(*arguments: str) -> set[str]:
    code = (
        "import sys, atexit\n"
        "atexit.register(lambda: sys.stderr.write('\\n'.join(sys.modules)))\n"
        f"sys.argv = ['cilint', *{arguments!r}]\n"
        "from cilint.__main__ import main\nmain()\n"
    )
    return set(subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stderr.split("\n"))


def test_a_valid_configuration_is_read_without_the_heavy_readers(
    project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parents[2]))
    write(project / "buildspec.yml", SECRET)
    write(project / "cilint.toml", 'ignore = ["BS501"]')
    assert "tomllib" in modules("check")
    again = modules("check")
    assert "cilint.engine.toml" in again
    assert not again & {"tomllib", "pydantic", "jsonschema"}


def test_without_a_configuration_nothing_of_it_is_imported(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parents[2]))
    write(project / "buildspec.yml", SECRET)
    assert "cilint.engine.toml" not in modules("check")


def test_the_schema_is_shipped() -> None:
    assert json.loads(CliRunner().invoke(cli, ["schema", "cilint"]).stdout)["title"] == "cilint configuration"
