"""Names of CLDR as seed dictionary, compared with no dictionary and with 100 words of a real one.

    python -m benchmarks.studies.names DIR/en-ru DIR/de-fr ... [--limit 20000]

DIR holds ``<lang>.vec`` and ``dictionaries/xling.<src>-<tgt>.{train,test}.txt``. Test words are the source
words of both dictionaries that are in none of the seed pairs. The rows of the measured language pairs are
replaced in ``benchmarks/results/names.json``.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from benchmarks.command_line import study_parser
from benchmarks.records import load, machine, save
from translator import Lexicon, align, evaluate, load_lexicon, load_vectors
from translator.cldr import cldr_lexicon
from translator.lexicon import identical
from translator.options import SeedChoice
from translator.vectors import WordVectors

Tables = tuple[WordVectors, WordVectors]

WORDS = 100  # of the small dictionary
OTHER_SCRIPTS = {"ru"}  # languages whose script differs from that of all others here


def main() -> None:
    """Measure each pair."""
    parser = study_parser(__doc__)
    parser.add_argument("tasks", type=Path, nargs="+", metavar="DIR/PAIR")
    parser.add_argument("--limit", type=int, default=20_000, help="words per language")
    options = parser.parse_args()
    for task in options.tasks:
        rows = measure(task, options.limit)
        others = [row for row in load("names").get("rows", []) if row["pair"] != task.name]
        save("names", machine=machine(), rows=others + rows)


def measure(task: Path, limit: int) -> list[dict[str, Any]]:
    """Align a pair from each of its seeds; return P@1 of the map and re-ranked."""
    source, target = task.name.split("-")
    files = (task.parent / f"{name}.vec" for name in (source, target))
    first, second = (load_vectors(file, limit=limit).table() for file in files)
    tables = first, second
    alike: SeedChoice = "structure" if OTHER_SCRIPTS & {source, target} else "identical"
    dictionary = within(tables, xling(task))
    choices: dict[str, Lexicon | None] = {
        "nothing": None,
        "words": dictionary.sample(WORDS),
        "names": within(tables, cldr_lexicon(source, target)),
    }
    if alike == "identical":
        choices["names and identical"] = Lexicon.of([*choices["names"], *identical(*tables)])
    seeds = {
        row for lexicon in choices.values() if lexicon for row in lexicon.match(*tables).rows[:, 0].tolist()
    }
    test = Lexicon(tuple(pair for pair in dictionary if tables[0].row_of(pair[0]) not in seeds))
    rows = []
    for name, lexicon in choices.items():
        alignment = align(*tables, lexicon, seed_pairs=alike)
        scores = evaluate(alignment, test, criteria="csls")
        rows.append(
            {
                "pair": task.name,
                "dimensions": tables[0].dimension,
                "limit": limit,
                "seeds": name,
                "pairs": alignment.record.seed_pairs.pairs,
                "words": scores.covered,
                "map": scores["csls"].p_at_1.value,
                "reranked": scores["reranked"].p_at_1.value,
            }
        )
        print(rows[-1], flush=True)
    return rows


def xling(task: Path) -> Lexicon:
    """Return the training and test dictionary of a pair together."""
    stem = task.parent / "dictionaries" / f"xling.{task.name}"
    return Lexicon.of([pair for part in ("train", "test") for pair in load_lexicon(f"{stem}.{part}.txt")])


def within(tables: Tables, lexicon: Lexicon) -> Lexicon:
    """Return the pairs whose words are in both vocabularies."""
    return Lexicon(tuple(pair for pair in lexicon if min(map(WordVectors.row_of, tables, pair)) >= 0))


if __name__ == "__main__":
    main()
