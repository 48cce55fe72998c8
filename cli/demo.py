"""``translator demo``: align, evaluate and translate embedded data."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from .align import describe, following, outcome
from .console import Console, speaking
from .evaluate import coverage, scores
from .folder import check_replaceable
from .options import FILE
from .render import table

if TYPE_CHECKING:
    from translator import Alignment, Lexicon
    from translator.evaluation import Evaluation, Ranking

NAME = "en-fr"
SHOWN = 10  # test words whose translations are printed


@click.command()
@click.option(
    "--dir",
    "directory",
    type=FILE,
    default=".",
    metavar="DIR",
    help="The directory for the folder en-fr. [default: the current directory]",
)
@speaking
def demo(console: Console, /, directory: Path) -> None:
    """Align, evaluate and translate embedded data, offline.

    Aligns English and French with a small dictionary and without any, evaluates both on held-out test words,
    prints ten translations, and writes the folder en-fr. Takes less than a minute.

    \b
    Example:
      translator demo
    """
    folder = directory / NAME
    check_replaceable(folder)
    from translator import align, evaluate, load_lexicon, load_vectors
    from translator.data import path

    console.note("Aligning English and French on embedded data, with a dictionary and without.")
    vectors = [load_vectors(path(name)) for name in ("en.safetensors", "fr.safetensors")]
    test = load_lexicon(path("en-fr.test.txt"))
    console.phase("aligning with the dictionary")
    alignment = align(vectors[0], vectors[1], load_lexicon(path("en-fr.train.txt")))
    console.phase("aligning without a dictionary")
    without = align(vectors[0], vectors[1], seed_pairs="identical")  # names of CLDR are test words here
    console.phase("evaluating")
    found, found_without = evaluate(alignment, test), evaluate(without, test)
    examples = _examples(alignment, test)
    alignment.save_pretrained(folder)
    columns: dict[str, tuple[Evaluation, Ranking]] = {
        "NN": (found, "cosine"),
        "CSLS": (found, "csls"),
    }
    if alignment.rankers[0] is not None:
        columns["re-ranked"] = (found, "reranked")
    columns["no dictionary, re-ranked"] = (found_without, "reranked")
    text = [
        describe(alignment),
        f"\nTest: {coverage(found)}",
        scores(columns),
        "\nTranslations of held-out words:",
        table(examples, ("word", "translations", "test dictionary")),
        f"\nWritten to {folder}/\n",
        following(folder, alignment),
    ]
    value = {
        "folder": str(folder),
        "with_dictionary": {**outcome(alignment), "evaluation": found.as_dict()},
        "without_dictionary": {**outcome(without), "evaluation": found_without.as_dict()},
        "translations": [{"word": word, "found": best, "listed": listed} for word, best, listed in examples],
    }
    console.result("\n".join(text), value)


def _examples(alignment: Alignment, test: Lexicon) -> list[tuple[str, str, str]]:
    """Return test words, each with three translations and the listed ones."""
    from translator import translate

    words = test.sources()
    words = words[:: max(1, len(words) // SHOWN)][:SHOWN]
    listed = {word: [target for source, target in test if source == word] for word in words}
    return [
        (one.word, ", ".join(candidate.word for candidate in one.candidates), ", ".join(listed[one.word]))
        for one in translate(alignment, words, 3)
    ]
