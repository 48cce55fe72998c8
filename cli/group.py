"""A command with subcommands, and what a person sees when one fails."""

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
    """A problem with the data, for the person at the terminal: exit status 1."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(f"{message}\n{hint}" if hint else message)


class Commands(click.Group):
    """A group whose commands never end in a traceback for what is no bug."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; turn errors into messages and exit statuses."""
        try:
            with terminable():
                value = super().invoke(ctx)
            if sys.stdout is not None:  # it may be closed, as >&- does
                sys.stdout.flush()
        except BrokenPipeError:  # the reader, such as head, has seen enough
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
    """Let SIGTERM and SIGHUP interrupt as Ctrl-C does, so that they, too, leave nothing half-written."""

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    deadly = signal.SIGTERM, signal.SIGHUP
    heard = [number for number in deadly if signal.getsignal(number) == signal.SIG_DFL]  # nohup ignores one
    for number in heard:
        signal.signal(number, interrupt)
    try:
        yield
    finally:
        for number in heard:
            signal.signal(number, signal.SIG_DFL)


def _explain(error: Exception) -> NoReturn:
    from safetensors import SafetensorError

    from translator.errors import TranslatorError

    if isinstance(error, TranslatorError):
        raise Failure(error.message, in_flags(error.hint)) from error
    if isinstance(error, MemoryError):
        raise Failure(
            "not enough memory",
            "Close other programs, or do less at once: with --limit words, or a smaller --batch.",
        ) from error
    if isinstance(error, OSError):
        place = f"{error.filename}: " if error.filename else ""
        raise Failure(f"{place}{error.strerror or error}", "Nothing is half-written.") from error
    if isinstance(error, SafetensorError):  # how it reports a full disk
        raise Failure(str(error), "Is the disk full? Nothing is half-written.") from error
    raise error
