"""What commands mean, as tables: installs of dependencies and where their downloads lie, publishes and deployments.

Knowledge about a tool is a line here. Which level a finding has, and whether it is one, is not decided in this room.
Cache directories are the tools' defaults for root, as CodeBuild runs commands; none of them is AWS's own statement.
"""

from __future__ import annotations

from typing import Final

from cilint.shell.script import SimpleCommand
from cilint.shell.words import Word
from cilint.source.record import NamedTuple

# Which operands behind the subcommand a line of a table asks for.
ANY: Final = "any"
NONE: Final = "none"  # `npm install`, not `npm install aws-cdk`
PROJECT: Final = "project"  # `-r file`, `.` or `-e .`, not names of packages
TO_S3: Final = "to-s3"  # the second one, the destination, is an s3:// address


class Install(NamedTuple):
    """A command that installs what the project itself depends on; `pip install awscli` is none."""

    tool: str
    words: tuple[str, ...]
    cache_paths: tuple[str, ...]
    unless: tuple[str, ...] = ()
    operands: str = ANY


class Publish(NamedTuple):
    """A command that changes something outside the build.

    `does` reads behind "this command". `fails_by_itself`: it needs a thing that a failed build did not make, so it
    fails too, as far as no later step of the build can fail (an image pushed, one file copied).
    """

    does: str
    words: tuple[str, ...]
    fails_by_itself: bool = False
    unless: tuple[str, ...] = ()
    operands: str = ANY


_NPM: Final = ("/root/.npm/**/*",)
_PIP: Final = ("/root/.cache/pip/**/*",)
_UV: Final = ("/root/.cache/uv/**/*",)
_YARN: Final = ("/usr/local/share/.cache/yarn/**/*",)
_MAVEN: Final = ("/root/.m2/**/*",)
_GRADLE: Final = ("/root/.gradle/caches/**/*", "/root/.gradle/wrapper/**/*")
_GO: Final = ("/go/pkg/mod/**/*", "/root/.cache/go-build/**/*")
_CARGO: Final = ("/root/.cargo/registry/**/*", "/root/.cargo/git/**/*", "target/**/*")
_NUGET: Final = ("/root/.nuget/packages/**/*",)
_SBT: Final = ("/root/.cache/coursier/**/*", "/root/.ivy2/cache/**/*", "/root/.sbt/**/*")

_GLOBAL: Final = ("-g", "--global", "--location=global")

INSTALLS: Final = (
    Install("npm", ("npm", "ci|clean-install|install-clean"), _NPM),
    Install("npm", ("npm", "install|i"), _NPM, unless=_GLOBAL, operands=NONE),
    Install("yarn", ("yarn", "install"), _YARN),
    Install("yarn", ("yarn",), _YARN, unless=("-v", "--version", "-h", "--help"), operands=NONE),
    Install("pnpm", ("pnpm", "install|i"), ("/root/.local/share/pnpm/store/**/*",), unless=_GLOBAL, operands=NONE),
    Install("bun", ("bun", "install|i"), ("/root/.bun/install/cache/**/*",), unless=_GLOBAL, operands=NONE),
    Install("pip", ("pip|pip3", "install"), _PIP, operands=PROJECT),
    Install("uv", ("uv", "pip", "install|sync"), _UV, operands=PROJECT),
    Install("uv", ("uv", "sync"), _UV),
    Install("poetry", ("poetry", "install|sync"), ("/root/.cache/pypoetry/**/*",)),
    Install("pipenv", ("pipenv", "sync"), ("/root/.cache/pipenv/**/*", *_PIP)),
    Install("pipenv", ("pipenv", "install"), ("/root/.cache/pipenv/**/*", *_PIP), operands=NONE),
    Install("pdm", ("pdm", "install|sync"), ("/root/.cache/pdm/**/*",)),
    Install("conda", ("conda|mamba|micromamba", "env", "create|update"), ()),
    Install("mvn", ("mvn|mvnw",), _MAVEN, unless=("-v", "--version", "-h", "--help", "-o", "--offline")),
    Install("gradle", ("gradle|gradlew",), _GRADLE, unless=("-v", "--version", "-h", "--help", "--offline")),
    Install("sbt", ("sbt",), _SBT),
    Install("go", ("go", "mod", "download|tidy|vendor"), _GO),
    Install("go", ("go", "build|test|get|vet|run"), _GO),
    Install("cargo", ("cargo", "build|test|check|fetch|clippy|run"), _CARGO),
    Install("bundle", ("bundle|bundler", "install"), ("vendor/bundle/**/*",)),
    Install("composer", ("composer", "install"), ("/root/.cache/composer/**/*",)),
    Install("dotnet", ("dotnet", "restore|build|publish|test|pack"), _NUGET, unless=("--no-restore", "--no-build")),
)

