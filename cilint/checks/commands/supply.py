"""Checks of what a build takes from elsewhere: downloads, transport, installs, images, commands that are gone."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from typing import Final

from cilint.checks.commands.secrets import builds_images
from cilint.core.context import Context
from cilint.core.finding import Finding, Fix, Related, Replacement
from cilint.core.rule import check
from cilint.model.buildspec import Buildspec, Step
from cilint.shell.script import SimpleCommand
from cilint.shell.tools import run_by
from cilint.shell.words import EXPANSION, Part, Word
from cilint.source.nodes import Scalar
from cilint.source.pattern import lazy
from cilint.source.record import NamedTuple
from cilint.source.text import Span

_INTERPRETERS: Final = frozenset(
    ("sh", "bash", "dash", "ash", "zsh", "ksh", "python", "python2", "python3", "node", "perl", "ruby", "php", "pwsh")
)
_FETCHERS: Final = frozenset(("curl", "wget"))
_PINNED_URL: Final = lazy(r"[0-9a-f]{40}|sha256")


# Downloads


@check("unverified-download-run")
def unverified_download_run(step: Step) -> Iterator[Finding]:
    """A script that is run as it comes from the network."""
    simple = step.simple
    if simple.name not in _INTERPRETERS and simple.name not in ("eval", "source", "."):
        return
    source = _piped_fetch(step) or _substituted_fetch(step)
    if source is None or any(_PINNED_URL.search(word.raw) for word in source.args):
        return
    address = _address(source)
    plain = address.startswith("http://") and not _local(address)
    yield Finding(
        Span(*step.command.place(Span(min(source.start, simple.start), max(source.end, simple.end)))),
        f"whoever {_publisher(address)} {'or controls the network on the way ' if plain else ''}decides what runs "
        "here, with the build's role; download a fixed version, check its checksum (`sha256sum -c`), and run that",
    )


def _piped_fetch(step: Step) -> SimpleCommand | None:
    """The curl of `curl … | sh`, where the shell reads its script from the pipe."""
    simple = step.simple
    if simple.pipe is None or simple.pipe.position == 0 or simple.name in ("eval", "source", "."):
        return None
    if any(word.raw not in ("-", "-s", "-e", "-x", "-ex", "--") for word in simple.args[:1]):
        return None
    return next((each for each in step.command.parsed.piped(simple) if each.name in _FETCHERS), None)


def _substituted_fetch(step: Step) -> SimpleCommand | None:
    """The curl of `bash <(curl …)` and `sh -c "$(curl …)"`."""
    simple = step.simple
    runs_text = (
        simple.name in ("eval", "source", ".") or simple.has("-c") or "<(" in (simple.args or (_NO_WORD,))[0].raw
    )
    if not runs_text:
        return None
    return next(
        (
            each
            for each in step.command.parsed.commands
            if each.name in _FETCHERS and simple.start < each.start and each.end <= simple.end
        ),
        None,
    )


_NO_WORD: Final = Word("", 0, 0, ())


def _address(simple: SimpleCommand) -> str:
    return next((word.raw.strip("\"'") for word in simple.args if "://" in word.raw), "")


def _host(address: str) -> str:
    host = address.partition("://")[2].partition("/")[0].rpartition("@")[2]
    return f"`{host}`" if host and "$" not in host else "the server"


def _publisher(address: str) -> str:
    """Who decides what an address holds, as the rest of "whoever …"."""
    host, *path = address.partition("://")[2].split("/")
    if host == "raw.githubusercontent.com" and len(path) > 3 and not any("$" in each for each in path[:3]):
        branch = path[4] if path[2:4] == ["refs", "heads"] and len(path) > 4 else path[2]
        return f"can push to `{branch}` of `{path[0]}/{path[1]}`"
    return f"controls {_host(address)}"


def _local(address: str) -> bool:
    host = address.partition("://")[2].partition("/")[0].partition(":")[0]
    return host in ("localhost", "127.0.0.1", "0.0.0.0", "169.254.169.254", "169.254.170.2") or "." not in host


_VERIFIERS: Final = frozenset(
    ("sha1sum", "sha256sum", "sha512sum", "shasum", "md5sum", "gpg", "gpg2", "gpgv", "cosign", "minisign", "openssl")
)
_MADE_EXECUTABLE: Final = lazy(r"[ugoa]*\+[rwx]*x[rwx]*|0?[0-7]*[1357][0-7]{0,2}")


@check("downloaded-file-run")
def downloaded_file_run(buildspec: Buildspec) -> Iterator[Finding]:
    """A file from the network that is run, or made executable, without a look at its checksum."""
    fetched: dict[str, tuple[Step, SimpleCommand]] = {}
    for step in buildspec.steps:
        simple = step.simple
        if simple.name in _VERIFIERS:
            fetched.clear()
        elif simple.name in _FETCHERS:
            name = _saved_as(simple)
            address = _address(simple)
            if name and not _local(address) and not any(_PINNED_URL.search(word.raw) for word in simple.args):
                fetched[name] = step, simple
        else:
            for word in _run_files(simple):
                origin = fetched.pop(_base(word), None)
                if origin is not None:
                    yield Finding(
                        step.place(word),
                        f"nobody has looked whether `{_base(word)}` is what {_host(_address(origin[1]))} should have "
                        "sent; check it against a checksum that you know (`sha256sum -c`) before it runs",
                        related=(Related(origin[0].span, "it comes from here"),),
                    )


def _base(word: Word) -> str:
    return word.raw.strip("\"'").rpartition("/")[2]


def _saved_as(simple: SimpleCommand) -> str:
    """The name of the file that a curl or wget writes; empty where it writes none, or one whose name is not known."""
    flag = simple.option("-o", "--output") if simple.name == "curl" else simple.option("-O", "--output-document")
    if isinstance(flag, Word):
        return _base(flag)
    for redirect in simple.redirects:
        if redirect.operator == ">" and redirect.target is not None and redirect.descriptor in ("", "1"):
            return _base(redirect.target)
    if simple.name == "curl":
        joined = [index for index, word in enumerate(simple.args) if re.fullmatch(r"-[a-zA-Z]*o", word.raw)]
        if joined and joined[0] + 1 < len(simple.args):
            return _base(simple.args[joined[0] + 1])
        if not (_short(simple, "O") or simple.has("--remote-name")):
            return ""
    return _address(simple).partition("?")[0].rpartition("/")[2]


def _run_files(simple: SimpleCommand) -> Iterator[Word]:
    if simple.name in _INTERPRETERS:
        operands = [word for word in simple.args if not word.raw.startswith("-")]
        if not simple.has("-c", "-m", "-e"):
            yield from operands[:1]
    elif simple.name == "chmod" and len(simple.args) > 1 and _MADE_EXECUTABLE.fullmatch(simple.args[0].raw):
        yield from simple.args[1:]
    elif simple.words and simple.words[0].raw.startswith("./"):
        yield simple.words[0]


@check("plain-http-download")
def plain_http_download(step: Step) -> Iterator[Finding]:
    """A download without TLS."""
    simple = step.simple
    keeps = simple.name == "wget" or (
        simple.name == "curl"
        and (_short(simple, "oO") or simple.has("--output", "--remote-name") or _redirected(simple))
    )
    clones = simple.matches("git", "clone")
    if not (keeps or clones or simple.matches("pip|pip3", "install")):
        return
    for word in simple.args:
        address = word.raw.strip("\"'")
        if address.startswith(("http://", "git://", "ftp://")) and not _local(address) and "$" not in _host(address):
            yield Finding(
                step.place(word),
                f"what comes from {_host(address)} can be changed on the way; use https",
            )


def _redirected(simple: SimpleCommand) -> bool:
    return any(each.operator.startswith(">") for each in simple.redirects) or simple.pipe is not None


def _short(simple: SimpleCommand, letters: str) -> bool:
    """Whether one of these one-letter options is given, alone or among others (`-sSLo`)."""
    return any(
        word.raw[:1] == "-" and word.raw[1:2] not in ("-", "") and any(letter in word.raw[1:] for letter in letters)
        for word in simple.args
    )


# TLS

_TLS_FLAGS: Final[dict[str, tuple[str, ...]]] = {
    "aws": ("--no-verify-ssl",),
    "curl": ("--insecure", "-k"),
    "helm": ("--insecure-skip-tls-verify",),
    "kubectl": ("--insecure-skip-tls-verify", "--insecure-skip-tls-verify=true"),
    "oc": ("--insecure-skip-tls-verify", "--insecure-skip-tls-verify=true"),
    "pip": ("--trusted-host",),
    "pip3": ("--trusted-host",),
    "wget": ("--no-check-certificate",),
}
_TLS_VARIABLES: Final = {
    "GIT_SSL_NO_VERIFY": ("1", "true"),
    "NODE_TLS_REJECT_UNAUTHORIZED": ("0",),
    "PYTHONHTTPSVERIFY": ("0",),
    "CURL_INSECURE": ("1", "true"),
    "NPM_CONFIG_STRICT_SSL": ("false",),
}


@check("tls-verification-off")
def tls_verification_off(buildspec: Buildspec) -> Iterator[Finding]:
    """A tool that is told to take any certificate."""
    for step in buildspec.steps:
        for place in _unverified(step.simple):
            yield Finding(
                step.place(place),
                "without the check of the certificate anyone on the way can answer, and is trusted; remove it, and "
                + _CERTIFICATES.get(step.simple.name, "give the tool your authority's certificate if it needs one"),
            )
    variables = buildspec.env.variables if buildspec.env else None
    for entry in variables.entries if variables else ():
        if isinstance(entry.value, Scalar) and entry.value.value.lower() in _TLS_VARIABLES.get(entry.name, ()):
            yield Finding(entry.value.span, f"`{entry.name}` turns off the check of certificates; remove it")


_CERTIFICATES: Final = {
    "curl": "if curl needs them, give it your authority's certificate (`--cacert`) and the host's right name "
    "(`--resolve`)",
}
_SENDS: Final = frozenset(
    ("-H", "--header", "-u", "--user", "-d", "--data", "--data-raw", "--data-binary", "-F", "--form", "-b", "--cookie")
    + ("-T", "--upload-file", "-K", "--config", "--json", "--oauth2-bearer", "-n", "--netrc", "-X", "--request")
)


def _is_probe(simple: SimpleCommand) -> bool:
    """Whether a curl only asks if somebody answers: it sends nothing of its own, and the answer is thrown away."""
    if simple.name != "curl" or "?" in _address(simple):
        return False
    if any(word.raw.partition("=")[0] in _SENDS or word.raw[:2] in _SENDS for word in simple.args):
        return False
    quiet = any(
        each.operator in (">", "&>") and each.descriptor in ("", "1") and each.target.text == "/dev/null"
        for each in simple.redirects
        if each.target is not None
    )
    return quiet or (_saved_as(simple) == "null" and simple.has("/dev/null", "--output=/dev/null"))


def _unverified(simple: SimpleCommand) -> Iterator[Word | Part]:
    if _is_probe(simple):
        return
    if any("localhost" in word.raw or "127.0.0.1" in word.raw or "169.254." in word.raw for word in simple.args):
        return
    for word in simple.args:
        short = simple.name == "curl" and re.fullmatch(r"-[A-Za-z]*k[A-Za-z]*", word.raw) is not None
        if short or word.text in _TLS_FLAGS.get(simple.name, ()):
            yield word
    texts = [word.text or "" for word in simple.args]
    if (
        simple.name in ("npm", "yarn", "pnpm")
        and "strict-ssl" in texts
        and "false" in texts[texts.index("strict-ssl") :]
    ):
        yield simple.args[texts.index("strict-ssl")]
    if simple.name == "git":
        for word in simple.args:
            if (word.text or "").lower() in ("http.sslverify=false", "http.sslverify") and (
                "=" in word.raw or "false" in texts
            ):
                yield word
    for assignment in simple.assignments:
        value = assignment.value
        if value is not None and (value.text or "").lower() in _TLS_VARIABLES.get(assignment.name, ()):
            yield value


# Installs

_ASKING: Final[dict[str, tuple[str, ...]]] = {
    "apt": ("install", "upgrade", "full-upgrade", "dist-upgrade", "remove", "purge", "autoremove"),
    "apt-get": ("install", "upgrade", "dist-upgrade", "remove", "purge", "autoremove"),
    "dnf": ("install", "update", "upgrade", "remove", "groupinstall"),
    "yum": ("install", "update", "upgrade", "remove", "groupinstall"),
    "zypper": ("install", "in", "update"),
}
_YES: Final = (
    "-y",
    "--yes",
    "--assume-yes",
    "--assumeyes",
    "-qq",
    "-q=2",
    "-n",
    "--non-interactive",
    "--dry-run",
    "-s",
)


# Packages of CodeBuild's own standard images (ubuntu/standard/7.0 of github.com/aws/aws-codebuild-docker-images).
_IN_IMAGES: Final = frozenset(
    ("apt-transport-https", "build-essential", "bzip2", "ca-certificates", "curl", "file", "gcc", "gettext", "git")
    + ("gnupg", "groff", "gzip", "jq", "less", "make", "openssl", "patch", "pkg-config", "procps", "rsync", "tar")
    + ("unzip", "wget", "xz-utils", "zip")
)


@check("install-asks-for-confirmation")
def install_asks_for_confirmation(step: Step) -> Iterator[Finding]:
    """A package manager that asks, where nobody answers."""
    simple = step.simple
    wanted = _ASKING.get(simple.name, ())
    operand = simple.operands[0] if simple.operands else None
    if operand is None or operand.text not in wanted or simple.has(*_YES) or (simple.pipe and simple.pipe.position):
        return
    if _short(simple, "y") or any("assume-yes" in word.raw.lower() or word.raw == "-qqq" for word in simple.args):
        return
    if any(word.text is None and word.raw.startswith(("$", '"$')) for word in simple.args[:1]):
        return
    named = [word.text for word in simple.operands[1:]]
    # Where an image has them all, nothing changes and nothing is asked; other images need not have them.
    there = operand.text == "install" and bool(named) and all(name in _IN_IMAGES for name in named)
    yield Finding(
        step.span,
        f"without `-y`, `{simple.name} {operand.text}` asks before it "
        + ("installs what the named packages need" if "install" in operand.text else "changes more than was named")
        + (", in an image that lacks them" if there else "")
        + "; nobody answers, and it aborts; add `-y`",
        severity="note" if there else None,
        fix=Fix("Add -y", "unsafe", (Replacement(_behind(step, operand), " -y"),)),
    )


def _behind(step: Step, word: Word) -> Span:
    return Span(end := step.place(word).end, end)


@check("lockfile-ignored")
def lockfile_ignored(buildspec: Buildspec, context: Context) -> Iterator[Finding]:
    """An install that may take other versions than the lock file names."""
    if not any("install" in command.script or "npm" in command.script for command in buildspec.commands):
        return
    from cilint.checks.commands.places import located

    for step, here in located(buildspec):
        simple = step.simple
        if len(simple.operands) != 1:
            continue
        if simple.matches("npm", "install|i") and not simple.has("-g", "--global", "--location=global", "--no-save"):
            prefix = simple.option("--prefix", "-C")
            if prefix is not None:
                here = None
            locked = _locked(context, here, "package.json", ("package-lock.json", "npm-shrinkwrap.json"))
            if locked is not False:
                yield Finding(
                    step.span,
                    "`npm install` may take other versions than package-lock.json names, and rewrites it; use `npm ci`",
                    confidence=None if locked else "low",
                    fix=step.rewritten(simple.operands[0], "ci", "Write `npm ci`") if locked else None,
                )
        elif simple.matches("pipenv", "install") and not simple.has("--deploy", "--ignore-pipfile"):
            locked = _locked(context, here, "Pipfile", ("Pipfile.lock",))
            if locked is not False:
                yield Finding(
                    step.span,
                    "`pipenv install` locks anew when the Pipfile has changed; use `pipenv install --deploy` or "
                    "`pipenv sync`",
                    confidence=None if locked else "low",
                )


def _locked(context: Context, here: str | None, project: str, names: tuple[str, ...]) -> bool | None:
    """Whether a lock file lies where the command runs; None where neither it nor a project is seen."""
    from cilint.checks.commands.places import beside

    if here is None:
        return None
    if any(beside(context, posixpath.join(here, name)) for name in names):
        return True
    return False if beside(context, posixpath.join(here, project)) else None


_NAMED_ELSEWHERE: Final = ("-r", "--requirement", "-e", "--editable", "-c", "-U", "--no-index")
_PACKAGING: Final = (None, "pip", "setuptools", "wheel")  # whose newest version is what everybody wants
_VERSION_MARK: Final = lazy(r"[=<>~@]|\.(?:whl|tar\.gz|zip|tgz)$|^git\+|://|^\.|/$|^/")


@check("unpinned-install")
def unpinned_install(step: Step) -> Iterator[Finding]:
    """A package by its name alone, so that every build may get another version."""
    simple = run_by(step.simple)
    packages: list[Word] = []
    if simple.matches("pip|pip3", "install") and not simple.has(*_NAMED_ELSEWHERE):
        packages = list(simple.operands[1:])
    elif simple.matches("npm", "install|i|add") or simple.matches("yarn|pnpm", "add|global"):
        packages = [word for word in simple.operands[1:] if word.text not in ("add",)]
    elif simple.matches("gem", "install") and not simple.has("-v", "--version"):
        packages = list(simple.operands[1:])
    loose = [word for word in packages if word.text not in _PACKAGING and not _pinned(simple, word.text or "")]
    if loose:
        yield Finding(
            step.place(loose[0]),
            f"every build takes the newest `{loose[0].text}`, whatever it brings; name a version",
        )


def _pinned(simple: SimpleCommand, name: str) -> bool:
    rest = name[1:] if simple.name in ("npm", "yarn", "pnpm") else name  # of a scope, `@aws-cdk/cli`
    is_path = "/" in rest and not name.startswith("@")
    return (is_path or bool(_VERSION_MARK.search(rest))) and not rest.endswith("@latest")


# Commands that are gone


class _Gone(NamedTuple):
    words: tuple[str, ...]
    since: str
    instead: str


_GET_LOGIN: Final = (
    "`aws ecr get-login-password --region REGION | docker login --username AWS --password-stdin "
    "ACCOUNT.dkr.ecr.REGION.amazonaws.com`"
)
_REMOVED: Final = (
    _Gone(("aws", "ecr", "get-login"), "version 2 of the AWS CLI, which current images have,", _GET_LOGIN),
    _Gone(
        ("aws", "codeguru-security"),
        "AWS ended CodeGuru Security in November 2025, and its endpoint",
        "scans of Amazon Inspector, or a scanner that runs in the build",
    ),
    _Gone(("helm", "init"), "Helm 3", "nothing: there is no Tiller to install"),
    _Gone(("kubectl", "rolling-update"), "kubectl 1.18", "`kubectl rollout`"),
    _Gone(("npm", "bin"), "npm 9", "`npx` or `npm exec`"),
    _Gone(("terraform", "0.12upgrade"), "Terraform 0.13", "nothing"),
)


@check("removed-command")
def removed_command(buildspec: Buildspec) -> Iterator[Finding]:
    """A command that the tool's current version does not have."""
    old_cli = False
    for step in buildspec.steps:
        simple = step.simple
        if run_by(simple).matches("pip|pip3", "install") and any(
            (word.text or "").startswith("awscli") for word in simple.args
        ):
            old_cli = True  # PyPI has version 1 only
        for gone in _REMOVED:
            if simple.matches(*gone.words) and not (old_cli and simple.name == "aws"):
                yield Finding(
                    step.span,
                    f"{gone.since} has no `{' '.join(gone.words)}`; use {gone.instead}",
                )


