"""Consistency of alignments without a dictionary: of real languages, and of spaces without translations.

    python -m benchmarks.studies.unrelated DIR/de-it DIR/en-ru ... [--words 2000] [--dimensions 50 120]

DIR holds ``<lang>.vec`` and ``dictionaries/xling.<src>-<tgt>.{train,test}.txt``. Each pair is aligned from
words spelled alike, then again with the vectors of the target assigned to other words at random. Fewer
dimensions are the first principal components. ``--structure`` starts from the structure of the spaces
instead; then each principal component of the unrelated target is shuffled by itself. ``--clouds`` aligns
random vectors. The measured rows are replaced in ``benchmarks/results/unrelated.json``.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.command_line import study_parser
from benchmarks.records import load, save
from benchmarks.studies.names import Tables, xling
from translator import Lexicon, align, evaluate, load_vectors
from translator.learning.consistency import INCONSISTENT
from translator.options import SeedChoice
from translator.vectors import Floats, WordVectors

RANDOM_STATE = 5


def main() -> None:
    """Measure the pairs, and random vectors, in each number of dimensions."""
    parser = study_parser(__doc__)
    parser.add_argument("tasks", type=Path, nargs="*", metavar="DIR/PAIR")
    parser.add_argument("--words", type=int, default=2000, help="words per language")
    parser.add_argument("--dimensions", type=int, nargs="+", default=[50, 120])
    parser.add_argument("--structure", action="store_true", help="start from the structure of the spaces")
    parser.add_argument("--clouds", action="store_true", help="align random vectors, too")
    options = parser.parse_args()
    seeds: SeedChoice = "structure" if options.structure else "identical"
    for dimensions in options.dimensions:
        for path in options.tasks:
            tables = read(path, options.words, dimensions)
            twin = shuffled(tables[1], by_component=options.structure)
            keep(measure(path.name, "real", tables, seeds, xling(path)))
            keep(measure(path.name, "shuffled", (tables[0], twin), seeds))
        if options.clouds:
            clouds = cloud(options.words, dimensions, 1), cloud(options.words, dimensions, 2)
            keep(measure("random vectors", "random", clouds, "structure"))


def read(path: Path, words: int, dimensions: int) -> Tables:
    """Read the most frequent words of both languages, with their first principal components."""
    first, second = (
        load_vectors(path.parent / f"{name}.vec", limit=words).table() for name in path.name.split("-")
    )
    return reduced(first, dimensions), reduced(second, dimensions)


def components(table: WordVectors) -> Floats:
    """Return the centred vectors in the basis of their principal components, float32 [n, d]."""
    centred = table.matrix - table.matrix.mean(axis=0)
    rotated: Floats = centred @ np.linalg.svd(centred, full_matrices=False)[2].T
    return rotated


def reduced(table: WordVectors, dimensions: int) -> WordVectors:
    """Keep the first principal components; all values stay as they are if there are no more."""
    if dimensions >= table.dimension:
        return table
    return WordVectors(table.words, np.ascontiguousarray(components(table)[:, :dimensions]))


def shuffled(table: WordVectors, by_component: bool) -> WordVectors:
    """Assign the vectors to other words, or shuffle each principal component by itself."""
    rng = np.random.default_rng(RANDOM_STATE)
    if by_component:
        return WordVectors(table.words, rng.permuted(components(table), axis=0))
    return WordVectors(table.words, rng.permutation(table.matrix))


def cloud(words: int, dimensions: int, random_state: int) -> WordVectors:
    """Return words with normally distributed vectors."""
    rows = np.random.default_rng(random_state).standard_normal((words, dimensions), np.float32)
    return WordVectors([f"w{random_state}-{number}" for number in range(words)], rows)


def measure(
    name: str, kind: str, tables: Tables, seeds: SeedChoice, test: Lexicon | None = None
) -> dict[str, Any]:
    """Align without a dictionary; return the consistency, and P@1 of the map (0 without a test)."""
    alignment = align(*tables, seed_pairs=seeds)
    consistency = alignment.record.agreement.consistency
    return {
        "pair": name,
        "kind": kind,
        "dimensions": tables[0].dimension,
        "words": len(tables[0]),
        "seeds": seeds,
        "p_at_1": evaluate(alignment, test, criteria="csls")["csls"].p_at_1.value if test else 0.0,
        "consistency": consistency,
        "warned": consistency is None or consistency < INCONSISTENT,
    }


def keep(row: dict[str, Any]) -> None:
    """Print a row, and save it in place of an earlier one of the same case."""
    print(row, flush=True)

    def case(row: dict[str, Any]) -> list[Any]:
        return [row[key] for key in ("seeds", "words", "dimensions", "pair", "kind")]

    others = [old for old in load("unrelated").get("rows", []) if case(old) != case(row)]
    save("unrelated", rows=sorted([*others, row], key=case))


if __name__ == "__main__":
    main()
