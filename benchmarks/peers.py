"""CPU and wall of cilint against its peers on the same material, as ratios within one run.

    python benchmarks/peers.py [--runs 7] [--only cold|templates|policies]

Peers are run when they are installed beside this Python (`pip install -e '.[bench]'`); one that is not is said so.
Runs are interleaved (A B A B ...), so that a machine whose speed drifts still gives honest ratios; what is printed are
medians, and the median of the ratios pair by pair. No test asserts on these figures.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

HERE = Path(__file__).parent
PYTHON = sys.executable


class Run(NamedTuple):
    """Seconds of one process and its children."""

    cpu: float
    wall: float


def measure(command: list[str]) -> Run:
    """Run a command with its output thrown away. Raises OSError when it cannot be started."""
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
    started = time.perf_counter()
    process = os.posix_spawnp(
        command[0],
        command,
        environment,
        file_actions=[
            (os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0),
            (os.POSIX_SPAWN_OPEN, 2, os.devnull, os.O_WRONLY, 0),
        ],
    )
    _, _, usage = os.wait4(process, 0)
    return Run(usage.ru_utime + usage.ru_stime, time.perf_counter() - started)


def compare(title: str, ours: list[str], peers: dict[str, list[str]], runs: int) -> None:
    """Measure cilint and each peer in turn and print the ratios."""
    print(f"\n{title}")
    for name, command in peers.items():
        if shutil.which(command[0]) is None:
            print(f"  {name:<14} not installed here")
            continue
        measure(ours)
        measure(command)
        pairs = [(measure(ours), measure(command)) for _ in range(runs)]
        cpu = statistics.median(peer.cpu / our.cpu for our, peer in pairs)
        wall = statistics.median(peer.wall / our.wall for our, peer in pairs)
        mine = statistics.median(our.cpu for our, _ in pairs)
        theirs = statistics.median(peer.cpu for _, peer in pairs)
        if name == "empty Python":
            print(
                f"  {name:<14} cilint takes {1 / cpu:6.2f} x its CPU, {1 / wall:6.2f} x its wall"
                f"   (CPU {mine:.3f} s / {theirs:.3f} s)"
            )
        else:
            print(
                f"  {name:<14} takes {cpu:6.1f} x cilint's CPU, {wall:6.1f} x its wall"
                f"   (CPU {theirs:.3f} s / {mine:.3f} s)"
            )


def tool(name: str) -> str:
    """A console script beside this Python, else by the PATH."""
    beside = Path(PYTHON).parent / name
    return str(beside) if beside.exists() else name


def cold(work: Path, runs: int) -> None:
    buildspec = work / "buildspec.yml"
    shutil.copy(HERE / "material" / "buildspec.yml", buildspec)
    compare(
        "a cold check of one buildspec",
        [tool("cilint"), "check", str(buildspec)],
        {
            "empty Python": [PYTHON, "-c", "pass"],
            "yamllint": [tool("yamllint"), str(buildspec)],
            "cfn-lint": [tool("cfn-lint"), str(buildspec)],
        },
        runs,
    )


def templates(work: Path, runs: int) -> None:
    folder = work / "templates"
    folder.mkdir()
    text = (HERE / "material" / "pipeline.yaml").read_text()
    for number in range(100):
        (folder / f"pipeline-{number}.yaml").write_text(text.replace("shop", f"shop{number}"))
    compare(
        "100 pipeline templates",
        [tool("cilint"), "check", str(folder)],
        {"cfn-lint": [tool("cfn-lint"), *sorted(str(path) for path in folder.iterdir())]},
        max(1, runs // 3),
    )


def policies(work: Path, runs: int) -> None:
    folder = work / "policies"
    folder.mkdir()
    for number, policy in zip(range(1000), _policies(), strict=False):
        (folder / f"policy-{number}.json").write_text(json.dumps(policy, indent=2))
    compare(
        "1,000 policies",
        [tool("cilint"), "check", str(folder)],
        {"parliament": [tool("parliament"), "--directory", str(folder)]},
        max(1, runs // 3),
    )


def _policies() -> Iterator[dict[str, object]]:
    text = (HERE / "material" / "policy.json").read_text()
    number = 0
    while True:
        yield json.loads(text.replace("shop", f"shop{number}"))
        number += 1


SUITES: dict[str, Callable[[Path, int], None]] = {"cold": cold, "templates": templates, "policies": policies}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0] if __doc__ else "")
    parser.add_argument("--runs", type=int, default=7)
    parser.add_argument("--only", choices=SUITES)
    options = parser.parse_args()
    for name, suite in SUITES.items():
        if options.only in (None, name):
            with tempfile.TemporaryDirectory() as work:
                suite(Path(work), options.runs)


if __name__ == "__main__":
    main()
