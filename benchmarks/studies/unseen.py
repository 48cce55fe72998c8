"""Words withheld from the vocabulary, translated through their subwords.

    python -m benchmarks.studies.unseen --models DIR --dictionaries DIR [--pairs en-de ...]

DIR of the models holds ``<lang>.bin`` with subwords; that of the dictionaries
``<src>-<tgt>.{train,test}.txt``. The source words of the test dictionary are taken out of the source
vocabulary before the alignment, which so never sees them. Then each is asked twice through the same map: with
the vector the model had for it, and with one composed of its subwords alone. The n-gram rows were trained on
a text that held these words, so words new to the language as well may fare worse.
Results go to ``benchmarks/results/unseen.json``.
"""

from __future__ import annotations

import argparse
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.comparison import part
from benchmarks.records import save
from translator import Alignment, Lexicon, SubwordVectors, WordVectors, align, load_lexicon, load_vectors
from translator.diagnosis.bands import ENDS
from translator.evaluation import DEPTH, bootstrap
from translator.options import Options
from translator.reranking import rerank_candidates
from translator.retrieval import ranks
from translator.vectors import Floats, Indices

LIMIT = 20_000  # words a side


def main() -> None:
    """Measure each pair."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--models", type=Path, required=True)
    parser.add_argument("--dictionaries", type=Path, required=True)
    parser.add_argument("--pairs", nargs="+", default=["en-de", "de-fr", "ru-fr"])
    given = parser.parse_args()
    rows = [measure(pair, given.models, given.dictionaries / pair) for pair in given.pairs]
    save("unseen", limit=LIMIT, rows=rows)


def measure(pair: str, models: Path, stem: Path) -> dict[str, Any]:
    """P@1 of withheld words by map and ranker, with the vectors they had and with those of their subwords."""
    source, target = (load_vectors(models / f"{language}.bin") for language in pair.split("-"))
    assert isinstance(source, SubwordVectors)
    train, test = (load_lexicon(f"{stem}.{share}.txt") for share in ("train", "test"))
    alignment = align(without(source, set(test.sources())), target, train, Options(limit=LIMIT))
    known = source.table(LIMIT)
    queries, frequency, gold = asked(known, alignment.target.mapped, test)
    words = [known.words[row] for row in frequency]
    vectors = {
        "their own vectors": known.matrix[frequency],
        "subwords alone": alignment.source.vectors.embed(words),
    }
    result: dict[str, Any] = {"pair": pair, "words": len(words)}
    for name, raw in vectors.items():
        found = answered(alignment, words, alignment.source.to_shared.apply(raw), queries, gold)
        result[name] = {order: summary(places, frequency) for order, places in found.items()}
        print(
            pair, name, {order: score["p_at_1"]["value"] for order, score in result[name].items()}, flush=True
        )
    return result


def without(vectors: SubwordVectors, withheld: set[str]) -> SubwordVectors:
    """The model with words taken out of its vocabulary; the rows of n-grams stay."""
    kept = np.array([row for row, word in enumerate(vectors.words) if word not in withheld])
    rows = np.concatenate([vectors.rows[kept], vectors.rows[len(vectors.words) :]])
    words = [vectors.words[row] for row in kept]
    return replace(vectors, words=words, counts=vectors.counts[kept], rows=rows, path=None)


def asked(source: WordVectors, target: WordVectors, test: Lexicon) -> tuple[Indices, Indices, Indices]:
    """Query of each listed translation, source row of each query, row of each listed translation."""
    matched = test.match(source, target).rows
    rows, query = np.unique(matched[:, 0], return_inverse=True)
    return query, rows, matched[:, 1]


def answered(
    alignment: Alignment, words: list[str], rows: Floats, query: Indices, gold: Indices
) -> dict[str, Indices]:
    """Rank of the best listed translation, by the map alone and re-ranked."""
    found = {"map": alignment.index("csls").search(rows, DEPTH).indices}
    if alignment.rankers[0] is not None:
        found["reranked"] = rerank_candidates(alignment, words, rows).indices[:, :DEPTH]
    return {order: ranks(indices, query, gold) for order, indices in found.items()}


def summary(places: Indices, frequency: Indices) -> dict[str, Any]:
    """P@1 with its interval, and by the frequency that the word had."""
    band = np.searchsorted(ENDS, frequency, side="right")
    measured = asdict(bootstrap((places == 1)[None].astype(np.float64))[0])
    return {"p_at_1": measured, "bands": [part(places, band == place) for place in range(len(ENDS) + 1)]}


if __name__ == "__main__":
    main()
