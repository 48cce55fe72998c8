"""Fit the general ranker that ships as ``translator/data/ranker.npy``.

    python -m scripts.fit_ranker --data DIR [--pairs en-de ...] [--output translator/data/ranker.npy]

DIR holds ``<lang>.vec`` and ``dictionaries/<kind>.<src>-<tgt>.train.txt``. Each pair is aligned without a
dictionary and with subsets of one. The ranker is fitted to the candidates of held-out words, in both
directions. The maps are learned with the ranker that the package contains. A manifest next to the ranker
lists its training data. The package must be installed (``pip install -e .``).
"""

from __future__ import annotations

import argparse
import json
import logging
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from translator import Alignment, Lexicon, Options, align, load_lexicon, load_vectors
from translator.files import fingerprint
from translator.ranking.cross_fit import LabelledCandidates, joined, label, score
from translator.ranking.ranker import Ranker
from translator.vectors import Indices
from translator.versions import versions
from translator.writing import replacing

# English is the only language that benchmarks/studies/bli.py has in common with these by default
PAIRS = ("en-de", "en-it", "de-it", "en-ru", "de-ru")
SIZES = (0, 100, 1000)  # source words of the dictionaries that the maps are fitted on
WORDS = 1500  # of each map and direction, drawn at random


@dataclass(frozen=True, eq=False)
class HeldOutCandidates:
    """Candidates of one map, in one direction, for words it was not trained on."""

    pair: str
    dictionary: int
    labelled: LabelledCandidates


def main() -> None:
    """Fit one ranker to the candidates of all maps, and write it with its manifest."""
    options = parse()
    logging.basicConfig(level=logging.INFO)
    held_out: list[HeldOutCandidates] = []
    hashes: dict[str, str] = {}
    for pair in options.pairs:
        paths = [options.data / f"{language}.vec" for language in pair.split("-")]
        dictionary = options.data / "dictionaries" / f"{options.kind}.{pair}.train.txt"
        hashes.update({path.name: fingerprint(path) for path in (*paths, dictionary)})
        held_out += candidates_of_maps(pair, paths, load_lexicon(dictionary))
    ranker = Ranker.fit(*joined([one.labelled for one in held_out]))
    manifest = {
        "learnt_from": [described(one, ranker) for one in held_out],
        "sha256": hashes,
        "versions": versions("bli-translator", "numpy", "scipy"),
    }
    write(options.output, ranker, manifest)


def candidates_of_maps(pair: str, paths: list[Path], lexicon: Lexicon) -> Iterator[HeldOutCandidates]:
    """Align a pair with subsets of its dictionary; yield candidates of the other words, both directions."""
    source, target = (load_vectors(path) for path in paths)
    backward = "-".join(pair.split("-")[::-1])
    for size in SIZES:
        train = lexicon.sample(size, random_state=0) if size else None
        alignment = align(source, target, train, Options(rerank=False))
        logging.info("%s, %d words", pair, size)
        yield HeldOutCandidates(pair, size, candidates(alignment, lexicon, train))
        yield HeldOutCandidates(
            backward, size, candidates(alignment.inverse(), lexicon.inverse(), train and train.inverse())
        )


def described(held_out: HeldOutCandidates, ranker: Ranker) -> dict[str, Any]:
    """Describe a map in the manifest, with the scores of the ranker on its training data."""
    scores = {name: round(value, 4) for name, value in asdict(score((ranker, held_out.labelled))).items()}
    return {"pair": held_out.pair, "dictionary": held_out.dictionary, **scores}


def parse() -> argparse.Namespace:
    """Parse the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--pairs", nargs="+", default=PAIRS)
    parser.add_argument("--kind", default="xling")
    parser.add_argument("--output", type=Path, default=Path("translator/data/ranker.npy"))
    return parser.parse_args()


def candidates(alignment: Alignment, lexicon: Lexicon, train: Lexicon | None) -> LabelledCandidates:
    """Return the candidates of words of the lexicon that are in no training pair."""
    sides = alignment.source.mapped, alignment.target.mapped
    pairs = lexicon.match(*sides).rows
    trained: Indices = train.match(*sides).rows if train else pairs[:0]
    new = pairs[~np.isin(pairs[:, 0], trained[:, 0]) & ~np.isin(pairs[:, 1], trained[:, 1])]
    words = np.random.default_rng(0).permutation(np.unique(new[:, 0]))[:WORDS]
    return label(new[np.isin(new[:, 0], words)], pairs, alignment.space)


def write(path: Path, ranker: Ranker, manifest: dict[str, Any]) -> None:
    """Write the ranker, and next to it the manifest."""
    with replacing(path) as draft, Path(draft).open("wb") as file:
        np.save(file, ranker.packed(), allow_pickle=False)
    with replacing(path.with_suffix(".json")) as draft:
        Path(draft).write_text(json.dumps(manifest, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
