"""Measures of a diagnosis on known pairs: the references that a report compares with.

    python -m benchmarks.studies.diagnosis --data DIR [--pairs en-fr en-fi fr-fi]

DIR holds ``<lang>.vec`` and ``dictionaries/xling.<src>-<tgt>.{train,test}.txt``. Each pair is aligned with
its training dictionary, and again with a twentieth of the pairs made wrong, to see how many of these are
suspected. For comparison, isomorphism is measured between two halves of one language (every other word), and
hubness under a random map. Results go to ``benchmarks/results/diagnosis.json``.
"""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.command_line import study_parser
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
    """Measure each pair, and two halves of one language."""
    parser = study_parser(__doc__, "--data")
    parser.add_argument("--pairs", nargs="+", default=["en-fr", "en-fi", "fr-fi"])
    options = parser.parse_args()
    rows = [measure(pair, options.data) for pair in options.pairs]
    floor = halves(options.pairs[0].split("-")[0], options.data)
    save("diagnosis", words=alike.GRAPH_WORDS, rows=rows, halves=floor)


def measure(pair: str, data: Path) -> dict[str, Any]:
    """Measure accuracy, isomorphism, hubness, condition number, and suspects among the wrong pairs."""
    stem = data / "dictionaries" / f"xling.{pair}"
    train, test = (load_lexicon(f"{stem}.{part}.txt") for part in ("train", "test"))
    sides = [load_vectors(data / f"{language}.vec") for language in pair.split("-")]
    alignment = align(sides[0], sides[1], train, Options(rerank=False))
    spaces = alike.isomorphism(alignment)
    shape = conditioning(alignment.source.to_shared)
    bent, wrong = planted(train)
    suspected = {
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
        "planted_found": len(wrong & suspected),
        "others": len(bent) - len(wrong),
        "others_suspected": len(suspected - wrong),
    }
    print(json.dumps(row), flush=True)
    return row


def hubs(alignment: Alignment) -> dict[str, Any]:
    """Return skewness, and the largest hub's share of the source words, under cosine and CSLS."""
    measures = hubness(alignment)
    return {
        "skewness": [measures.cosine.skewness, measures.csls.skewness],
        "largest": [
            measures.cosine.largest / measures.source_words,
            measures.csls.largest / measures.source_words,
        ],
    }


def planted(lexicon: Lexicon, random_state: int = 3) -> tuple[Lexicon, set[tuple[str, str]]]:
    """Exchange the targets of a share of the pairs; return the dictionary and its wrong pairs."""
    pairs = list(lexicon)
    chosen = np.random.default_rng(random_state).permutation(len(pairs))[: round(PLANTED * len(pairs))]
    for row, other in zip(chosen, np.roll(chosen, 1), strict=True):
        pairs[row] = (lexicon.pairs[row][0], lexicon.pairs[other][1])
    return Lexicon.of(pairs), set(pairs) - set(lexicon)


def meaningless(alignment: Alignment) -> Alignment:
    """Replace the source's map by a random rotation."""
    side = alignment.source
    width = side.to_shared.matrix.shape[1]
    turn = np.linalg.qr(np.random.default_rng(0).standard_normal((width, width)))[0].astype(np.float32)
    source = Side(side.name, side.vectors, side.limit, SideMap(side.to_shared.normalizer, turn))
    means = neighbourhoods(source.mapped.matrix, alignment.target.mapped.matrix)
    return replace(alignment, source=source, means=means)


def halves(language: str, data: Path) -> dict[str, Any]:
    """Measure isomorphism between every other word of a language and the rest."""
    matrix = load_vectors(data / f"{language}.vec").table().matrix
    rows = Normalizer.fit(matrix).space(matrix)
    parts = np.ascontiguousarray(rows[::2]), np.ascontiguousarray(rows[1::2])
    eigenvalues = (alike.laplacian_eigenvalues(part[: alike.GRAPH_WORDS]) for part in parts)
    spectra = (alike.singular_values(part) for part in parts)
    return {
        "language": language,
        "eigenvalue_divergence": alike.eigenvalue_divergence(*eigenvalues)[0],
        "singular_value_gap": alike.singular_value_gap(*spectra),
    }


if __name__ == "__main__":
    main()
