"""Output of commands: results go to stdout, everything else to stderr."""

from __future__ import annotations

import functools
import logging
import sys
import warnings
from collections.abc import Callable, Mapping
from contextlib import ExitStack, nullcontext
from typing import Any, Concatenate, ParamSpec, Self, TypeVar

import click

from .progress import Progress
from .render import as_json

P = ParamSpec("P")
R = TypeVar("R")


def standard_input() -> bytes:
    """Read standard input to its end.

    :raises DataError: standard input is closed.
    """
    from translator import DataError

    if sys.stdin is None:
        raise DataError("standard input is closed, expected data", "Pipe the data in, or name a file.")
    return sys.stdin.buffer.read()


class Console:
    """Writes results, notes and progress as --json, --quiet and --verbose say.

    :param json: write results as JSON, and nothing else on stdout.
    :param quiet: write only results and errors.
    :param verbose: write the library's log, too.
    """

    def __init__(self, *, json: bool = False, quiet: bool = False, verbose: bool = False) -> None:
        self.json, self.quiet, self.verbose = json, quiet, verbose
        self._progress = Progress(sys.stderr) if sys.stderr and not quiet else None
        self._open = ExitStack()

    def __enter__(self) -> Self:
        from translator.progress import drawing

        for stream in (sys.stdout, sys.stderr):
            if hasattr(stream, "reconfigure"):  # a word may contain characters that the terminal cannot show
                stream.reconfigure(errors="backslashreplace")
        if self._progress is not None:
            self._open.callback(self._progress.close)
        self._open.enter_context(drawing(self._progress.track if self._progress else None))
        self._open.enter_context(warnings.catch_warnings())
        if not self.verbose:
            warnings.simplefilter("ignore")  # warnings of other packages, meant for programmers
        self._listen()
        return self

    def __exit__(self, *error: object) -> None:
        self._open.close()

    def phase(self, name: str) -> None:
        """Show on a terminal the name of the phase that starts now."""
        if self._progress is not None:
            self._progress.phase(name)

    def note(self, text: str) -> None:
        """Write a text that is not a result, on stderr; silent with --quiet."""
        if not self.quiet:
            self._say(text, err=True)

    def result(self, text: str, value: Mapping[str, Any]) -> None:
        """Write a command's result: the text for people, or the value as JSON with --json."""
        self._say(as_json(value) if self.json else text)

    def summary(self, text: str, value: Mapping[str, Any]) -> None:
        """Write the result of a command that writes files; silent with --quiet, unless --json is given."""
        if self.json or not self.quiet:
            self.result(text, value)

    def _say(self, text: str, *, err: bool = False) -> None:
        with self._progress.hidden() if self._progress else nullcontext():
            click.echo(text, err=err)

    def _listen(self) -> None:
        handler = _Handler(self)
        for logger in map(logging.getLogger, ("translator", "vse")):
            level_before = logger.level
            logger.addHandler(handler)
            logger.setLevel(logging.INFO if self.verbose else logging.WARNING)
            self._open.callback(logger.removeHandler, handler)
            self._open.callback(logger.setLevel, level_before)


class _Handler(logging.Handler):
    """Writes the library's log as notes of a console."""

    def __init__(self, console: Console) -> None:
        super().__init__()
        self._console = console

    def emit(self, record: logging.LogRecord) -> None:
        """Write one message."""
        kind = f"{record.levelname.capitalize()}: " if record.levelno >= logging.WARNING else ""
        self._console.note(kind + record.getMessage())


def speaking(function: Callable[Concatenate[Console, P], R]) -> Callable[..., R]:
    """Add --json, --quiet and --verbose to a command, which gets a :class:`Console` as first argument."""

    @click.option(
        "--json", "json", is_flag=True, help="Write results as JSON on stdout, and nothing else there."
    )
    @click.option("-q", "--quiet", is_flag=True, help="Show only results and errors.")
    @click.option("-v", "--verbose", is_flag=True, help="Show the library's log on stderr.")
    @functools.wraps(function)
    def command(*args: Any, json: bool, quiet: bool, verbose: bool, **kwargs: Any) -> R:
        with Console(json=json, quiet=quiet, verbose=verbose) as console:
            return function(console, *args, **kwargs)

    return command