@check("needless-sudo")
def needless_sudo(step: Step) -> Iterator[Finding]:
    """A sudo where commands run as root."""
    simple = step.simple
    prefixes = {word.raw: word for word in simple.prefixes}
    if "sudo" in prefixes and step.command.phase.run_as is None and not prefixes.keys() & {"-u", "--user", "-E"}:
        yield Finding(
            step.place(prefixes["sudo"]),
            "commands run as root unless `run-as` says otherwise, and many images have no sudo",
        )


# Images


@check("only-latest-tag")
def only_latest_tag(buildspec: Buildspec) -> Iterator[Finding]:
    """Images that are pushed as `latest` and as nothing else."""
    pushed: list[tuple[Step, Word]] = []
    for step in buildspec.steps:
        simple = step.simple
        if simple.matches("docker|podman", "push") and len(simple.operands) > 1:
            if simple.has("--all-tags", "-a"):
                return
            pushed.append((step, simple.operands[1]))
        elif simple.matches("docker", "buildx|compose|bake|image|manifest"):
            return
    latest = [(step, word) for step, word in pushed if _is_latest(word)]
    if latest and len(latest) == len(pushed):
        step, word = latest[0]
        yield Finding(
            step.place(word),
            "the image has the tag `latest` only: nobody can tell which commit runs, and no earlier image can be "
            "deployed again; push a tag of its own, too, such as the commit's id, `CODEBUILD_RESOLVED_SOURCE_VERSION`",
        )


