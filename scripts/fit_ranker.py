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
from pathlib import Path
from typing import Any

import numpy as np

from translator import Alignment, Lexicon, Options, align, load_lexicon, load_vectors
from translator.cross_fit import Answers, ask, calibration_error, together
from translator.files import fingerprint, replacing
from translator.ranker import Ranker
from translator.vectors import Indices
from translator.versions import versions

PAIRS = (
    "en-de",
    "en-it",
    "de-it",
    "en-ru",
    "de-ru",
)  # none of the languages of benchmarks/bli.py but English
SIZES = (0, 100, 1000)  # source words of the dictionaries that the maps are fitted on


def main() -> None:
    """Ask every map about words it was not told, and learn from all the answers together."""
    options = parse()
    logging.basicConfig(level=logging.INFO)
    answers: list[Answers] = []
    record: list[dict[str, Any]] = []
    files: dict[str, str] = {}
    for pair in options.pairs:
        languages = pair.split("-")
        paths = [options.data / f"{language}.vec" for language in languages]
        dictionary = options.data / "dictionaries" / f"{options.kind}.{pair}.train.txt"
        files.update({path.name: fingerprint(path) for path in (*paths, dictionary)})
        lexicon = load_lexicon(dictionary)
        vectors = [load_vectors(path) for path in paths]
        for size in SIZES:
            seed = lexicon.sample(size, seed=0) if size else None
            alignment = align(vectors[0], vectors[1], seed, Options(rerank="no"))
            for name, one, known, listed in (
                (pair, alignment, seed, lexicon),
                ("-".join(languages[::-1]), alignment.inverse(), seed and seed.inverse(), lexicon.inverse()),
            ):
                answers.append(answered(one, listed, known))
                right = answers[-1].right
                record.append(
                    {"pair": name, "dictionary": size, "words": len(right), "map_p_at_1": first(right)}
                )
                logging.info("%s", record[-1])
    ranker = Ranker.fit(*together(answers))
    for one, given in zip(record, answers, strict=True):
        likely = ranker.probabilities(given.seen)
        hit = given.right[np.arange(len(likely)), likely.argmax(axis=1)]
        one["reranked_p_at_1"] = round(float(hit.mean()), 4)
        one["calibration_error"] = round(calibration_error(likely.max(axis=1), hit), 4)
    manifest = {
        "learnt_from": record,
        "sha256": files,
        "versions": versions("bli-translator", "numpy", "scipy"),
    }
    write(options.output, ranker, manifest)


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


def first(right: np.ndarray[Any, np.dtype[np.bool_]]) -> float:
    """Share of words whose first candidate is right."""
    return round(float(right[:, 0].mean()), 4)


def write(path: Path, ranker: Ranker, manifest: dict[str, Any]) -> None:
    """The ranker, and beside it what it was learnt from."""
    with replacing(path) as draft, Path(draft).open("wb") as file:
        np.save(file, ranker.packed(), allow_pickle=False)
    with replacing(path.with_suffix(".json")) as draft:
        Path(draft).write_text(json.dumps(manifest, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
