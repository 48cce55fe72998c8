"""``translator evaluate``: accuracy of an alignment on a test dictionary, or neighbours kept."""

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
FEW = 30  # test words below which a 95 % interval of a share may be wider than 36 points
MEASURES = {"P@1": "p_at_1", "P@5": "p_at_5", "P@10": "p_at_10", "MRR": "mrr"}


@click.command()
@folder_argument
@click.option(
    "-d",
    "--dict",
    "lexicon",
    type=FILE,
    metavar="FILE",
    help="Test dictionary: source<tab>target.",
)
@click.option(
    "--held-out",
    type=FILE,
    metavar="FILE",
    help="For two embedding models instead of two languages: vectors of the source model that were not "
    "aligned, under the ids that their rows have in the target vectors.",
)
@click.option(
    "--criterion",
    "criteria",
    type=click.Choice(list(CRITERIA)),
    multiple=True,
    default=("cosine", "csls"),
    help="Criterion that ranks the candidates; may be repeated. [default: cosine (NN) and csls]",
)
@click.option(
    "--oov",
    type=click.Choice(["drop", "count", "subwords"]),
    default="drop",
    show_default=True,
    help="Source words outside the vocabulary: leave out, count as misses, or compose from subwords.",
)
@click.option(
    "--reverse", is_flag=True, help="Evaluate from target to source; the dictionary is inverted too."
)
@click.option(
    "--seed", "random_state", type=click.IntRange(min=0), default=0, show_default=True, help="Random seed."
)
@device_option
@moved_vectors
@speaking
def evaluate(
    console: Console,
    /,
    folder: Path | None,
    lexicon: Path | None,
    held_out: Path | None,
    criteria: Sequence[Criterion],
    oov: Oov,
    reverse: bool,
    random_state: int,
    device: str,
    moved: Mapping[str, Path | None],
) -> None:
    """Evaluate an alignment on a test dictionary, or on held-out vectors.

    With --dict, prints P@1, P@5, P@10 and MRR in percent, with 95 % bootstrap intervals. Any translation that
    the dictionary lists is correct; candidates are the whole target vocabulary.
    With --held-out, prints recall@10 kept: the share of the 10 nearest rows of a target vector that the
    mapped source vector of the same row has, too.
    FOLDER is optional if the current directory has one alignment.

    \b
    Example:
      translator evaluate en-de --dict test.txt
      translator evaluate new-old --held-out new.test.npz
    """
    if (lexicon is None) == (held_out is None):
        raise click.UsageError("give either --dict or --held-out")
    folder = chosen(folder)
    from translator import load_lexicon

    test = None if lexicon is None else load_lexicon(lexicon)
    console.phase(f"reading {folder}")
    alignment = opened(folder, moved)
    alignment = alignment.inverse() if reverse else alignment
    console.phase("evaluating")
    if test is not None:
        test = test.inverse() if reverse else test
        _print_scores(console, alignment, folder, test, criteria, oov, random_state, device)
    if held_out is not None:
        _print_kept(console, alignment, folder, held_out, random_state, device)


def _print_scores(
    console: Console,
    alignment: Alignment,
    folder: Path,
    test: Lexicon,
    criteria: Sequence[Criterion],
    oov: Oov,
    random_state: int,
    device: str,
) -> None:
    from translator import evaluation

    _warn_of_leakage(console, alignment, folder, test)
    found = evaluation.evaluate(
        alignment, test, criteria=criteria, oov=oov, random_state=random_state, device=device
    )
    if found.covered < FEW:
        console.note(f"Warning: too few test words to tell ({found.covered}); use a hundred or more")
    source, target = alignment.source.name, alignment.target.name
    columns = {ORDERS[score.criterion]: (found, score.criterion) for score in found.scores}
    console.result(
        f"{source} -> {target}: {coverage(found)}\n\n{scores(columns)}",
        {"alignment": str(folder), "from": source, "to": target, **found.as_dict()},
    )


def _warn_of_leakage(console: Console, alignment: Alignment, folder: Path, test: Lexicon) -> None:
    """Warn if the test dictionary shares pairs with the seed dictionary."""
    from translator.diagnosis.dictionary import LEAKY, leakage

    if (leaked := leakage(alignment, test) or 0) > LEAKY:
        console.note(
            f"Warning: {share(leaked)} of the test pairs are in the seed dictionary of {folder}; "
            "the scores are too good"
        )


def _print_kept(
    console: Console, alignment: Alignment, folder: Path, file: Path, random_state: int, device: str
) -> None:
    from translator import load_vectors, neighbours_kept

    held_out = load_vectors(file)
    aligned = sum(word in alignment.source.mapped for word in held_out.words) / len(held_out.words)
    if aligned > 0:
        console.note(f"Warning: {share(aligned)} of {file} are in {folder}; the share is too good")
    found = neighbours_kept(alignment, held_out, random_state=random_state, device=device)
    if found.queries < FEW:
        console.note(f"Warning: too few held-out rows to tell ({found.queries}); use a hundred or more")
    source, target = alignment.source.name, alignment.target.name
    console.result(
        f"{source} -> {target}: recall@{found.k} kept {_measure(found.kept)}\n\n"
        f"{found.queries:,} held-out rows; {found.candidates:,} candidates",
        {"alignment": str(folder), "from": source, "to": target, **found.as_dict()},
    )


def coverage(found: Evaluation) -> str:
    """Describe the test words in one sentence."""
    inside = "have a vector and a translation in the vocabulary"
    others = "the others are left out" if found.oov == "drop" else "the others count as misses"
    return (
        f"{found.covered:,} of {found.queries:,} test words {inside} ({share(found.coverage)}); {others}; "
        f"{found.candidates:,} candidates"
    )


def scores(columns: Mapping[str, tuple[Evaluation, Ranking]]) -> str:
    """Return a table with a column for each evaluation and its criterion."""
    rows = [
        (name, *(_measure(getattr(found[criterion], field)) for found, criterion in columns.values()))
        for name, field in MEASURES.items()
    ]
    return table(rows, ("", *columns))


def _measure(measure: Measure) -> str:
    value, low, high = (100 * number for number in (measure.value, measure.low, measure.high))
    return f"{value:.1f} [{low:.1f}, {high:.1f}]"
