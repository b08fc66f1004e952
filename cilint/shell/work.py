"""What a build is about, as tables: commands that test, check, build or run a script, so that their failure matters.

Installs and publishes are in `tools`; so is what `npx`, `poetry run` and the like run.
"""

from __future__ import annotations

from typing import Final

from cilint.shell.script import SimpleCommand
from cilint.shell.tools import install_of, publish_of, run_by

TESTS: Final = (
    ("ava|behat|behave|ctest|cypress|jest|karma|mocha|nose2|nosetests|nox|phpunit|pytest|rspec|tox|vitest",),
    ("py.test",),
    ("npm|yarn|pnpm|bun", "test|t|tst"),
    ("npm|yarn|pnpm|bun", "run|run-script", "test|tests|unit|e2e|coverage"),
    ("go|cargo|swift|dotnet|mix|deno|sbt|forge", "test"),
    ("make", "test|tests|check|unit-test|integration-test"),
    ("python|python3", "manage.py", "test"),
    ("artisan", "test"),
    ("newman", "run"),
    ("playwright", "test"),
    ("codebuild-tests-run",),
)
CHECKS: Final = (
    ("ansible-lint|bandit|cfn-lint|cfn_nag_scan|checkov|eslint|flake8|gitleaks|golangci-lint|grype|hadolint",),
    ("kics|mypy|pip-audit|pylint|ruff|safety|semgrep|shellcheck|snyk|sonar-scanner|stylelint|tflint|tfsec|trivy",),
    ("yamllint|markdownlint|dockle|detect-secrets|trufflehog|black|isort|rubocop|ktlint|detekt",),
    ("npm|yarn|pnpm", "audit"),
    ("npm|yarn|pnpm", "run|run-script", "lint|typecheck|type-check"),
    ("yarn|pnpm", "lint"),
    ("make", "lint"),
    ("go", "vet"),
    ("cargo", "clippy|audit"),
    ("sam|terraform|tofu|packer", "validate"),
    ("aws", "cloudformation", "validate-template"),
)
BUILDS: Final = (
    ("docker|podman|buildah", "build|buildx|compose|bake"),
    ("docker-compose", "build"),
    ("npm|yarn|pnpm|bun", "run|run-script", "build|compile|dist|package"),
    ("yarn|pnpm", "build"),
    ("make",),
    ("cmake|ninja|bazel|tsc|webpack|vite|rollup|esbuild|ng|gulp|grunt|ant|msbuild",),
    ("sam", "build|package"),
    ("cdk", "synth|diff"),
    ("terraform|tofu", "init|plan"),
    ("packer", "build"),
    ("aws", "cloudformation", "package"),
    ("python|python3", "setup.py"),
    ("jekyll|hugo|mkdocs|sphinx-build",),
)
_GOALS: Final = {"test": ("test", "verify", "check"), "build": ("package", "install", "compile", "build", "assemble")}

TEST: Final = "test"
CHECK: Final = "check"
BUILD: Final = "build"
INSTALL: Final = "install"
PUBLISH: Final = "publish"
_QUERIES: Final = ("--version", "-v", "-V", "--help", "-h", "version", "help")


def work_of(command: SimpleCommand) -> str:
    """TEST, CHECK, BUILD, INSTALL or PUBLISH, empty for a command that is none of them as far as is known."""
    own = run_by(command)
    if own.args and own.args[0].text in _QUERIES:
        return ""
    if own.name in ("mvn", "mvnw", "gradle", "gradlew"):
        goals = {word.text for word in own.operands}
        return next((kind for kind, names in _GOALS.items() if not goals.isdisjoint(names)), "")
    if publish_of(command):
        return PUBLISH
    for kind, table in ((TEST, TESTS), (CHECK, CHECKS)):
        if any(own.matches(*words) for words in table):
            return kind
    if install_of(command):
        return INSTALL
    return BUILD if any(own.matches(*words) for words in BUILDS) else ""


def named(command: SimpleCommand) -> str:
    """What one would call the command in a message: its name and the first words that say what it does."""
    words = [command.name]
    for word in command.operands[:2]:
        if word.text is None or not word.text.replace("-", "").replace(":", "").isalnum():
            break
        words.append(word.text)
    return " ".join(words)
