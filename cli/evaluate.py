"""``translator evaluate``: how good an alignment is, on a test dictionary."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from .console import Console, speaking
from .folder import chosen, opened
from .options import CRITERIA, FILE, device_option, folder_argument, moved_vectors
from .render import share, table

if TYPE_CHECKING:
    from translator import Alignment, Lexicon
    from translator.evaluation import Evaluation, Measure, Oov, Ranking
    from translator.retrieval import Criterion

ORDERS = {**CRITERIA, "reranked": "re-ranked"}  # columns of the table
MEASURES = {"P@1": "p_at_1", "P@5": "p_at_5", "P@10": "p_at_10", "MRR": "mrr"}


@click.command()
@folder_argument
@click.option(
    "-d", "--dict", "lexicon", type=FILE, metavar="FILE", required=True, help="Pairs: source<tab>target."
)
@click.option(
    "--criterion",
    "criteria",
    type=click.Choice(list(CRITERIA)),
    multiple=True,
    default=("cosine", "csls"),
    help="How to rank; may be repeated. [default: cosine (NN) and csls]",
)
@click.option(
    "--oov",
    type=click.Choice(["drop", "count", "subwords"]),
    default="drop",
    show_default=True,
    help="Words outside the vocabulary: leave out, count as misses, or ask through subwords.",
)
@click.option("--reverse", is_flag=True, help="From target to source; the dictionary is turned round too.")
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True, help="Of the bootstrap.")
@device_option
@moved_vectors
@speaking
def evaluate(
    console: Console,
    /,
    folder: Path | None,
    lexicon: Path,
    criteria: Sequence[Criterion],
    oov: Oov,
    reverse: bool,
    seed: int,
    device: str,
    moved: Mapping[str, Path | None],
) -> None:
    """Score an alignment on a test dictionary.

    P@1, P@5, P@10 and MRR in percent, with 95 % bootstrap intervals. A hit is any translation that the
    dictionary lists; candidates are the whole target vocabulary.
    FOLDER may be left out where there is one alignment in the current directory.

    \b
    Example:
      translator evaluate en-de --dict test.txt
    """
    folder = chosen(folder)
    from translator import evaluation, load_lexicon

    test = load_lexicon(lexicon)
    console.phase(f"reading {folder}")
    alignment = opened(folder, moved)
    if reverse:
        alignment, test = alignment.inverse(), test.inverse()
    _warn_of_leakage(console, alignment, folder, test)
    console.phase("evaluating")
    found = evaluation.evaluate(alignment, test, criteria=criteria, oov=oov, random_state=seed, device=device)
    source, target = alignment.source.name, alignment.target.name
    columns = {ORDERS[score.criterion]: (found, score.criterion) for score in found.scores}
    console.result(
        f"{source} -> {target}: {coverage(found)}\n\n{scores(columns)}",
        {"alignment": str(folder), "from": source, "to": target, **found.as_dict()},
    )


def _warn_of_leakage(console: Console, alignment: Alignment, folder: Path, test: Lexicon) -> None:
    """Warn if the test dictionary shares pairs with the seed dictionary."""
    from translator.diagnosis.dictionary import LEAKY, leakage, recorded_dictionary

    seed_dictionary, _ = recorded_dictionary(alignment.record.dictionary, folder)
    if seed_dictionary is not None and (leaked := leakage(test, seed_dictionary)) > LEAKY:
        console.note(
            f"Warning: {share(leaked)} of the test pairs are in the seed dictionary of {folder}; "
            "the scores are too good"
        )


def coverage(found: Evaluation) -> str:
    """What was asked, in one sentence."""
    how = "have a vector and a translation in the vocabulary"
    asked = "the others are left out" if found.oov == "drop" else "the others count as misses"
    return (
        f"{found.covered:,} of {found.queries:,} test words {how} ({share(found.coverage)}); {asked}; "
        f"{found.candidates:,} candidates"
    )


def scores(columns: Mapping[str, tuple[Evaluation, Ranking]]) -> str:
    """A table with a column for each evaluation and its criterion."""
    rows = [
        (name, *(_measure(getattr(found[criterion], field)) for found, criterion in columns.values()))
        for name, field in MEASURES.items()
    ]
    return table(rows, ("", *columns))


def _measure(measure: Measure) -> str:
    value, low, high = (100 * number for number in (measure.value, measure.low, measure.high))
    return f"{value:.1f} [{low:.1f}, {high:.1f}]"
