"""Where a command speaks: results go to stdout, everything else to stderr."""

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
    """All that comes in.

    :raises DataError: nothing can, as standard input is closed.
    """
    from translator import DataError

    if sys.stdin is None:
        raise DataError("standard input is closed")
    return sys.stdin.buffer.read()


class Console:
    """What the options --json, --quiet and --verbose come to.

    :param json: results as JSON, which is then all there is on stdout.
    :param quiet: results and errors only.
    :param verbose: the library's log as well.
    """

    def __init__(self, *, json: bool = False, quiet: bool = False, verbose: bool = False) -> None:
        self.json, self.quiet, self.verbose = json, quiet, verbose
        self._progress = Progress(sys.stderr) if sys.stderr and not quiet else None
        self._open = ExitStack()

    def __enter__(self) -> Self:
        from translator.progress import drawing

        for stream in (sys.stdout, sys.stderr):
            if hasattr(stream, "reconfigure"):  # a word may hold what the terminal cannot show
                stream.reconfigure(errors="backslashreplace")
        if self._progress is not None:
            self._open.callback(self._progress.close)
        self._open.enter_context(drawing(self._progress.track if self._progress else None))
        self._open.enter_context(warnings.catch_warnings())
        if not self.verbose:
            warnings.simplefilter("ignore")  # other packages' notes to programmers
        self._listen()
        return self

    def __exit__(self, *error: object) -> None:
        self._open.close()

    def phase(self, name: str) -> None:
        """Show on a terminal what begins now."""
        if self._progress is not None:
            self._progress.phase(name)

    def note(self, text: str) -> None:
        """Tell the person something that is no result."""
        if not self.quiet:
            self._say(text, err=True)

    def result(self, text: str, value: Mapping[str, Any]) -> None:
        """What the command was asked for: text for people, or the value as JSON."""
        self._say(as_json(value) if self.json else text)

    def summary(self, text: str, value: Mapping[str, Any]) -> None:
        """The result of a command that was asked for a file: silent with --quiet, unless JSON is wanted."""
        if self.json or not self.quiet:
            self.result(text, value)

    def _say(self, text: str, *, err: bool = False) -> None:
        with self._progress.hidden() if self._progress else nullcontext():
            click.echo(text, err=err)

    def _listen(self) -> None:
        handler = _Handler(self)
        for logger in map(logging.getLogger, ("translator", "vse")):
            before = logger.level
            logger.addHandler(handler)
            logger.setLevel(logging.INFO if self.verbose else logging.WARNING)
            self._open.callback(logger.removeHandler, handler)
            self._open.callback(logger.setLevel, before)


class _Handler(logging.Handler):
    """The library's log as notes."""

    def __init__(self, console: Console) -> None:
        super().__init__()
        self._console = console

    def emit(self, record: logging.LogRecord) -> None:
        """Show one message."""
        kind = f"{record.levelname.capitalize()}: " if record.levelno >= logging.WARNING else ""
        self._console.note(kind + record.getMessage())


def speaking(function: Callable[Concatenate[Console, P], R]) -> Callable[..., R]:
    """Give a command --json, --quiet and --verbose, and the console that they make."""

    @click.option("--json", "json", is_flag=True, help="Results as JSON on stdout, and nothing else there.")
    @click.option("-q", "--quiet", is_flag=True, help="Say nothing but results and errors.")
    @click.option("-v", "--verbose", is_flag=True, help="Show the library's log on stderr.")
    @functools.wraps(function)
    def command(*args: Any, json: bool, quiet: bool, verbose: bool, **kwargs: Any) -> R:
        with Console(json=json, quiet=quiet, verbose=verbose) as console:
            return function(console, *args, **kwargs)

    return command
