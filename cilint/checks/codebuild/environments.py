"""Checks of a project's environment: image, type, size, privileged mode, variables; and of what goes with it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from cilint.catalog.codebuild_images import (
    DATE,
    MAINTAINED,
    RETIRED,
    fits,
    has_size,
    is_curated,
    known,
    like,
    successor,
)
from cilint.catalog.secrets import credential, secret_by_name
from cilint.core.context import Context, named
from cilint.core.finding import Finding
from cilint.core.nearest import listed, nearest
from cilint.core.rule import check
from cilint.delivery.world import build_of, elsewhere
from cilint.model.project import Project
from cilint.model.spelling import Spelled
from cilint.source.nodes import Node
from cilint.source.pattern import lazy


def _node(view: Spelled, key: str) -> Node:
    """The value under a key that is there."""
    return view.get(key) or view.node


def is_true(view: Spelled | None, key: str) -> bool:
    """Whether a switch is on, in YAML's or JSON's spelling of true."""
    return view is not None and (view.known(key) or "").lower() in ("true", "yes")


@check("retired-image")
def retired_image(project: Project, context: Context) -> Iterator[Finding]:
    """One of CodeBuild's images that is no longer looked after."""
    environment = project.environment
    image = environment.known("image") if environment is not None else None
    found = known(image) if image and not named(context.names.images, image) else None
    if environment is None or not image or found is None or found.state == MAINTAINED:
        return
    yield Finding(
        _node(environment, "image").span,
        f"`{image}` {RETIRED[found.state]} (images of {DATE}); use `{successor(image)}`",
    )


@check("unknown-image")
def unknown_image(project: Project, context: Context) -> Iterator[Finding]:
    """An image by a name like CodeBuild's own that is not known."""
    environment = project.environment
    image = environment.known("image") if environment is not None else None
    others = like(image) if image and not named(context.names.images, image) else None
    if environment is None or not image or not others:
        return
    near = nearest(image, others, 2)
    line = image.partition(":")[0]
    sure = near is not None and near.partition(":")[0] != line  # another number may be a newer image
    rest = (
        "see the guide's list" if not others[0].startswith(f"{line}:") else f"of this line it has {listed(others[:4])}"
    )
    yield Finding(
        _node(environment, "image").span,
        f"CodeBuild is not known to have the image `{image}` (images of {DATE}); "
        + (f"did you mean `{near}`?" if sure else rest),
        severity=None if sure else "note",
        confidence=None if sure else "low",
    )


_ECR: Final = lazy(r"(\d{12})\.dkr\.ecr[.-]")


@check("image-of-unknown-account")
def image_of_unknown_account(project: Project, context: Context) -> Iterator[Finding]:
    """A build image from an account that the configuration's `known.accounts` does not name."""
    accounts = (*context.names.accounts, *context.names.production_accounts, *(context.options.get("accounts") or ()))
    environment = project.environment
    image = environment.known("image") if environment is not None else None
    owner = _ECR.match(image) if image and accounts else None
    if environment is None or not owner or not image or named(accounts, owner[1]):
        return
    if not named(context.names.images, image):
        yield Finding(
            _node(environment, "image").span,
            f"the build runs in an image of the account {owner[1]}, which is none of yours (`known.accounts`); who "
            "owns it decides what runs with this project's role",
        )


@check("project-cache-without-paths")
def project_cache_without_paths(project: Project, context: Context) -> Iterator[Finding]:
    """A cache for paths that the buildspec does not name."""
    cache = project.cache
    kind = cache.known("type") if cache is not None else None
    if cache is None or kind not in ("S3", "LOCAL"):
        return
    modes = [getattr(item, "value", "") for item in getattr(cache.get("modes"), "items", ())]
    if kind == "LOCAL" and "LOCAL_CUSTOM_CACHE" not in modes:
        return
    build = build_of(project, context)
    if build is not None and not build.cached:
        where = f"`{build.path}`" if build.path else "the buildspec"
        mode = next(
            (item for item in getattr(cache.get("modes"), "items", ()) if item.value == "LOCAL_CUSTOM_CACHE"), None
        )
        yield Finding(
            (mode if kind == "LOCAL" and mode is not None else _node(cache, "type")).span,
            f"{where} has no `cache.paths`, so nothing is kept (`no paths specified to be cached`); add them, or leave "
            "the cache out",
        )


@check("image-not-for-environment")
def image_not_for_environment(project: Project) -> Iterator[Finding]:
    """One of CodeBuild's images in an environment of another system or processor."""
    environment = project.environment
    image = environment.known("image") if environment is not None else None
    kind = environment.known("type") if environment is not None else None
    if environment is not None and image and kind and fits(image, kind) is False:
        yield Finding(
            _node(environment, "image").span,
            f"`{image}` does not run in an environment of the type `{kind}`; change one of the two",
        )


