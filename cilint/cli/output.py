"""Where reports go: the formats by name, `--output [FORMAT=]FILE`, and what a terminal can show."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import TYPE_CHECKING, Final, TextIO

from cilint.engine.run import Report
from cilint.source.record import NamedTuple

if TYPE_CHECKING:
    from threading import Event

FORMATS: Final = ("text", "concise", "json", "sarif", "github", "gitlab", "junit", "rdjson", "markdown")
COLOURS: Final = ("auto", "always", "never")
_ENDINGS: Final = {
    ".sarif": "sarif",
    ".sarif.json": "sarif",
    ".json": "json",
    ".txt": "text",
    ".xml": "junit",
    ".md": "markdown",
}
_PATIENCE: Final = 1.0  # seconds until a run says that it is still at work


class OutputError(ValueError):
    """An `--output` that cannot be honoured; the message says why and what to do."""


class Output(NamedTuple):
    """A report to write to a file."""

    format: str
    path: str


def outputs(values: tuple[str, ...]) -> tuple[Output, ...]:
    """The files of `--output`, each known to be writable now. Raises OutputError."""
    if not values:
        return ()
    from cilint.report.write import obstacle

    found = tuple(_output(value) for value in values)
    for each in found:
        if reason := obstacle(each.path):
            raise OutputError(f"cannot write {each.path}: {reason}")
    return found


def _output(value: str) -> Output:
    name, separator, path = value.partition("=")
    if separator and name in FORMATS and path:
        return Output(name, path)
    for ending, name in sorted(_ENDINGS.items(), key=lambda item: -len(item[0])):
        if value.lower().endswith(ending):
            return Output(name, value)
    raise OutputError(f"cannot tell the format of {value!r} by its ending; write FORMAT=FILE ({', '.join(FORMATS)})")


def save(report: Report, each: Output) -> None:
    """Write one report to its file. Raises OSError."""
    from cilint.report.write import write

    write(each.path, render(report, each.format))


def show(report: Report, name: str, colour: str, stream: TextIO | None = None) -> None:
    """Print one report, on standard output by default, whatever its encoding can hold."""
    stream = stream or sys.stdout
    content = render(report, name, in_colour(colour, stream), _width(stream))
    encoding = stream.encoding or "utf-8"
    stream.write(content.encode(encoding, "replace").decode(encoding))
    stream.flush()


def _width(stream: TextIO) -> int:
    """Columns of the terminal, 0 where there is none to ask."""
    try:
        return int(os.environ.get("COLUMNS", "")) if stream.isatty() else 0
    except ValueError:
        pass
    try:
        return os.get_terminal_size(stream.fileno()).columns
    except OSError:
        return 0


def render(report: Report, name: str, colour: bool = False, width: int = 0) -> str:
    """The report in the format called `name`. Only that format's module is imported."""
    match name:
        case "json":
            from cilint.report import json

            return json.render(report)
        case "sarif":
            from cilint.report import sarif

            return sarif.render(report)
        case "github" | "gitlab" | "junit" | "rdjson" | "markdown" | "statistics":
            module = import_module(f"cilint.report.{name}")
            return str(module.render(report))
    from cilint.report import text

    return text.render(report, colour, name == "concise", width or text.WIDTH)


def in_colour(wanted: str, stream: TextIO) -> bool:
    """Whether to colour: as the option says, else NO_COLOR, else FORCE_COLOR, else on a terminal that is not dumb."""
    if wanted != "auto":
        return wanted == "always"
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR", "0") not in ("", "0"):
        return True
    return stream.isatty() and os.environ.get("TERM") != "dumb"


@contextmanager
def progress(stream: TextIO) -> Iterator[None]:
    """Say on a terminal, after a second, that the run goes on; the line is gone when it ends."""
    if not stream.isatty() or os.environ.get("TERM") == "dumb":
        yield
        return
    from threading import Event, Thread

    done = Event()
    thread = Thread(target=_tick, args=(stream, done), daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()


def _tick(stream: TextIO, done: Event) -> None:
    seconds = 0
    while not done.wait(_PATIENCE):
        seconds += 1
        stream.write(f"\rcilint: checking, {seconds} s ")
        stream.flush()
    if seconds:
        stream.write("\r\x1b[K")
        stream.flush()
