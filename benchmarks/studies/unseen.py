"""Translation of words outside the vocabulary by their subwords.

    python -m benchmarks.studies.unseen --models DIR --dictionaries DIR [--pairs en-de ...]

DIR of the models holds ``<lang>.bin`` with subwords; that of the dictionaries
``<src>-<tgt>.{train,test}.txt``. The source words of the test dictionary are removed from the source
vocabulary before the alignment. Then each is translated by the same map twice: with the vector that the model
has for it, and with a vector composed of its subwords alone. The n-gram rows were trained on a text that
contains these words, so results on new words of the language may be worse. Results go to
``benchmarks/results/unseen.json``.
"""

from __future__ import annotations

from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.command_line import study_parser
from benchmarks.comparison import part
from benchmarks.records import save
from translator import Alignment, Lexicon, SubwordVectors, WordVectors, align, load_lexicon, load_vectors
from translator.diagnosis.bands import ENDS
from translator.evaluation import DEPTH, bootstrap
from translator.options import Options
from translator.reranking import rerank_candidates
from translator.retrieval import ranks
from translator.vectors import Floats, Indices

LIMIT = 20_000  # words per language


def main() -> None:
    """Measure each pair."""
    parser = study_parser(__doc__, "--models", "--dictionaries")
    parser.add_argument("--pairs", nargs="+", default=["en-de", "de-fr", "ru-fr"])
    options = parser.parse_args()
    rows = [measure(pair, options.models, options.dictionaries / pair) for pair in options.pairs]
    save("unseen", limit=LIMIT, rows=rows)


def measure(pair: str, models: Path, stem: Path) -> dict[str, Any]:
    """Measure P@1 of removed words by map and ranker, with their own vectors and with those of subwords."""
    source, target = (load_vectors(models / f"{language}.bin") for language in pair.split("-"))
    assert isinstance(source, SubwordVectors)
    train, test = (load_lexicon(f"{stem}.{share}.txt") for share in ("train", "test"))
    alignment = align(without(source, set(test.sources())), target, train, Options(limit=LIMIT))
    table = source.table(LIMIT)
    queries, frequency, gold = matched(table, alignment.target.mapped, test)
    words = [table.words[row] for row in frequency]
    vectors = {
        "their own vectors": table.matrix[frequency],
        "subwords alone": alignment.source.vectors.embed(words),
    }
    result: dict[str, Any] = {"pair": pair, "words": len(words)}
    for name, raw in vectors.items():
        ranks_by_order = answered(alignment, words, alignment.source.to_shared.apply(raw), queries, gold)
        result[name] = {order: summary(places, frequency) for order, places in ranks_by_order.items()}
        print(
            pair, name, {order: score["p_at_1"]["value"] for order, score in result[name].items()}, flush=True
        )
    return result


def without(vectors: SubwordVectors, withheld: set[str]) -> SubwordVectors:
    """Remove words from the vocabulary of a model; the rows of n-grams stay."""
    kept = np.array([row for row, word in enumerate(vectors.words) if word not in withheld])
    rows = np.concatenate([vectors.rows[kept], vectors.rows[len(vectors.words) :]])
    words = [vectors.words[row] for row in kept]
    return replace(vectors, words=words, counts=vectors.counts[kept], rows=rows, path=None)


def matched(source: WordVectors, target: WordVectors, test: Lexicon) -> tuple[Indices, Indices, Indices]:
    """Return the query of each listed translation, the source row of each query, and the target rows."""
    pairs = test.match(source, target).rows
    rows, query = np.unique(pairs[:, 0], return_inverse=True)
    return query, rows, pairs[:, 1]


def answered(
    alignment: Alignment, words: list[str], rows: Floats, query: Indices, gold: Indices
) -> dict[str, Indices]:
    """Return the rank of the best listed translation, by the map alone and re-ranked."""
    nearest = {"map": alignment.index("csls").search(rows, DEPTH).indices}
    if alignment.rankers[0] is not None:
        nearest["reranked"] = rerank_candidates(alignment, words, rows).indices[:, :DEPTH]
    return {order: ranks(indices, query, gold) for order, indices in nearest.items()}


def summary(places: Indices, frequency: Indices) -> dict[str, Any]:
    """Return P@1 with its interval, and by frequency of the word."""
    band = np.searchsorted(ENDS, frequency, side="right")
    measured = asdict(bootstrap((places == 1)[None].astype(np.float64))[0])
    return {"p_at_1": measured, "bands": [part(places, band == place) for place in range(len(ENDS) + 1)]}


if __name__ == "__main__":
    main()