def _is_latest(word: Word) -> bool:
    return word.raw.strip("\"'").endswith(":latest")


_BUILD_ID: Final = ("$CODEBUILD_BUILD_ID", "${CODEBUILD_BUILD_ID}")


@check("colon-in-tag")
def colon_in_tag(step: Step) -> Iterator[Finding]:
    """A tag made of CODEBUILD_BUILD_ID, which has a colon in it."""
    simple = step.simple
    if not simple.matches("docker|podman", "build|tag|push|buildx|image"):
        return
    for word in simple.args:
        for before, part in zip((None, *word.parts), word.parts, strict=False):
            if part.kind != EXPANSION or part.text not in _BUILD_ID:
                continue
            if before is not None and ":" in before.text.rpartition("/")[2]:
                yield Finding(
                    step.place(part),
                    "`CODEBUILD_BUILD_ID` is `project:uuid`, and a tag takes no colon; `${CODEBUILD_BUILD_ID##*:}` is "
                    "the uuid alone",
                )


@check("docker-hub-without-login")
def docker_hub_without_login(buildspec: Buildspec, context: Context) -> Iterator[Finding]:
    """Images from Docker Hub, pulled as nobody: by a command, or as the base of an image that is built."""
    found = _pulled(buildspec)
    if found is None:
        return
    yield from found or _based_on_docker_hub(buildspec, context)


