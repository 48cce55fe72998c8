"""What the numbers of a diagnosis come to on known pairs: the references that a report compares with.

    python -m benchmarks.studies.diagnosis --data DIR [--pairs en-fr en-fi fr-fi]

DIR holds ``<lang>.vec`` and ``dictionaries/xling.<src>-<tgt>.{train,test}.txt``. Each pair is aligned with
its training dictionary, and again with a twentieth of the pairs made wrong, to see how many of these are
suspected. Beside the pairs stand the two halves of a language, every other word, and a map without meaning.
Results go to ``benchmarks/results/diagnosis.json``.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.records import save
from translator import Alignment, Lexicon, Options, align, evaluate, load_lexicon, load_vectors
from translator.alignment import Side
from translator.alignment.affine import SideMap
from translator.diagnosis import isomorphism as alike
from translator.diagnosis.conditioning import conditioning
from translator.diagnosis.hubness import hubness
from translator.diagnosis.suspects import suspects
from translator.retrieval import neighbourhoods
from translator.vectors.normalize import Normalizer

PLANTED = 0.05  # share of the pairs that are made wrong


def main() -> None:
    """Measure each pair, and what stands beside them."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--pairs", nargs="+", default=["en-fr", "en-fi", "fr-fi"])
    given = parser.parse_args()
    rows = [measure(pair, given.data) for pair in given.pairs]
    floor = halves(given.pairs[0].split("-")[0], given.data)
    save("diagnosis", words=alike.GRAPH, rows=rows, halves=floor)


def measure(pair: str, data: Path) -> dict[str, Any]:
    """Accuracy, isomorphism, hubs, condition, and planted pairs found."""
    stem = data / "dictionaries" / f"xling.{pair}"
    train, test = (load_lexicon(f"{stem}.{part}.txt") for part in ("train", "test"))
    sides = [load_vectors(data / f"{language}.vec") for language in pair.split("-")]
    alignment = align(sides[0], sides[1], train, Options(rerank=False))
    spaces = alike.isomorphism(alignment)
    shape = conditioning(alignment.source.to_shared)
    bent, wrong = planted(train)
    found = {
        (one.source, one.target)
        for one in suspects(align(sides[0], sides[1], bent, Options(rerank=False)), bent)
    }
    row = {
        "pair": pair,
        "p_at_1": evaluate(alignment, test)["csls"].p_at_1.value,
        "eigenvalue_divergence": spaces.eigenvalue_divergence,
        "singular_value_gap": spaces.singular_value_gap,
        "condition_number": shape.condition_number if shape else 1.0,
        "hubs": hubs(alignment),
        "hubs_of_no_map": hubs(meaningless(alignment)),
        "suspects": len(suspects(alignment, train)),
        "planted": len(wrong),
        "planted_found": len(wrong & found),
        "others": len(bent) - len(wrong),
        "others_suspected": len(found - wrong),
    }
    print(json.dumps(row), flush=True)
    return row


def hubs(alignment: Alignment) -> dict[str, Any]:
    """Skewness, and the largest hub's share of the source words, under both criteria."""
    found = hubness(alignment)
    return {
        "skewness": [found.cosine.skewness, found.csls.skewness],
        "largest": [found.cosine.largest / found.source_words, found.csls.largest / found.source_words],
    }


def planted(lexicon: Lexicon, seed: int = 3) -> tuple[Lexicon, set[tuple[str, str]]]:
    """The dictionary with the targets of some pairs exchanged, and the pairs that are wrong now."""
    pairs = list(lexicon)
    chosen = np.random.default_rng(seed).permutation(len(pairs))[: round(PLANTED * len(pairs))]
    for row, other in zip(chosen, np.roll(chosen, 1), strict=True):
        pairs[row] = (lexicon.pairs[row][0], lexicon.pairs[other][1])
    return Lexicon.of(pairs), set(pairs) - set(lexicon)


def meaningless(alignment: Alignment) -> Alignment:
    """The alignment with a random rotation in place of the source's map."""
    side = alignment.source
    width = side.to_shared.matrix.shape[1]
    turn = np.linalg.qr(np.random.default_rng(0).standard_normal((width, width)))[0].astype(np.float32)
    source = Side(side.name, side.vectors, side.limit, SideMap(side.to_shared.normalizer, turn))
    means = neighbourhoods(source.mapped.matrix, alignment.target.mapped.matrix)
    return replace(alignment, source=source, means=means)


def halves(language: str, data: Path) -> dict[str, Any]:
    """Both measures of isomorphism between every other word of a language and the rest."""
    matrix = load_vectors(data / f"{language}.vec").table().matrix
    rows = Normalizer.fit(matrix).space(matrix)
    parts = np.ascontiguousarray(rows[::2]), np.ascontiguousarray(rows[1::2])
    eigenvalues = (alike.laplacian_eigenvalues(part[: alike.GRAPH]) for part in parts)
    spectra = (alike.singular_values(part) for part in parts)
    return {
        "language": language,
        "eigenvalue_divergence": alike.eigenvalue_divergence(*eigenvalues)[0],
        "singular_value_gap": alike.singular_value_gap(*spectra),
    }


if __name__ == "__main__":
    main()