# `mvn` alone and `sbt` alone print help or open a prompt.
_NEED_OPERANDS: Final = frozenset(("mvn", "gradle", "sbt"))

# Tools whose words are goals that follow each other: `mvn clean deploy`.
_GOALS: Final = frozenset(("mvn", "mvnw", "gradle", "gradlew"))

_DRY: Final = (
    "--dry-run",
    "--dryrun",
    "--dry-run=client",
    "--dry-run=server",
    "--help",
    "-h",
    "--no-execute-changeset",
)

PUBLISHES: Final = (
    Publish("pushes an image", ("docker|podman|buildah|crane", "push"), fails_by_itself=True),
    Publish("pushes an image", ("docker", "image", "push"), fails_by_itself=True),
    Publish("pushes images", ("docker", "compose", "push"), fails_by_itself=True),
    Publish("pushes images", ("docker-compose", "push"), fails_by_itself=True),
    Publish("pushes a manifest", ("docker", "manifest", "push"), fails_by_itself=True),
    Publish("copies a directory to S3", ("aws", "s3", "sync"), unless=_DRY, operands=TO_S3),
    Publish("copies to S3", ("aws", "s3", "cp|mv"), unless=_DRY, operands=TO_S3),
    Publish("uploads an object to S3", ("aws", "s3api", "put-object"), fails_by_itself=True),
    Publish("deploys a stack", ("aws", "cloudformation", "deploy"), unless=_DRY),
    Publish("deploys a stack", ("aws", "cloudformation", "create-stack|update-stack|execute-change-set")),
    Publish(
        "deploys a stack set", ("aws", "cloudformation", "create-stack-set|update-stack-set|create-stack-instances")
    ),
    Publish("deploys an ECS service", ("aws", "ecs", "update-service|create-service|deploy|run-task")),
    Publish("registers a task definition", ("aws", "ecs", "register-task-definition")),
    Publish("changes a Lambda function", ("aws", "lambda", "update-function-code"), unless=("--dry-run",)),
    Publish("changes a Lambda function", ("aws", "lambda", "update-function-configuration|create-function")),
    Publish("publishes a Lambda version", ("aws", "lambda", "publish-version|publish-layer-version")),
    Publish("moves a Lambda alias", ("aws", "lambda", "update-alias|create-alias")),
    Publish(
        "deploys to Elastic Beanstalk",
        ("aws", "elasticbeanstalk", "create-application-version|update-environment|create-environment"),
    ),
    Publish("starts a CodeDeploy deployment", ("aws", "deploy", "create-deployment|push")),
    Publish("starts a pipeline", ("aws", "codepipeline", "start-pipeline-execution")),
    Publish("deploys to App Runner", ("aws", "apprunner", "start-deployment|update-service")),
    Publish("deploys an Amplify app", ("aws", "amplify", "start-job|start-deployment")),
    Publish("deploys an API", ("aws", "apigateway|apigatewayv2", "create-deployment")),
    Publish("empties a CloudFront cache", ("aws", "cloudfront", "create-invalidation")),
    Publish("writes a parameter", ("aws", "ssm", "put-parameter")),
    Publish("publishes a package", ("aws", "codeartifact", "publish-package-version"), fails_by_itself=True),
    Publish("deploys a SAM application", ("sam", "deploy|sync"), unless=_DRY),
    Publish(
        "publishes to the Serverless Application Repository", ("sam", "publish"), fails_by_itself=True, unless=_DRY
    ),
    Publish("deploys a CDK application", ("cdk|cdklocal", "deploy"), unless=("--no-execute",)),
    Publish("applies Terraform", ("terraform|tofu", "apply|destroy")),
    Publish("applies Terraform", ("terragrunt", "apply|apply-all|run-all")),
    Publish("runs Pulumi", ("pulumi", "up|update|destroy")),
    Publish("changes a cluster", ("kubectl|oc", "apply|create|delete|patch|replace|scale|set"), unless=_DRY),
    Publish("restarts a rollout", ("kubectl|oc", "rollout", "restart|undo")),
    Publish("changes a Helm release", ("helm|helm3", "upgrade|install|rollback|uninstall"), unless=_DRY),
    Publish("pushes a chart", ("helm|helm3", "push"), fails_by_itself=True),
    Publish("publishes a package", ("npm|pnpm|bun", "publish"), unless=_DRY),
    Publish("publishes a package", ("yarn", "publish")),
    Publish("publishes a package", ("yarn", "npm", "publish")),
    Publish("publishes packages", ("lerna", "publish")),
    Publish("uploads a package", ("twine", "upload")),
    Publish("publishes a package", ("poetry|uv|flit|pdm|hatch", "publish"), unless=_DRY),
    Publish("publishes a crate", ("cargo", "publish"), fails_by_itself=True, unless=_DRY),
    Publish("publishes a gem", ("gem", "push"), fails_by_itself=True),
    Publish("pushes a package", ("dotnet", "nuget", "push")),
    Publish("pushes a package", ("nuget", "push")),
    Publish("deploys an artifact", ("mvn|mvnw", "deploy"), fails_by_itself=True),
    Publish("publishes an artifact", ("gradle|gradlew", "publish"), fails_by_itself=True),
    Publish("deploys a Serverless service", ("serverless|sls", "deploy"), unless=("--noDeploy",)),
    Publish("deploys to Elastic Beanstalk", ("eb", "deploy|create")),
    Publish("deploys an AWS Copilot service", ("copilot", "deploy")),
    Publish("deploys an AWS Copilot service", ("copilot", "svc|job|env|app|pipeline", "deploy")),
    Publish("deploys a Chalice application", ("chalice", "deploy")),
    Publish("deploys a Zappa application", ("zappa", "deploy|update")),
    Publish("publishes an Amplify app", ("amplify", "publish|push")),
    Publish("makes a GitHub release", ("gh", "release", "create|upload|edit")),
    Publish("pushes to a Git repository", ("git", "push"), unless=_DRY),
)