def _based_on_docker_hub(buildspec: Buildspec, context: Context) -> Iterator[Finding]:
    if context.embedded or not builds_images(buildspec):
        return
    from cilint.checks.commands.images import built

    for each in built(buildspec, context):
        own = {stage.name for stage in each.stages}
        for stage in each.stages:
            image = stage.image
            if image in own or image == "scratch" or "$" in image or not _from_docker_hub(image):
                continue
            if not _made_here(buildspec, image):
                yield Finding(
                    each.step.span,
                    f"line {stage.line} of {each.path} takes `{image}` from Docker Hub, which counts pulls without "
                    "login by address, which builds share (`toomanyrequests`); take it from a registry of yours or "
                    "public.ecr.aws, or log in",
                    confidence="low",
                )
                return


def _pulled(buildspec: Buildspec) -> list[Finding] | None:
    """What a `docker pull` or `run` takes from Docker Hub; None in a build that logs in there."""
    for step in buildspec.steps:
        simple = step.simple
        if simple.matches("docker|podman", "login") and not _registry(simple):
            return None
    for step in buildspec.steps:
        simple = step.simple
        if simple.matches("docker|podman", "pull|run"):
            image = _image(simple)
            if image and image.text and _from_docker_hub(image.text) and not _made_here(buildspec, image.text):
                message = (
                    f"Docker Hub counts pulls without login by address, which builds share (`toomanyrequests`); take "
                    f"`{image.text}` from a registry of yours, public.ecr.aws, or log in"
                )
                return [Finding(step.place(image), message)]
    return []