@check("compute-type-not-for-environment")
def compute_type_not_for_environment(project: Project) -> Iterator[Finding]:
    """A size that the type of environment does not have."""
    environment = project.environment
    if environment is None or environment.get("fleet") is not None:
        return
    kind, size = environment.known("type"), environment.known("computeType")
    if kind and size and has_size(kind, size) is False:
        yield Finding(
            _node(environment, "computeType").span,
            f"`{kind}` is not known to have `{size}`; see the guide's table of compute types",
        )


@check("curated-image-with-service-role")
def curated_image_with_service_role(project: Project) -> Iterator[Finding]:
    """One of CodeBuild's own images, pulled with the project's role."""
    environment = project.environment
    image = environment.known("image") if environment is not None else None
    if environment is None or not image or not is_curated(image):
        return
    if environment.known("imagePullCredentialsType") == "SERVICE_ROLE":
        yield Finding(
            _node(environment, "imagePullCredentialsType").span,
            f"`{image}` is CodeBuild's own image, which takes CodeBuild's credentials; write `CODEBUILD`",
        )


@check("registry-credential-for-ecr")
def registry_credential_for_ecr(project: Project) -> Iterator[Finding]:
    """Credentials for a registry that needs none."""
    environment = project.environment
    image = environment.known("image") if environment is not None else None
    if environment is None or not image or environment.get("registryCredential") is None:
        return
    if ".dkr.ecr." in image or is_curated(image):
        yield Finding(
            environment.key_span("registryCredential"),
            "a registry credential is for registries outside of AWS; the service role pulls from ECR: remove it",
        )


_NO_PRIVILEGED: Final = ("WINDOWS_", "LINUX_LAMBDA_", "ARM_LAMBDA_", "MAC_ARM")


@check("privileged-mode-without-effect")
def privileged_mode_without_effect(project: Project) -> Iterator[Finding]:
    """Privileged mode where there is none."""
    environment = project.environment
    kind = environment.known("type") if environment is not None else None
    if environment is not None and kind and kind.startswith(_NO_PRIVILEGED) and is_true(environment, "privilegedMode"):
        yield Finding(
            _node(environment, "privilegedMode").span,
            f"an environment of the type `{kind}` has no privileged mode; remove it",
        )


@check("docker-without-privileged-mode")
def docker_without_privileged_mode(project: Project, context: Context) -> Iterator[Finding]:
    """Commands for Docker in a build that has no Docker."""
    environment = project.environment
    if environment is None:
        return
    mode = environment.known("privilegedMode") if environment.get("privilegedMode") is not None else "false"
    own = (environment.word("image") or "").startswith("aws/codebuild/docker:")  # of 2017, privileged by itself
    other = own or environment.get("dockerServer") is not None or environment.get("fleet") is not None
    if mode is None or mode.lower() != "false" or other or (environment.known("type") or "").startswith(_NO_PRIVILEGED):
        return
    build = build_of(project, context)
    if build is not None and build.docker is not None:
        words, span = build.docker
        where = f"`{build.path}`" if build.path else "the buildspec"
        yield Finding(
            environment.key_span("privilegedMode"),
            f"{where} runs `{words}`; where the image starts no Docker daemon by itself, that needs privileged "
            "mode or a Docker server (`Cannot connect to the Docker daemon`)",
            related=(elsewhere(context, build.path, build.text, span, "the command"),),
        )


@check("needless-privileged-mode")
def needless_privileged_mode(project: Project, context: Context) -> Iterator[Finding]:
    """Privileged mode in a build that does not use it, as far as its buildspec tells."""
    environment = project.environment
    if not is_true(environment, "privilegedMode") or environment is None:
        return
    modes = project.cache.get("modes") if project.cache is not None else None
    if modes is not None or project.get("fileSystemLocations") is not None:
        return
    build = build_of(project, context)
    if build is not None and build.posix and not build.may_use_docker:
        yield Finding(
            _node(environment, "privilegedMode").span,
            "privileged mode gives the build almost the host's rights, and no command of "
            f"{f'`{build.path}`' if build.path else 'the buildspec'} uses Docker; remove it",
        )


@check("project-plaintext-secret")
def project_plaintext_secret(project: Project) -> Iterator[Finding]:
    """A secret among a project's plain variables."""
    environment = project.environment
    for variable in environment.children("environmentVariables", Spelled) if environment is not None else ():
        if (variable.known("type") or "PLAINTEXT") != "PLAINTEXT":
            continue
        name, value = variable.known("name") or "", variable.known("value")
        if value is None:
            continue
        node = _node(variable, "value")
        advice = "keep it in Secrets Manager and write `SECRETS_MANAGER` as its type"
        what = credential(value)
        if what:
            yield Finding(
                node.span,
                f"`{name}` holds {what} in plain text; revoke it, then {advice}",
                severity="error",
                secret=True,
            )
        elif name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY") and value:
            yield Finding(
                node.span,
                f"`{name}` in plain text, although the build has its role's credentials; remove it",
                secret=True,
            )
        elif secret_by_name(name, value):
            yield Finding(
                node.span,
                f"`{name}` looks like a secret in plain text, readable in the console and by the API; {advice}",
                secret=True,
            )
