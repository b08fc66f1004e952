"""No output of the program shows a secret in full: not in messages, source lines, fixes, patches or the baseline."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from cilint.catalog.secrets import conceal, conceal_lines, credential
from cilint.cli.main import cli

# Put together here, so that nobody who scans this repository takes them for real.
FORMS = {
    "an AWS access key": "AKIA" + "Z7QWERTYUIOPLKJH",
    "a GitHub token": "ghp_" + "16C7e42F292c6912E7710c838347Ae178B4a",
    "a GitLab token": "glpat-" + "Zx8Kq3Lm9Rt2Vw5Yb7Nc",
    "a Slack token": "xoxb-" + "2443510929-Hq7Wd2Kp9Zr4",
    "a Slack webhook": "https://hooks.slack.com/services/" + "T02A4B6C8/B01D3F5H7/q8W2e6R4t9Y1u3I5o7P0aSdF",
    "an npm token": "npm_" + "aB3dE6gH9jK2mN5pQ8sT1vW4yZ7cF0hL3oR6",
    "a JSON web token": "eyJhbGciOiJIUzI1NiJ9." + "eyJ1c2VyIjoiZGVwbG95ZXIifQ.c2lnbmF0dXJlLW9mLXRoaXM",
    "an AWS secret key": "aws_secret_access_key = " + "wJa1rXUtnF9MIK7MDENGbPxRfiCYzQ8vLmNoPqRs",
}
PASSWORD = "c0rrect-H0rse-7"
KEY_BODY = "MIIEowIBAAKCAQEAu1SU1LfVLPHCozMxH2Mo4lgOEePzNm0tRgeLezV6ffAt0gun"
PRIVATE_KEY = ["-----BEGIN RSA " + "PRIVATE KEY-----", KEY_BODY, "-----END RSA " + "PRIVATE KEY-----"]
URL = f"postgres://shop:{PASSWORD}@db.example.org/shop"

SECRETS = [*(form.split()[-1] for form in FORMS.values()), PASSWORD, KEY_BODY]

FORMATS = ("text", "concise", "json", "sarif", "github", "gitlab", "junit", "rdjson", "markdown")


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project that has every secret in a variable, in a command, in a hook and in a template."""
    monkeypatch.chdir(tmp_path)
    names = {f"VALUE_{number}": text for number, text in enumerate(FORMS.values())}
    build = {
        "version": 0.2,
        "env": {"variables": {**names, "DB_PASSWORD": PASSWORD, "DB": URL, "KEY": "\n".join(PRIVATE_KEY)}},
        "phases": {
            "build": {
                "commands": [
                    *(f"deploy --with '{text}' | tee log" for text in FORMS.values()),
                    f"docker login -u shop -p {PASSWORD} registry.example.com",
                    f"export DB_PASSWORD={PASSWORD}; git clone {URL}",
                    "\n".join(["cat > key.pem <<EOF", *PRIVATE_KEY, "EOF", "pytest", "aws s3 sync . s3://shop"]),
                ],
                "finaly": [f"curl {URL}"],
            }
        },
    }
    (tmp_path / "buildspec.json").write_text(json.dumps(build, indent=2))
    lines = [f"    {name}: {value}" for name, value in {**names, "DB_PASSWORD": PASSWORD}.items()]
    (tmp_path / "buildspec.yml").write_text(
        "version: 0.2\nenv:\n  variables:\n" + "\n".join(lines) + f"\n  shel: '{URL}'\n"
        "phases:\n  build:\n    finaly: [make]\n    commands:\n"
        + "".join(f"      - deploy --with '{text}'\n" for text in FORMS.values())
    )
    hooks = "".join(f"  ApplicationStart:\n    - location: run.sh {text}\n      timeot: 9\n" for text in FORMS.values())
    (tmp_path / "appspec.yml").write_text("version: 0.0\nos: linux\nhooks:\n" + hooks)
    variables = "".join(f"          - {{Name: {name}, Value: '{value}', Tpe: x}}\n" for name, value in names.items())
    (tmp_path / "template.yml").write_text(
        "AWSTemplateFormatVersion: 2010-09-09\nResources:\n  Project:\n    Type: AWS::CodeBuild::Project\n"
        "    Properties:\n      ServiceRole: role\n      Artifacts: {Type: NO_ARTIFACTS}\n"
        "      Source: {Type: NO_SOURCE, BuildSpec: buildspec.yml}\n"
        "      Environment:\n        Type: LINUX_CONTAINER\n        Image: aws/codebuild/standard:7.0\n"
        f"        ComputeType: BUILD_GENERAL1_SMALL\n        EnvironmentVariables:\n{variables}"
        f"          - {{Name: DB_PASSWORD, Value: {PASSWORD}}}\n"
    )
    return tmp_path