_PLAIN_OPTIONS: Final = frozenset(("--rm", "-it", "-i", "-t", "-ti", "-d", "--privileged", "-q", "--quiet", "--init"))


def _image(simple: SimpleCommand) -> Word | None:
    """The image of a pull or run; None behind options of which it is not known whether they take a value."""
    for word in simple.args[1:]:
        if not word.raw.startswith("-"):
            return word
        if word.raw not in _PLAIN_OPTIONS and "=" not in word.raw:
            return None
    return None


def _registry(simple: SimpleCommand) -> bool:
    """Whether a login names a registry, and one that is not Docker Hub."""
    values = [simple.option(flag) for flag in ("-u", "--username", "-p", "--password")]
    named = [word for word in simple.operands[1:] if word not in values]
    return bool(named) and "docker.io" not in named[-1].raw


def _from_docker_hub(image: str) -> bool:
    host, slash, _ = image.partition("/")
    return not slash or ("." not in host and ":" not in host and host != "localhost")


def _made_here(buildspec: Buildspec, image: str) -> bool:
    name = image.partition(":")[0]
    return any(
        step.simple.matches("docker|podman", "build|tag|load|buildx") and name in word.raw
        for step in buildspec.steps
        for word in step.simple.args
    )


# Packages of CodeArtifact


