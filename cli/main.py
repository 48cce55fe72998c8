"""The command ``translator``: its subcommands, and what a person sees when one fails."""

from __future__ import annotations

import os
import sys
from typing import Any, NoReturn

import click

from .align import align
from .demo import demo
from .evaluate import evaluate
from .export import export
from .info import info
from .lexicon import lexicon
from .translate import translate

INTERRUPTED = 130  # 128 + SIGINT, what a shell reports for Ctrl-C

EPILOG = """\b
Example, from two files to a PyTorch layer:
  translator align src.vec tgt.vec
  translator export --torch

\b
Shell completion (bash; put "zsh" for "bash", or see below for fish):
  eval "$(_TRANSLATOR_COMPLETE=bash_source translator)"      in ~/.bashrc
  _TRANSLATOR_COMPLETE=fish_source translator | source       in config.fish

Exit status: 0 done, 1 a problem with the data, 2 a wrong command line, 130 interrupted.
"""


class Failure(click.ClickException):
    """A problem with the data, for the person at the terminal: exit status 1."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(f"{message}\n{hint}" if hint else message)


class Commands(click.Group):
    """A group whose commands never end in a traceback for what is no bug."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; turn errors into messages and exit statuses."""
        try:
            value = super().invoke(ctx)
            sys.stdout.flush()
        except BrokenPipeError:  # the reader, such as head, has seen enough
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            ctx.exit(0)
        except KeyboardInterrupt:
            click.echo("Interrupted.", err=True)
            ctx.exit(INTERRUPTED)
        except (click.ClickException, click.exceptions.Exit, click.Abort):
            raise
        except Exception as error:
            _explain(error)
        return value


def _explain(error: Exception) -> NoReturn:
    from safetensors import SafetensorError

    from translator.errors import TranslatorError

    if isinstance(error, TranslatorError):
        raise Failure(error.message, error.hint) from error
    if isinstance(error, MemoryError):
        raise Failure("not enough memory", "Align fewer words (--limit), or close other programs.") from error
    if isinstance(error, OSError):
        place = f"{error.filename}: " if error.filename else ""
        raise Failure(f"{place}{error.strerror or error}", "Nothing is half-written.") from error
    if isinstance(error, SafetensorError):  # how it reports a full disk
        raise Failure(str(error), "Is the disk full? Nothing is half-written.") from error
    raise error


@click.group(cls=Commands, epilog=EPILOG, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="bli-translator", prog_name="translator")
def main() -> None:
    """Map two languages onto each other through their word vectors.

    Out of two files of vectors come a lexicon, aligned vectors, and a torch.nn.Linear that carries one
    language into the space of the other. Start with: translator demo
    """


for command in (demo, align, translate, lexicon, evaluate, export, info):
    main.add_command(command)
