"""``vse add-language``: a language more for a trained model, without training."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..console import Console, speaking
from ..options import FILE
from ..render import steps
from .options import by_language, embeddings_option, through_option, translator_option

if TYPE_CHECKING:
    from vse.transfer import Through


@click.command("add-language")
@click.argument("run", type=FILE)
@click.argument("language", metavar="LANG")
@embeddings_option
@translator_option("translator")
@through_option
@click.option("--bundle", is_flag=True, help="Put compact copies of all word vectors into RUN.")
@speaking
def add_language(
    console: Console,
    /,
    run: Path,
    language: str,
    embeddings: tuple[str, ...],
    translator: tuple[str, ...],
    through: Through | None,
    bundle: bool,
) -> None:
    """Store a language in RUN, so that search, encode and evaluate need its --lang only.

    Nothing is trained: texts reach the model through the Translator, an alignment of the word vectors of LANG
    with those of the first language of RUN.

    \b
    Example:
      translator align de.bin en.bin -o de-en
      vse add-language run de --embeddings de.bin --init-translator de-en
      vse search run --lang de "ein roter Leuchtturm"
    """
    files = by_language(embeddings, "--embeddings", language)
    folders = by_language(translator, "--init-translator", language)
    if strange := sorted((files.keys() | folders.keys()) - {language}):
        raise click.UsageError(f"{strange[0]} is named, but {language} is added: add one language at a time")
    if not files:
        raise click.UsageError(f"Give the word vectors of {language}: --embeddings FILE.")
    from vse.model.storing import store_language

    console.phase(f"adding {language}")
    model = store_language(run, language, files[language], folders.get(language), through, bundle=bundle)
    way = model.languages[language].through
    console.summary(
        f"{run} reads {', '.join(model.languages)}; {language} through the {way}\n"
        + steps(f'vse search {run} --lang {language} "..."'),
        {"run": str(run), "languages": list(model.languages), "through": way},
    )
