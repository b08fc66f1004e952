"""CodeBuild's own images: which are maintained, which environment they are for, which runtimes each has.

Facts of the README and the `runtimes.yml` files of https://github.com/aws/aws-codebuild-docker-images, and of the user
guide's pages on images and compute types. An image or version that is missing here may be newer than `DATE`.
"""

from __future__ import annotations

import re
from typing import Final

from cilint.source.record import NamedTuple

DATE: Final = "2026-04-09"
"""The day of the repository's state that the tables were made from."""

MAINTAINED: Final = "maintained"
NOT_MAINTAINED: Final = "not maintained"
UNSUPPORTED: Final = "unsupported"


RETIRED: Final = {
    UNSUPPORTED: "is no longer supported: its tools get no security updates, and builds may not find it",
    NOT_MAINTAINED: "is not maintained any more: its tools get no security updates",
}
"""What an image of that state is like, behind its name."""


class Image(NamedTuple):
    """One of CodeBuild's images. `architecture`: x86_64, aarch64 or windows. `runtimes` as in its runtimes.yml.

    `fetches`: the file has `default` entries, so that a version that the image lacks is installed in every build.
    """

    state: str
    architecture: str
    runtimes: dict[str, str]
    fetches: bool = False


_NEW: Final = {
    "java": "corretto8 corretto11 corretto17 corretto21 corretto25",
    "python": "3.10 3.11 3.12 3.13 3.14",
    "nodejs": "22 24",
    "golang": "1.24 1.25 1.26",
    "ruby": "3.3 3.4 4.0",
    "php": "8.2 8.3 8.4 8.5",
    "dotnet": "8.0 10.0",
    "rust": "1.93",
}
_PREVIOUS: Final = {
    "java": "corretto8 corretto11 corretto17 corretto21 corretto25",
    "python": "3.9 3.10 3.11 3.12 3.13 3.14",
    "nodejs": "18 20 22 24",
    "golang": "1.20 1.21 1.22 1.23 1.24 1.25 1.26",
    "ruby": "3.1 3.2 3.3 3.4 4.0",
    "php": "8.2 8.3 8.4 8.5",
    "dotnet": "6.0 8.0 10.0",
}
_SIXTH: Final = {
    "java": "corretto17",
    "python": "3.10",
    "nodejs": "16",
    "golang": "1.18",
    "ruby": "3.1",
    "php": "8.1",
    "dotnet": "6.0",
}
_FIFTH: Final = {
    "java": "corretto8 corretto11",
    "python": "3.7 3.8 3.9",
    "nodejs": "12 14",
    "golang": "1.15 1.16",
    "ruby": "2.6 2.7",
    "php": "7.3 7.4 8.0",
    "dotnet": "3.1 5.0",
}
_FIRST_ARM: Final = {
    "java": "corretto8 corretto11",
    "python": "3.7 3.8 3.9",
    "nodejs": "10 12",
    "golang": "1.12 1.13 1.14",
    "ruby": "2.6 2.7",
    "php": "7.3 7.4",
    "dotnet": "3.1",
    "docker": "19",
}
_FOURTH: Final = {**_FIRST_ARM, "android": "28 29", "docker": "18 19"}
_THIRD: Final = {
    "android": "28 29",
    "java": "openjdk8 openjdk11",
    "python": "3.8 3.9",
    "nodejs": "10 12",
    "golang": "1.12 1.13",
    "ruby": "2.6",
    "php": "7.3",
    "dotnet": "3.0",
    "docker": "18",
}
_SECOND: Final = {**_THIRD, "python": "3.7", "nodejs": "8 10", "dotnet": "2.2"}
_CORRETTO: Final = {"java": "corretto8 corretto11"}
_X86: Final = "x86_64"
_ARM: Final = "aarch64"

