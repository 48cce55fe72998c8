"""Lexicon accuracy and cost: peers and ours on the same files, dictionaries and protocol, in one run.

    python -m benchmarks.bli --data DIR --work DIR [--vecmap DIR] [--fasttext DIR] [--seeds all 1000 100 0]

DIR holds ``<lang>.vec`` and ``dictionaries/<kind>.<src>-<tgt>.{train,test}.txt`` (one "source target" a
line). Each configuration is run once and kept in the work folder, so that a broken-off study goes on
where it stopped. Results go to ``benchmarks/results/bli.json``; ``benchmarks/render.py`` makes the table.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.systems import System, Task, align_py, ours, run, vecmap
from translator import Lexicon, evaluate, load_lexicon, load_vectors

RESULTS = Path(__file__).parent / "results"


def main() -> None:
    """Run what is not yet in the work folder, then write everything that is there."""
    options = parse()
    for seeds in options.seeds:
        for pair in options.pairs:
            for draw in range(1 if seeds in ("all", "0") else options.draws):
                for system in systems(options):
                    if system.handles(0 if seeds == "0" else 1):
                        cached(system, pair, seeds, draw, options)
    files = sorted(options.work.glob(f"{options.kind}.*/*.json"))
    records = [json.loads(file.read_text()) for file in files]
    output = RESULTS / options.output
    output.write_text(json.dumps({"machine": machine(), "records": records}, indent=1) + "\n")
    print(f"wrote {output}")


def parse() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--kind", default="xling")
    parser.add_argument("--pairs", nargs="+", default=["en-fr", "fr-en", "en-fi", "fi-en", "fr-fi", "fi-fr"])
    parser.add_argument("--seeds", nargs="+", default=["all", "1000", "100", "0"])
    parser.add_argument("--draws", type=int, default=1, help="random dictionaries of each reduced size")
    parser.add_argument("--vecmap", type=Path)
    parser.add_argument("--vecmap-modes", nargs="*", default=["supervised"])
    parser.add_argument("--fasttext", type=Path, help="a checkout of fastText, for alignment/align.py")
    parser.add_argument("--lr", type=float, nargs="*", default=[1.0, 10.0])
    parser.add_argument("--timeout", type=float, default=3600)
    parser.add_argument("--output", default="bli.json")
    return parser.parse_args()


def systems(options: argparse.Namespace) -> Iterator[System]:
    """Ours, and the peers whose folders were given."""
    yield ours()
    if options.vecmap:
        yield from (vecmap(options.vecmap, mode) for mode in options.vecmap_modes)
    if options.fasttext:
        yield from (align_py(options.fasttext, lr) for lr in options.lr)


def cached(system: System, pair: str, seeds: str, draw: int, options: argparse.Namespace) -> None:
    """Measure one configuration, unless its record is in the work folder already."""
    work = options.work / f"{options.kind}.{pair}.{seeds}.{draw}"
    file = work / f"{system.name}.json"
    if not file.exists():
        record = measure(system, pair, seeds, draw, work, options)
        file.write_text(json.dumps(record))
        print(pair, seeds, draw, system.name, record.get("p_at_1", record.get("failed")), flush=True)


def measure(
    system: System, pair: str, seeds: str, draw: int, work: Path, options: argparse.Namespace
) -> dict[str, Any]:
    """Run one system on one task and score it with the project's one protocol."""
    source, target = (options.data / f"{language}.vec" for language in pair.split("-"))
    stem = str(options.data / "dictionaries" / f"{options.kind}.{pair}")
    task = Task(source, target, seed_dictionary(stem, source, target, seeds, draw, work), work)
    record: dict[str, Any] = {"system": system.name, "pair": pair, "seeds": seeds, "draw": draw}
    try:
        cost = run(system, task, options.timeout)
    except subprocess.SubprocessError as error:
        return {**record, "failed": str(error)}
    result = evaluate(system.result(task), load_lexicon(f"{stem}.test.txt"))
    scores = {name: asdict(getattr(result["csls"], name)) for name in ("p_at_1", "p_at_5", "mrr")}
    nearest = asdict(result["cosine"].p_at_1)
    return {**record, **scores, "nn_p_at_1": nearest, "queries": result.covered, "cost": asdict(cost)}


def seed_dictionary(stem: str, source: Path, target: Path, seeds: str, draw: int, work: Path) -> Path | None:
    """The training dictionary, cut down to so many source words, as every system reads it."""
    if seeds == "0":
        return None
    lexicon = load_lexicon(f"{stem}.train.txt")
    if seeds != "all":
        known = load_vectors(source).table(), load_vectors(target).table()
        covered = Lexicon(tuple(pair for pair in lexicon if pair[0] in known[0] and pair[1] in known[1]))
        lexicon = covered.sample(int(seeds), seed=draw)
    work.mkdir(parents=True, exist_ok=True)
    file = work / "dictionary.txt"
    file.write_text("".join(f"{left} {right}\n" for left, right in lexicon), encoding="utf-8")
    return file


def machine() -> dict[str, str | int]:
    """What the numbers were measured on."""
    return {"python": platform.python_version(), "numpy": np.__version__, "cores": os.cpu_count() or 0}


if __name__ == "__main__":
    main()
