"""The command ``vse`` and its subcommands."""

from __future__ import annotations

import click

from ..group import Commands
from .add_language import add_language
from .demo import demo
from .encode import encode
from .evaluate import evaluate
from .export import export
from .features import features
from .search import search
from .train import train

EPILOG = """\b
Example, from captioned images to a search in another language:
  vse train data --lang en --embeddings en=en.bin -o run-en
  translator align de.bin en.bin -o de-en
  vse add-language run-en de --embeddings de.bin --init-translator de-en
  vse search run-en --lang de "ein Hund springt"

\b
Several processes:
  torchrun --nproc-per-node 2 -m translator_cli.vse train data ...

Exit status: 0 done, 1 a problem with the data, 2 a wrong command line, 130 interrupted.
"""


@click.group(cls=Commands, epilog=EPILOG, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="bli-translator", prog_name="vse")
def main() -> None:
    """Bring images and captions of several languages into one joint space.

    A model is trained on captioned images of one language, and reads others through their Translators, which
    the command translator makes. Start with: vse demo
    """


for command in (demo, train, add_language, evaluate, search, encode, features, export):
    main.add_command(command)