_LOGIN_TOOLS: Final = ("npm", "pip", "twine", "dotnet", "nuget", "swift")
_SCOPED_TOOLS: Final = ("npm", "swift")
_PUBLIC_INDEX: Final = lazy(r"https?://(?:pypi\.org|pypi\.python\.org|registry\.npmjs\.org)(?:/|$)")


def _logins(buildspec: Buildspec) -> list[tuple[int, Step]]:
    """The commands that log in to CodeArtifact, with their places among the steps."""
    steps = enumerate(buildspec.steps)
    return [(index, step) for index, step in steps if step.simple.matches("aws", "codeartifact", "login")]


def _said(step: Step, flag: str) -> str | None:
    """The value of an option, None where it is absent or known only to the build."""
    value = step.simple.option(flag)
    return value.text if isinstance(value, Word) else None


@check("codeartifact-login-refused")
def codeartifact_login_refused(step: Step) -> Iterator[Finding]:
    """A login to CodeArtifact that the AWS CLI refuses."""
    if not step.simple.matches("aws", "codeartifact", "login"):
        return
    tool, duration = _said(step, "--tool"), _said(step, "--duration-seconds")
    if tool is not None and tool not in _LOGIN_TOOLS:
        yield Finding(
            step.span,
            f"the AWS CLI logs in {', '.join(_LOGIN_TOOLS)}, not `{tool}`; put the token of `aws codeartifact "
            "get-authorization-token` into its configuration",
        )
    elif tool is not None and tool not in _SCOPED_TOOLS and step.simple.option("--namespace") is not None:
        yield Finding(step.span, f"the AWS CLI takes no `--namespace` for {tool}; leave it out")
    if duration is not None and duration.isdigit() and int(duration) and not 900 <= int(duration) <= 43200:
        yield Finding(
            step.span,
            f"a token of CodeArtifact lives for 900 to 43200 seconds, not for {duration}; leave the option out for "
            "twelve hours",
        )