# Words that run another tool of the project's environment: the rest of the line is that tool's command.
RUNNERS: Final = (
    ("python|python3|py", "-m"),
    ("bundle", "exec"),
    ("npx",),
    ("bunx",),
    ("pnpm", "dlx|exec"),
    ("yarn", "dlx|exec|run"),
    ("poetry", "run"),
    ("pipenv", "run"),
    ("pdm", "run"),
    ("hatch", "run"),
    ("uvx",),
    ("uv", "run"),
    ("uv", "tool", "run"),
)


def install_of(command: SimpleCommand) -> Install | None:
    """The install of dependencies that the command is, also behind `python -m`, or None."""
    command = run_by(command)
    for line in INSTALLS:
        if _fits(command, line) and not (line.tool in _NEED_OPERANDS and not command.operands):
            return line
    return None


def publish_of(command: SimpleCommand) -> Publish | None:
    """What the command publishes or deploys, also behind `npx` and the like, or None."""
    command = run_by(command)
    for line in PUBLISHES:
        if _fits(command, line):
            if line.does == "copies to S3":
                return line._replace(fails_by_itself=not command.has("--recursive"))
            return line
    if command.matches("docker", "buildx", "build|bake") and command.has("--push"):
        return Publish("builds and pushes an image", command_words(command), fails_by_itself=True)
    return None


def run_by(command: SimpleCommand) -> SimpleCommand:
    """The tool's command that `npx`, `poetry run`, `python -m` and the like run; the command itself otherwise."""
    for name, *rest in RUNNERS:
        if command.name not in name.split("|"):
            continue
        args = command.args
        if len(args) > len(rest) and all(
            arg.text in wanted.split("|") for arg, wanted in zip(args, rest, strict=False)
        ):
            own = _behind_flags(args[len(rest) :])
            if own and own[0].text:
                return _renamed(command, own)
    return command


def command_words(command: SimpleCommand) -> tuple[str, ...]:
    """Its name and the first literal operands: what one would call the command in a message."""
    return (command.name, *(word.text for word in command.operands[:2] if word.text))


def _behind_flags(words: tuple[Word, ...]) -> tuple[Word, ...]:
    at = 0
    while at < len(words) and words[at].raw.startswith("-"):
        at += 2 if words[at].raw in ("-p", "--package", "--with", "--from") else 1
    return words[at:]


def _renamed(command: SimpleCommand, words: tuple[Word, ...]) -> SimpleCommand:
    name = (words[0].text or "").rpartition("/")[2].partition("@")[0]
    return command.copy(name, words)


def _fits(command: SimpleCommand, line: Install | Publish) -> bool:
    name, *subcommands = line.words
    if command.name in _GOALS and subcommands and command.matches(name):
        wanted = subcommands[0].split("|")
        return any(operand.text in wanted for operand in command.operands) and not command.has(*line.unless)
    if not command.matches(name, *subcommands) or command.has(*line.unless):
        return False
    operands = command.operands[len(subcommands) :]
    match line.operands:
        case "none":
            return not operands
        case "project":
            return command.has("-r", "--requirement") or _is_project(operands) or _requirement(command)
        case "to-s3":
            return len(operands) >= 2 and _starts(operands[1], "s3://")
    return True


def _is_project(operands: tuple[Word, ...]) -> bool:
    """`.`, `./lib`, `.[dev]`: the project itself, whose dependencies are installed with it."""
    return any(operand.raw.strip("\"'").startswith(".") for operand in operands)


def _requirement(command: SimpleCommand) -> bool:
    return any(word.raw.startswith(("-r", "--requirement=")) for word in command.args)


def _starts(word: Word, text: str) -> bool:
    return bool(word.parts) and word.parts[0].text.startswith(text)