IMAGES: Final[dict[str, Image]] = {
    "standard:8.0": Image(MAINTAINED, _X86, _NEW, True),
    "standard:7.0": Image(MAINTAINED, _X86, _PREVIOUS, True),
    "standard:6.0": Image(NOT_MAINTAINED, _X86, _SIXTH, True),
    "standard:5.0": Image(NOT_MAINTAINED, _X86, _FIFTH, True),
    "standard:4.0": Image(UNSUPPORTED, _X86, _FOURTH),
    "standard:3.0": Image(UNSUPPORTED, _X86, _THIRD),
    "standard:2.0": Image(UNSUPPORTED, _X86, _SECOND),
    "standard:1.0": Image(UNSUPPORTED, _X86, {}),
    "amazonlinux-x86_64-standard:6.0": Image(MAINTAINED, _X86, _NEW, True),
    "amazonlinux-x86_64-standard:5.0": Image(MAINTAINED, _X86, _PREVIOUS, True),
    "amazonlinux-x86_64-standard:4.0": Image(NOT_MAINTAINED, _X86, {**_SIXTH, "python": "3.9", "docker": "20"}, True),
    "amazonlinux-x86_64-standard:corretto8": Image(NOT_MAINTAINED, _X86, {"java": "corretto8"}),
    "amazonlinux-x86_64-standard:corretto11": Image(NOT_MAINTAINED, _X86, {"java": "corretto11"}),
    "amazonlinux-x86_64-standard:3.0": Image(UNSUPPORTED, _X86, _FOURTH),
    "amazonlinux-x86_64-standard:2.0": Image(UNSUPPORTED, _X86, {**_THIRD, **_CORRETTO}),
    "amazonlinux-x86_64-standard:1.0": Image(UNSUPPORTED, _X86, {**_SECOND, **_CORRETTO}),
    "amazonlinux-aarch64-standard:4.0": Image(MAINTAINED, _ARM, {**_NEW, "rust": "1.94", "docker": "23"}, True),
    "amazonlinux-aarch64-standard:3.0": Image(
        MAINTAINED, _ARM, {**_PREVIOUS, "php": "8.1 8.2 8.3 8.4 8.5", "rust": "1.94", "docker": "23"}, True
    ),
    "amazonlinux-aarch64-standard:2.0": Image(NOT_MAINTAINED, _ARM, _FIRST_ARM, True),
    "amazonlinux-aarch64-standard:1.0": Image(
        UNSUPPORTED,
        _ARM,
        {
            **_CORRETTO,
            "python": "3.7 3.8",
            "nodejs": "8 10 12",
            "golang": "1.12 1.13",
            "ruby": "2.6",
            "php": "7.3",
            "docker": "18 19",
        },
    ),
    "windows-base:1.0": Image(UNSUPPORTED, "windows", {}),
    "windows-base:2.0": Image(UNSUPPORTED, "windows", {}),
}

# Images without a published runtimes.yml: line to tags (README of the repository; aws-cdk-lib 2.276.0, aws-codebuild).
OTHERS: Final[dict[str, str]] = {
    "windows-base": "2019-1.0 2019-2.0 2019-3.0 2022-1.0",
    "macos-arm-base": "14 15 26",
    **dict.fromkeys(
        ("amazonlinux-x86_64-lambda-standard", "amazonlinux-aarch64-lambda-standard"),
        "corretto11 corretto17 corretto21 dotnet6 dotnet8 go1.21 go1.24 nodejs18 nodejs20 nodejs22 nodejs24 python3.11 "
        "python3.12 python3.13 ruby3.2 ruby3.4",
    ),
}

SUCCESSORS: Final = {
    "standard": "aws/codebuild/standard:8.0",
    "amazonlinux-x86_64-standard": "aws/codebuild/amazonlinux-x86_64-standard:6.0",
    "amazonlinux-aarch64-standard": "aws/codebuild/amazonlinux-aarch64-standard:4.0",
    "windows-base": "aws/codebuild/windows-base:2022-1.0",
}
"""The newest image of each line."""

# The images of 2017 and 2018, one for each language; none of them exists any more. So it is with Elastic Beanstalk's,
# `eb-…`.
LANGUAGES: Final = frozenset(
    ("android-java-7", "android-java-8", "dot-net", "docker", "golang", "java", "nodejs", "php", "python")
    + ("ruby", "ubuntu-base")
)

_CURATED: Final = "aws/codebuild/"

# Runtimes of retired images only: no maintained image has them (runtimes.yml).
RETIRED_RUNTIMES: Final[dict[str, str]] = {
    "android": "no maintained image has the Android SDK as a runtime",
    "docker": "the x86_64 images have Docker without asking for it, and refuse the entry",
}


RUNTIMES: Final = ("java", "python", "nodejs", "golang", "ruby", "php", "dotnet", "rust", "android", "docker")
"""Runtimes that any image has had."""


def is_curated(image: str) -> bool:
    """Whether the image is one of CodeBuild's own."""
    return image.startswith(_CURATED)


def curated(image: str) -> tuple[str, str]:
    """Line and tag of one of CodeBuild's images, its older names brought to the newer: `amazonlinux2-…` is
    `amazonlinux-…` since 2024-11-22, and `standard:7.0-24.10.29` is a release of `standard:7.0`.
    """
    line, _, tag = image.removeprefix(_CURATED).partition(":")
    release = re.match(r"(\d+\.\d+|corretto\d+)-\d+\.\d+\.\d+", tag)
    return line.replace("amazonlinux2-", "amazonlinux-"), release[1] if release else tag


def known(image: str) -> Image | None:
    """What is known of one of CodeBuild's images; None for others and for those that are newer than the table."""
    if not is_curated(image):
        return None
    line, tag = curated(image)
    if line in LANGUAGES or line.startswith("eb-"):
        return Image(UNSUPPORTED, _X86, {})
    return IMAGES.get(f"{line}:{tag}")