@check("public-index-beside-codeartifact")
def public_index_beside_codeartifact(buildspec: Buildspec) -> Iterator[Finding]:
    """Packages that may come from the public index although CodeArtifact is used."""
    if not any("codeartifact" in command.script for command in buildspec.commands):
        return
    for step in buildspec.steps:
        simple = run_by(step.simple)
        value = simple.option("--extra-index-url") if simple.matches("pip|pip3", "install") else None
        if isinstance(value, Word) and _PUBLIC_INDEX.search(value.raw):
            yield Finding(
                step.place(value),
                "pip takes the highest version from either index: whoever publishes your package's name on PyPI gets "
                "into the build; leave it out, and make PyPI an upstream of the CodeArtifact repository",
            )


@check("upload-to-public-index")
def upload_to_public_index(buildspec: Buildspec) -> Iterator[Finding]:
    """A package that twine uploads to PyPI although it was logged in to CodeArtifact."""
    logins = [index for index, step in _logins(buildspec) if _said(step, "--tool") == "twine"]
    if not logins or any("TWINE_REPOSITORY" in command.script for command in buildspec.commands):
        return
    if buildspec.env and buildspec.env.variables and any("TWINE" in n for n in buildspec.env.variables.names()):
        return
    for step in buildspec.steps[logins[0] :]:
        simple = run_by(step.simple)
        elsewhere = any(simple.option(flag) is not None for flag in ("--repository", "-r", "--repository-url"))
        if simple.matches("twine", "upload") and not elsewhere:
            yield Finding(
                step.span,
                "the login writes a repository `codeartifact` for twine, and this uploads to PyPI; add `--repository "
                "codeartifact`",
            )


@check("login-after-install")
def login_after_install(buildspec: Buildspec) -> Iterator[Finding]:
    """A login to CodeArtifact behind the install that it is for: nothing after it asks for packages."""
    steps = buildspec.steps
    for index, login in _logins(buildspec):
        tool = _said(login, "--tool")
        if any(_asks(step, tool) for step in steps[index + 1 :]):
            continue
        for before in steps[:index]:
            simple = run_by(before.simple)
            early = (tool == "npm" and simple.matches("npm", "ci")) or (
                tool == "pip" and simple.matches("pip|pip3", "install") and simple.has("-r", "--requirement")
            )
            if early:
                yield Finding(
                    login.span,
                    f"`{tool}` has installed its packages before this login, so not from CodeArtifact; log in first",
                    related=(Related(before.span, "the install"),),
                )
                break


def _asks(step: Step, tool: str | None) -> bool:
    """Whether a command may ask the tool's registry: the tool itself, or a script that may call it."""
    name = run_by(step.simple).name
    return name in (tool, f"{tool}3", "python", "python3", "npx", "yarn", "pnpm", "make", "sh", "bash") or "/" in name
