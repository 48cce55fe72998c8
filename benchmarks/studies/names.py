"""Names of CLDR as seed dictionary, compared with no dictionary and with 100 words of a real one.

    python -m benchmarks.studies.names DIR/en-ru DIR/de-fr ... [--limit 20000]

DIR holds ``<lang>.vec`` and ``dictionaries/xling.<src>-<tgt>.{train,test}.txt``. Test words are the source
words of both dictionaries that are in none of the seed pairs. The measured rows are
replaced in ``benchmarks/results/names.json``.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from benchmarks.command_line import study_parser
from benchmarks.records import load, machine, save
from translator import Lexicon, align, evaluate, load_lexicon, load_vectors
from translator.cldr import cldr_lexicon
from translator.learning.seed_pairs import different_scripts
from translator.lexicon import identical
from translator.options import SeedChoice
from translator.vectors import WordVectors

Tables = tuple[WordVectors, WordVectors]

WORDS = 100  # of the small dictionary


@dataclass(frozen=True)
class Task:
    """Two vocabularies, the seed pairs of each kind, and the test dictionary.

    :param without: where seed pairs come from without a dictionary: words spelled alike, or structure.
    """

    name: str
    tables: Tables
    without: SeedChoice
    seeds: dict[str, Lexicon | None]
    test: Lexicon


def main() -> None:
    """Measure each pair."""
    parser = study_parser(__doc__)
    parser.add_argument("tasks", type=Path, nargs="+", metavar="DIR/PAIR")
    parser.add_argument("--limit", type=int, default=20_000, help="words per language")
    options = parser.parse_args()
    for path in options.tasks:
        task = read(path, options.limit)
        for seeds in task.seeds:
            row = measure(task, seeds)
            print(row, flush=True)
            rows = load("names").get("rows", [])
            others = [old for old in rows if (old["pair"], old["seeds"]) != (task.name, seeds)]
            save("names", machine=machine(), limit=options.limit, rows=[*others, row])


def read(path: Path, limit: int) -> Task:
    """Read the task of a language pair, with the most frequent words of each side."""
    source, target = path.name.split("-")
    first, second = (
        load_vectors(path.parent / f"{name}.vec", limit=limit).table() for name in (source, target)
    )
    tables = first, second
    dictionary, names = within(tables, xling(path)), within(tables, cldr_lexicon(source, target))
    seeds = {"nothing": None, "words": dictionary.sample(WORDS), "names": names}
    without: SeedChoice = "structure"
    if different_scripts(*tables) is None:
        without, seeds["names and identical"] = "identical", names.joined(identical(*tables))
    known = {row for pairs in seeds.values() if pairs for row in pairs.match(*tables).rows[:, 0].tolist()}
    test = Lexicon(tuple(pair for pair in dictionary if first.row_of(pair[0]) not in known))
    return Task(path.name, tables, without, seeds, test)


def measure(task: Task, seeds: str) -> dict[str, Any]:
    """Align from one kind of seed pairs; return P@1 of the map and re-ranked."""
    alignment = align(*task.tables, task.seeds[seeds], seed_pairs=task.without)
    scores = evaluate(alignment, task.test, criteria="csls")
    return {
        "pair": task.name,
        "dimensions": task.tables[0].dimension,
        "seeds": seeds,
        "pairs": alignment.record.seed_pairs.pairs,
        "words": scores.covered,
        "map": scores["csls"].p_at_1.value,
        "reranked": scores["reranked"].p_at_1.value,
    }


def xling(task: Path) -> Lexicon:
    """Return the training and test dictionary of a pair together."""
    stem = task.parent / "dictionaries" / f"xling.{task.name}"
    return Lexicon.of([pair for part in ("train", "test") for pair in load_lexicon(f"{stem}.{part}.txt")])


def within(tables: Tables, lexicon: Lexicon) -> Lexicon:
    """Return the pairs whose words are in both vocabularies."""
    pairs = tuple(pair for pair in lexicon if min(map(WordVectors.row_of, tables, pair)) >= 0)
    return replace(lexicon, pairs=pairs)


if __name__ == "__main__":
    main()