def run(*arguments: str) -> str:
    """All that the program prints, to both streams."""
    result = CliRunner().invoke(cli, list(arguments))
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.output


def shown(text: str) -> list[str]:
    return [secret for secret in SECRETS if secret in text]


@pytest.mark.parametrize("name", FORMATS)
def test_no_format_shows_a_secret(project: Path, name: str) -> None:
    said = run("check", "--audience", "auditor", "--format", name, "--output", f"{name}=report.out")
    assert "BS101" in said or "plaintext-secret" in said
    assert not shown(said)
    assert not shown((project / "report.out").read_text())


@pytest.mark.parametrize(
    "arguments",
    [
        ("--statistics",),
        ("--diff",),
        ("--diff", "--unsafe-fixes"),
        ("--show-files",),
        ("--show-settings",),
        ("--color", "always"),
    ],
    ids=" ".join,
)
def test_no_other_output_shows_a_secret(project: Path, arguments: tuple[str, ...]) -> None:
    said = run("check", "--audience", "auditor", *arguments)
    assert said
    assert not shown(said)


def test_the_baseline_holds_no_secret(project: Path) -> None:
    run("baseline", "create")
    (written,) = [each for each in project.iterdir() if "baseline" in each.name]
    assert "BS101" in written.read_text() or "plaintext-secret" in written.read_text()
    assert not shown(written.read_text())


def test_a_patch_with_a_secret_says_that_it_does_not_apply(project: Path) -> None:
    (project / "appspec.yml").unlink()
    (project / "template.yml").unlink()
    (project / "buildspec.json").unlink()
    said = run("check", "--diff", "--unsafe-fixes")
    assert "+    finally: [make]" in said
    assert "the patch shows stars for secrets and does not apply" in said


@pytest.mark.parametrize(("what", "text"), FORMS.items(), ids=FORMS)
def test_a_credential_is_told_by_its_form(what: str, text: str) -> None:
    assert credential(f"deploy {text} now") == what


@pytest.mark.parametrize(
    "text",
    [
        "AKIAIOSFODNN7EXAMPLE",
        "ghp_" + "x" * 36,
        "https://$USER:$TOKEN@github.com/shop/shop.git",
        "https://x-access-token:${GITHUB_TOKEN}@github.com/shop/shop.git",
        "https://user:password@example.com/",
        "postgres://postgres:postgres@localhost:5432/test",
        "mysql://root:s3cr3tly@db:3306/test",
        "https://{{user}}:{{password}}@example.com",
        "git@github.com:shop/shop.git",
        "https://example.com:8443/a@b",
        "arn:aws:secretsmanager:eu-west-1:123456789012:secret:shop-AbCdEf",
        "eyJhbGciOiJIUzI1NiJ9",
    ],
)
def test_examples_references_and_placeholders_are_no_credentials(text: str) -> None:
    assert credential(text) is None


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("DB_PASSWORD: hunter2hunter2", "DB_PASSWORD: **************"),
        ('  "apiKey": "s3cr3tly5",', '  "apiKey": "*********",'),
        ("- export TOKEN=abcdef123456 && make", "- export TOKEN=************ && make"),
        ("key AKIA" + "IOSFODNN7QWERTYU", "key AKIA****************"),
        (f"git clone {URL}", "git clone postgres://shop:c0rr***********@db.example.org/shop"),
        ("DB_PASSWORD: $PASSWORD", "DB_PASSWORD: $PASSWORD"),
        ("TOKEN: prod/api:token", "TOKEN: prod/api:token"),
        ("cache-key: node-modules-v1", "cache-key: node-modules-v1"),
        ("SECRET: pä55wörter", "SECRET: *ä***ö****"),
    ],
)
def test_a_concealed_line_keeps_its_columns(line: str, expected: str) -> None:
    assert len(conceal(line)) == len(line)
    assert conceal(line) == expected


def test_the_body_of_a_private_key_is_concealed() -> None:
    lines = conceal_lines(["before", *PRIVATE_KEY, "behind: it"])
    assert lines == ["before", PRIVATE_KEY[0], "*" * len(KEY_BODY), PRIVATE_KEY[2], "behind: it"]
