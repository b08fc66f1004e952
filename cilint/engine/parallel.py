"""One function over many items in several processes, results in the order of the items.

Only where `os.fork` is; a worker inherits everything and sends its results back through a pipe. A worker that dies
costs time and nothing else: its share is done here.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from typing import Final, TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")

WORTH_IT: Final = 300
"""From how many items on processes gain more than they cost."""
MAX_PROCESSES: Final = 8


def in_order(function: Callable[[Item], Result], items: Sequence[Item]) -> list[Result]:
    """`[function(item) for item in items]`, by several processes when it is worth it and the platform can."""
    processes = _processes() if len(items) >= WORTH_IT else 1
    if processes == 1:
        return [function(item) for item in items]
    shares = [items[start::processes] for start in range(processes)]
    workers = [_start(function, share) for share in shares[1:]]
    parts: list[list[Result]] = [[function(item) for item in shares[0]]]
    for share, worker in zip(shares[1:], workers, strict=True):
        received: list[Result] | None = _receive(*worker, len(share))
        parts.append([function(item) for item in share] if received is None else received)
    return [parts[at % processes][at // processes] for at in range(len(items))]


def _processes() -> int:
    if not hasattr(os, "fork"):
        return 1
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min(cores, MAX_PROCESSES)


def _start(function: Callable[[Item], Result], share: Sequence[Item]) -> tuple[int, int]:
    """Start a worker; its process id and the descriptor that its results come from."""
    import pickle

    reading, writing = os.pipe()
    process = os.fork()
    if process:
        os.close(writing)
        return process, reading
    try:
        os.close(reading)
        data = pickle.dumps([function(item) for item in share], pickle.HIGHEST_PROTOCOL)
        with open(writing, "wb") as pipe:
            pipe.write(data)
    finally:
        os._exit(0)  # whatever happened: nothing of this process may go on, the parent sees what is missing


def _receive(process: int, reading: int, count: int) -> list[Result] | None:
    """A worker's results, or None when it did not send them all."""
    import pickle

    with open(reading, "rb") as pipe:
        data = pipe.read()
    os.waitpid(process, 0)
    try:
        results: list[Result] = pickle.loads(data)
    except (EOFError, pickle.UnpicklingError):
        return None
    return results if len(results) == count else None
