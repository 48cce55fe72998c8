"""Learn the general ranker that ships as ``translator/data/ranker.npy``.

    python scripts/fit_ranker.py --data DIR [--pairs en-de ...] [--output translator/data/ranker.npy]

DIR holds ``<lang>.vec`` and ``dictionaries/<kind>.<src>-<tgt>.train.txt``. Each pair is aligned without a
dictionary and with parts of one; the words the map was not told are asked in both directions. Beside the
ranker a manifest says what it was learnt from. The package must be installed (``pip install -e .``).
"""

from __future__ import annotations

import argparse
import json
import logging
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from translator import Alignment, Lexicon, Options, align, load_lexicon, load_vectors
from translator.files import fingerprint
from translator.ranking.cross_fit import Answers, ask, score, together
from translator.ranking.ranker import Ranker
from translator.vectors import Indices
from translator.versions import versions
from translator.writing import replacing

PAIRS = (
    "en-de",
    "en-it",
    "de-it",
    "en-ru",
    "de-ru",
)  # of benchmarks/studies/bli.py's languages, English alone
SIZES = (0, 100, 1000)  # source words of the dictionaries that the maps are fitted on


@dataclass(frozen=True, eq=False)
class Asked:
    """What one map answered in one direction to words it was not told."""

    pair: str
    dictionary: int
    answers: Answers


def main() -> None:
    """Ask every map about words it was not told, and learn from all the answers together."""
    options = parse()
    logging.basicConfig(level=logging.INFO)
    asked: list[Asked] = []
    hashes: dict[str, str] = {}
    for pair in options.pairs:
        paths = [options.data / f"{language}.vec" for language in pair.split("-")]
        dictionary = options.data / "dictionaries" / f"{options.kind}.{pair}.train.txt"
        hashes.update({path.name: fingerprint(path) for path in (*paths, dictionary)})
        asked += ask_maps(pair, paths, load_lexicon(dictionary))
    ranker = Ranker.fit(*together([one.answers for one in asked]))
    manifest = {
        "learnt_from": [described(one, ranker) for one in asked],
        "sha256": hashes,
        "versions": versions("bli-translator", "numpy", "scipy"),
    }
    write(options.output, ranker, manifest)


def ask_maps(pair: str, paths: list[Path], lexicon: Lexicon) -> Iterator[Asked]:
    """Align a pair with parts of its dictionary, and ask for the rest of it in both directions."""
    source, target = (load_vectors(path) for path in paths)
    back = "-".join(pair.split("-")[::-1])
    for size in SIZES:
        known = lexicon.sample(size, random_state=0) if size else None
        alignment = align(source, target, known, Options(rerank=False))
        logging.info("%s, %d words", pair, size)
        yield Asked(pair, size, answered(alignment, lexicon, known))
        yield Asked(back, size, answered(alignment.inverse(), lexicon.inverse(), known and known.inverse()))


def described(asked: Asked, ranker: Ranker) -> dict[str, Any]:
    """A line of the manifest: how the ranker does on what it has learnt from."""
    scores = {name: round(value, 4) for name, value in score((ranker, asked.answers)).items()}
    words = len(asked.answers.right)
    return {"pair": asked.pair, "dictionary": asked.dictionary, "words": words, **scores}


def parse() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--pairs", nargs="+", default=PAIRS)
    parser.add_argument("--kind", default="xling")
    parser.add_argument("--output", type=Path, default=Path("translator/data/ranker.npy"))
    return parser.parse_args()


def answered(alignment: Alignment, lexicon: Lexicon, known: Lexicon | None) -> Answers:
    """Candidates of the lexicon's words, without those of pairs that the map was fitted on."""
    source, target = alignment.source.mapped, alignment.target.mapped
    pairs = lexicon.match(source, target).rows
    told: Indices = known.match(source, target).rows if known else pairs[:0]
    new = ~np.isin(pairs[:, 0], told[:, 0]) & ~np.isin(pairs[:, 1], told[:, 1])
    return ask(pairs[new], pairs, source, target, alignment.means)


def write(path: Path, ranker: Ranker, manifest: dict[str, Any]) -> None:
    """The ranker, and beside it what it was learnt from."""
    with replacing(path) as draft, Path(draft).open("wb") as file:
        np.save(file, ranker.packed(), allow_pickle=False)
    with replacing(path.with_suffix(".json")) as draft:
        Path(draft).write_text(json.dumps(manifest, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
