"""CodeBuild's own images: names that mean the same, what they run in, what they have."""

from __future__ import annotations

import pytest

from cilint.catalog import codebuild_images as images


@pytest.mark.parametrize(
    ("image", "line_and_tag"),
    [
        ("aws/codebuild/standard:7.0", ("standard", "7.0")),
        ("aws/codebuild/standard:7.0-24.10.29", ("standard", "7.0")),
        ("aws/codebuild/amazonlinux2-x86_64-standard:5.0", ("amazonlinux-x86_64-standard", "5.0")),
        (
            "aws/codebuild/amazonlinux-x86_64-standard:corretto11-23.05.01",
            ("amazonlinux-x86_64-standard", "corretto11"),
        ),
        ("aws/codebuild/windows-base:2019-3.0", ("windows-base", "2019-3.0")),
    ],
)
def test_older_names_and_releases_are_brought_to_one_name(image: str, line_and_tag: tuple[str, str]) -> None:
    assert images.curated(image) == line_and_tag


@pytest.mark.parametrize(
    ("image", "state"),
    [
        ("aws/codebuild/standard:8.0", images.MAINTAINED),
        ("aws/codebuild/amazonlinux2-x86_64-standard:5.0", images.MAINTAINED),
        ("aws/codebuild/standard:5.0", images.NOT_MAINTAINED),
        ("aws/codebuild/standard:1.0", images.UNSUPPORTED),
        ("aws/codebuild/nodejs:10.14.1", images.UNSUPPORTED),
    ],
)
def test_the_state_of_an_image(image: str, state: str) -> None:
    found = images.known(image)
    assert found is not None
    assert found.state == state


@pytest.mark.parametrize("image", ["aws/codebuild/standard:9.0", "aws/codebuild/something-new:1", "node:22"])
def test_nothing_is_said_of_images_that_are_not_known(image: str) -> None:
    assert images.known(image) is None


def test_every_image_but_those_for_windows_has_a_maintained_successor() -> None:
    for name in images.IMAGES:
        successor = images.known(images.successor(f"aws/codebuild/{name}"))
        assert name.startswith("windows") or (successor is not None and successor.state == images.MAINTAINED)


@pytest.mark.parametrize(
    ("image", "environment", "answer"),
    [
        ("aws/codebuild/standard:8.0", "LINUX_CONTAINER", True),
        ("aws/codebuild/standard:8.0", "ARM_CONTAINER", False),
        ("aws/codebuild/amazonlinux2-aarch64-standard:3.0", "ARM_CONTAINER", True),
        ("aws/codebuild/windows-base:2019-3.0", "WINDOWS_SERVER_2022_CONTAINER", False),
        ("aws/codebuild/amazonlinux-x86_64-lambda-standard:python3.12", "LINUX_LAMBDA_CONTAINER", True),
        ("aws/codebuild/amazonlinux-x86_64-lambda-standard:python3.12", "LINUX_CONTAINER", False),
        ("aws/codebuild/something-new:1", "LINUX_CONTAINER", None),
        ("aws/codebuild/standard:8.0", "LINUX_SOMETHING_NEW", None),
        ("node:22", "ARM_CONTAINER", None),
    ],
)
def test_which_environment_runs_which_image(image: str, environment: str, answer: bool | None) -> None:
    assert images.fits(image, environment) is answer


@pytest.mark.parametrize(
    ("environment", "size", "answer"),
    [
        ("LINUX_CONTAINER", "BUILD_GENERAL1_2XLARGE", True),
        ("LINUX_EC2", "BUILD_GENERAL1_2XLARGE", False),
        ("WINDOWS_SERVER_2019_CONTAINER", "BUILD_GENERAL1_SMALL", False),
        ("LINUX_LAMBDA_CONTAINER", "BUILD_LAMBDA_10GB", True),
        ("LINUX_LAMBDA_CONTAINER", "BUILD_GENERAL1_SMALL", False),
        ("LINUX_CONTAINER", "BUILD_LAMBDA_1GB", False),
        ("LINUX_CONTAINER", "ATTRIBUTE_BASED_COMPUTE", None),
        ("MAC_ARM", "BUILD_GENERAL1_LARGE", None),
    ],
)
def test_which_environment_has_which_size(environment: str, size: str, answer: bool | None) -> None:
    assert images.has_size(environment, size) is answer


def test_versions_are_in_the_order_of_their_numbers() -> None:
    assert images.versions("python") == ["3.9", "3.10", "3.11", "3.12", "3.13", "3.14"]
    assert images.versions("java") == ["corretto8", "corretto11", "corretto17", "corretto21", "corretto25"]
    assert images.versions("haskell") == []


@pytest.mark.parametrize(
    ("image", "runtime", "versions"),
    [
        ("aws/codebuild/standard:7.0", "nodejs", "18 20 22 24"),
        ("aws/codebuild/standard:4.0", "java", "corretto8 corretto11"),
        ("aws/codebuild/standard:3.0", "java", "openjdk8 openjdk11"),
        ("aws/codebuild/amazonlinux2-x86_64-standard:2.0", "java", "corretto8 corretto11"),
        ("aws/codebuild/amazonlinux-aarch64-standard:3.0", "php", "8.1 8.2 8.3 8.4 8.5"),
    ],
)
def test_the_runtimes_of_an_image(image: str, runtime: str, versions: str) -> None:
    found = images.known(image)
    assert found is not None
    assert found.runtimes[runtime] == versions


def test_images_since_the_fifth_install_what_they_lack() -> None:
    """Their runtimes.yml has a `default` entry; those of a single Corretto have none."""
    fetching = {name for name, image in images.IMAGES.items() if image.fetches}
    assert {"standard:5.0", "amazonlinux-x86_64-standard:4.0", "amazonlinux-aarch64-standard:2.0"} <= fetching
    assert not fetching & {"standard:4.0", "amazonlinux-x86_64-standard:corretto11", "amazonlinux-aarch64-standard:1.0"}


@pytest.mark.parametrize(
    ("image", "meant"),
    [
        ("aws/codebuild/standard:7.0", None),
        ("aws/codebuild/standard@sha256:0123", None),
        ("aws/codebuild/windows-base:2022-1.0-24.01.01", None),
        ("aws/codebuild/eb-ruby-2.3-amazonlinux-64:2.1.6", None),
        ("node:22", None),
        ("aws/codebuild/standard:9.0", "aws/codebuild/standard:8.0"),
    ],
)
def test_an_unknown_image_is_held_against_those_of_its_line(image: str, meant: str | None) -> None:
    others = images.like(image)
    assert (others[0] if others else None) == meant
