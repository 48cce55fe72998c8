"""A group of commands that turns errors into messages and exit statuses."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NoReturn

import click

from .hints import in_flags

INTERRUPTED = 130  # 128 + SIGINT, what a shell reports for Ctrl-C


class Failure(click.ClickException):
    """A problem with the data: a message and exit status 1."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(f"{message}\n{hint}" if hint else message)


class Commands(click.Group):
    """A group whose commands end in a traceback only for a bug."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command and turn errors into messages and exit statuses."""
        try:
            with terminable():
                value = super().invoke(ctx)
            if sys.stdout is not None:  # the shell closes it for >&-
                sys.stdout.flush()
        except BrokenPipeError:  # the reader, such as head, has ended
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            ctx.exit(0)
        except KeyboardInterrupt as interrupt:
            click.echo("\n".join(["Interrupted.", *map(str, interrupt.args)]), err=True)
            ctx.exit(INTERRUPTED)
        except (click.ClickException, click.exceptions.Exit, click.Abort):
            raise
        except Exception as error:
            _explain(error)
        return value


@contextmanager
def terminable() -> Iterator[None]:
    """Treat SIGTERM and SIGHUP like Ctrl-C, so that half-written files are removed."""

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    # Under nohup SIGHUP is ignored and must stay so
    numbers = [n for n in (signal.SIGTERM, signal.SIGHUP) if signal.getsignal(n) == signal.SIG_DFL]
    for number in numbers:
        signal.signal(number, interrupt)
    try:
        yield
    finally:
        for number in numbers:
            signal.signal(number, signal.SIG_DFL)


def _explain(error: Exception) -> NoReturn:
    from safetensors import SafetensorError

    from translator.errors import TranslatorError

    if isinstance(error, TranslatorError):
        raise Failure(error.message, in_flags(error.hint)) from error
    if isinstance(error, MemoryError):
        raise Failure(
            "not enough memory",
            "Close other programs, or process less at once: a smaller --limit or --batch.",
        ) from error
    if isinstance(error, OSError):
        place = f"{error.filename}: " if error.filename else ""
        raise Failure(f"{place}{error.strerror or error}", "No half-written file is left.") from error
    if isinstance(error, SafetensorError):  # how it reports a full disk
        raise Failure(str(error), "Is the disk full? No half-written file is left.") from error
    raise error
