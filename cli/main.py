"""The command ``translator`` and its subcommands."""

from __future__ import annotations

import click

from .align import align
from .apply import apply
from .demo import demo
from .evaluate import evaluate
from .export import export
from .fetch import fetch
from .gloss import gloss
from .group import Commands
from .info import info
from .lexicon import lexicon
from .many import align_many
from .report import report
from .translate import translate

EPILOG = """\b
Example, from two files to a PyTorch layer:
  translator align src.vec tgt.vec
  translator export --torch

\b
Shell completion (bash; for zsh replace "bash" by "zsh"; fish below):
  eval "$(_TRANSLATOR_COMPLETE=bash_source translator)"      in ~/.bashrc
  _TRANSLATOR_COMPLETE=fish_source translator | source       in config.fish

Exit status: 0 success, 1 a problem with the data, 2 a wrong command line, 130 interrupted.
"""


@click.group(cls=Commands, epilog=EPILOG, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="bli-translator", prog_name="translator")
def main() -> None:
    """Align the word vectors of two languages and translate words.

    Two files of word vectors become a lexicon, aligned vectors, and a torch.nn.Linear that maps one
    language into the space of the other. Start with: translator demo
    """


for command in (
    *(demo, fetch, align, align_many, translate, gloss, lexicon, evaluate, report, export, apply, info),
):
    main.add_command(command)