def like(image: str) -> list[str] | None:
    """The images that one of CodeBuild's that is not in the tables may be meant for, newest first; None for one that is
    known, or none of CodeBuild's. Of a line that is known its images, else all."""
    if not is_curated(image) or "@" in image or known(image) is not None:
        return None
    line, tag = curated(image)
    if any(tag == each or tag.startswith(f"{each}-") for each in OTHERS.get(line, "").split()):
        return None
    names = [*IMAGES, *(f"{each}:{tag}" for each, tags in OTHERS.items() for tag in tags.split())]
    of_line = [name for name in names if name.partition(":")[0] == line]
    return [f"{_CURATED}{name}" for name in of_line or names]


def successor(image: str) -> str:
    """The newest maintained image that can take its place."""
    return SUCCESSORS.get(curated(image)[0], SUCCESSORS["standard"])


def oldest(image: str) -> str:
    """What the successor of an image lacks, as the rest of a sentence that names it; empty where that is not known."""
    has = IMAGES.get(successor(image).removeprefix(_CURATED))
    if has is None or not has.runtimes:
        return ""
    system = "Amazon Linux 2023, " if curated(image)[0].startswith("amazonlinux") else ""
    first = [f"{name} from {has.runtimes[name].split()[0]}" for name in ("python", "nodejs")]
    return f" ({system}{' and '.join(first)} on), or an image of your own where the build needs the older ones"


def versions(runtime: str) -> list[str]:
    """The versions of a runtime that a maintained image has, oldest first; empty for an unknown runtime."""
    found = {
        version
        for image in IMAGES.values()
        if image.state == MAINTAINED
        for version in image.runtimes.get(runtime, "").split()
    }
    return sorted(found, key=lambda version: [int(number) for number in re.findall(r"\d+", version)])


# Environment types (BotoCore codebuild 2016-10-06) to the images of CodeBuild that they run.
TYPES: Final[dict[str, str]] = {
    "ARM_CONTAINER": "amazonlinux-aarch64-standard",
    "ARM_EC2": "amazonlinux-aarch64-standard",
    "ARM_LAMBDA_CONTAINER": "amazonlinux-aarch64-lambda-standard",
    "LINUX_CONTAINER": "standard|amazonlinux-x86_64-standard",
    "LINUX_EC2": "standard|amazonlinux-x86_64-standard",
    "LINUX_GPU_CONTAINER": "standard|amazonlinux-x86_64-standard",
    "LINUX_LAMBDA_CONTAINER": "amazonlinux-x86_64-lambda-standard",
    "WINDOWS_SERVER_2019_CONTAINER": "windows-base:2019",
    "WINDOWS_SERVER_2022_CONTAINER": "windows-base:2022",
    "MAC_ARM": "macos-arm-base",
}
ENVIRONMENTS: Final = (*TYPES, "WINDOWS_CONTAINER", "WINDOWS_EC2")
"""All types of environments."""

_LINES: Final = frozenset(line for lines in TYPES.values() for line in lines.split("|"))


def fits(image: str, environment: str) -> bool | None:
    """Whether an environment type runs one of CodeBuild's images; None where that is not known."""
    if not is_curated(image) or environment not in TYPES:
        return None
    line, tag = curated(image)
    if line == "windows-base":
        line = f"windows-base:{tag[:4]}"
    return line in TYPES[environment].split("|") if line in _LINES else None


# Sizes that an environment type has not, of those that the user guide's table of compute types lists.
SIZES: Final[dict[str, str]] = {
    "ARM_CONTAINER": "SMALL MEDIUM LARGE XLARGE 2XLARGE",
    "ARM_EC2": "SMALL MEDIUM LARGE",
    "LINUX_CONTAINER": "SMALL MEDIUM LARGE XLARGE 2XLARGE",
    "LINUX_EC2": "SMALL MEDIUM LARGE",
    "LINUX_GPU_CONTAINER": "SMALL LARGE",
    "WINDOWS_SERVER_2019_CONTAINER": "MEDIUM LARGE",
    "WINDOWS_SERVER_2022_CONTAINER": "MEDIUM LARGE XLARGE 2XLARGE",
    "WINDOWS_EC2": "MEDIUM LARGE",
}


def has_size(environment: str, compute: str) -> bool | None:
    """Whether an environment type has a compute type; None where that is not known."""
    is_lambda = environment.endswith("_LAMBDA_CONTAINER")
    if compute.startswith("BUILD_LAMBDA_"):
        return is_lambda
    if not compute.startswith("BUILD_GENERAL1_"):
        return None
    if is_lambda:
        return False
    sizes = SIZES.get(environment)
    return compute.removeprefix("BUILD_GENERAL1_") in sizes.split() if sizes else None
