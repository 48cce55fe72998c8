"""P@1 by one test dictionary, and by all dictionaries of the pair joined.

    python -m benchmarks.studies.joined --data DIR [--pairs en-fr fi-en ...] [--limit N]

DIR holds ``<lang>.vec`` and ``dictionaries/{xling,freedict}.<src>-<tgt>.{train,test}.txt``. The test words
and the seed dictionary are those of XLING. A dictionary lists few of the right translations: with the joined
dictionaries, which also hold what FreeDict and the reversed dictionaries list for the test words, more of the
same answers count as right. Results go to ``benchmarks/results/joined.json``.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks.command_line import study_parser
from benchmarks.records import save_row
from translator import Alignment, Lexicon, align, evaluate, load_lexicon, load_vectors

Measure = Callable[[Alignment, Lexicon, Lexicon], dict[str, Any]]  # of the test and the joined dictionary


def main() -> None:
    """Measure each pair."""
    run(__doc__, "joined", measure)


def run(description: str | None, study: str, measure: Measure) -> None:
    """Align each pair of the command line, measure it, and save its row in the study's results."""
    parser = study_parser(description, "--data")
    parser.add_argument("--pairs", nargs="+", default=["en-fr", "fr-en", "en-fi", "fi-en"])
    parser.add_argument("--limit", type=int, default=200_000)
    options = parser.parse_args()
    data: Path = options.data
    for pair in options.pairs:
        source, target = (load_vectors(data / f"{name}.vec", limit=options.limit) for name in pair.split("-"))
        stem = data / "dictionaries" / f"xling.{pair}"
        train, test = (load_lexicon(f"{stem}.{split}.txt") for split in ("train", "test"))
        alignment = align(source, target, train, limit=options.limit)
        measured = measure(alignment, test, joined(data / "dictionaries", pair, test))
        row = {"vectors": data.name, "pair": pair, **measured}
        save_row(study, f"{data.name} {pair}", row)
        print(pair, row, flush=True)


def measure(alignment: Alignment, test: Lexicon, every: Lexicon) -> dict[str, Any]:
    """Return P@1 of map and ranker by the test dictionary, and by the joined dictionaries."""
    result: dict[str, Any] = {}
    for name, lexicon in (("test", test), ("joined", every)):
        scores = {score.criterion: score.p_at_1.value for score in evaluate(alignment, lexicon).scores}
        result[name] = {"translations": len(lexicon) / len(lexicon.sources()), **scores}
    return result


def joined(dictionaries: Path, pair: str, test: Lexicon) -> Lexicon:
    """Return all translations that any dictionary of the pair lists for the test words."""
    words = set(test.sources())
    files = sorted(dictionaries.glob(f"*.{pair}.*.txt"))
    reverse = sorted(dictionaries.glob(f"*.{'-'.join(pair.split('-')[::-1])}.*.txt"))
    lexicons = [load_lexicon(file) for file in files]
    lexicons += [load_lexicon(file).inverse() for file in reverse]
    return Lexicon(
        tuple(dict.fromkeys(listed for lexicon in lexicons for listed in lexicon if listed[0] in words))
    )


if __name__ == "__main__":
    main()
