"""Lexicon accuracy and cost of peers and ours, on the same files, dictionaries and protocol.

    python -m benchmarks.studies.bli run --data DIR --work DIR [--vecmap DIR] [--seeds all 1000 ...]
    python -m benchmarks.studies.bli summarise --work DIR

DIR of the data holds ``<lang>.vec`` and ``dictionaries/<kind>.<src>-<tgt>.{train,test}.txt`` (one "source
target" a line). Each configuration is run once and saved in the work folder with the rank of every test word:
an interrupted study continues from there, and several studies can share the folder. ``summarise`` writes
``benchmarks/results/<study>.json`` and keeps the rows of systems that are not in the work folder;
``benchmarks/render.py`` makes the tables.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.command_line import study_parser
from benchmarks.comparison import NOTHING, summary
from benchmarks.peers.contrastive import contrastive
from benchmarks.peers.fasttext import align_py
from benchmarks.peers.muse import muse
from benchmarks.peers.vecmap import vecmap
from benchmarks.records import load, save
from benchmarks.systems import System, Task, ours, run
from translator import Lexicon, load_lexicon, load_vectors
from translator.evaluation import query_results


def main() -> None:
    """Run the configurations that are not in the work folder yet, or summarise those that are."""
    options = parse()
    if options.job == "summarise":
        summarise(options)
        return
    for seeds in options.seeds:
        for draw in range(1 if seeds in ("all", "0") else options.draws):
            for pair in options.pairs:
                for system in systems(options):
                    if system.handles(seeds):
                        cached(system, pair, seeds, draw, options)


def parse() -> argparse.Namespace:
    """Parse the command line."""
    parser = study_parser(__doc__, "--work")
    parser.add_argument("job", choices=["run", "summarise"])
    parser.add_argument("--kind", default="xling")
    parser.add_argument("--study", default="bli-words300", help="name of the file of results")
    parser.add_argument("--title", default="words300 (300 dimensions)")
    parser.add_argument("--note", default="", help="a sentence for the page, such as on what was not run")
    parser.add_argument("--data", type=Path, help="needed to run")
    parser.add_argument("--pairs", nargs="+", default=["en-fr", "fr-en", "en-fi", "fi-en", "fr-fi", "fi-fr"])
    parser.add_argument("--seeds", nargs="+", default=["all", "1000", "100", "0"])
    parser.add_argument("--draws", type=int, default=1, help="random dictionaries of each reduced size")
    parser.add_argument("--no-ours", action="store_true", help="run peers only")
    parser.add_argument("--vecmap", type=Path)
    parser.add_argument("--vecmap-modes", nargs="*", default=["supervised"])
    parser.add_argument("--vecmap-cutoff", type=int, help="words its self-learning uses, if not 20,000")
    parser.add_argument("--fasttext", type=Path, help="a checkout of fastText, for alignment/align.py")
    parser.add_argument("--lr", type=float, nargs="*", default=[1.0, 10.0])
    parser.add_argument("--muse", type=Path)
    parser.add_argument("--contrastive", type=Path, help="a checkout of ContrastiveBLI, for its stage C1")
    parser.add_argument("--gpu", action="store_true", help="run VecMap, MUSE and C1 on a CUDA device")
    parser.add_argument("--timeout", type=float, default=7200)
    return parser.parse_args()


def systems(options: argparse.Namespace) -> Iterator[System]:
    """Yield ours, and the peers whose folders are given."""
    if not options.no_ours:
        yield ours()
    if options.vecmap:
        folder, cutoff = options.vecmap.resolve(), options.vecmap_cutoff
        yield from (vecmap(folder, mode, cutoff, gpu=options.gpu) for mode in options.vecmap_modes)
    if options.fasttext:
        yield from (align_py(options.fasttext.resolve(), lr) for lr in options.lr)
    if options.muse:
        yield muse(options.muse.resolve(), "supervised", gpu=options.gpu)
        yield muse(options.muse.resolve(), "identical", gpu=options.gpu)
    if options.contrastive:
        yield contrastive(options.contrastive.resolve(), gpu=options.gpu)


def cached(system: System, pair: str, seeds: str, draw: int, options: argparse.Namespace) -> None:
    """Measure one configuration, unless its record is in the work folder already."""
    work = options.work.resolve() / f"{options.kind}.{pair}.{seeds}.{draw}" / system.name
    file = work.with_suffix(work.suffix + ".json")
    if not file.exists():
        record = measure(system, pair, seeds, draw, work, options)
        file.write_text(json.dumps(record))
        shutil.rmtree(work)
        hits = np.mean(np.array(record.get("ranks", {}).get("csls", [0])) == 1)
        print(pair, seeds, draw, system.name, record.get("failed", f"{hits:.3f}"), flush=True)


def measure(
    system: System, pair: str, seeds: str, draw: int, work: Path, options: argparse.Namespace
) -> dict[str, Any]:
    """Run one system on one task; return the rank of every test word, and the cost."""
    source, target = (options.data.resolve() / f"{language}.vec" for language in pair.split("-"))
    stem = str(options.data.resolve() / "dictionaries" / f"{options.kind}.{pair}")
    test = Path(f"{stem}.test.txt")
    task = Task(source, target, seed_dictionary(stem, source, target, seeds, draw, work), test, seeds, work)
    record: dict[str, Any] = {"system": system.name, "gpu": system.gpu}
    record |= {"pair": pair, "seeds": seeds, "draw": draw}
    try:
        cost = run(system, task, options.timeout)
    except subprocess.SubprocessError as error:
        return {**record, "failed": str(error)}
    results = query_results(system.result(task), load_lexicon(test))
    record["ranks"] = {order: ranks.tolist() for order, ranks in results.ranks.items()}
    if results.probability is not None:
        record["probability"] = [round(float(one), 5) for one in results.probability]
    return {**record, "rows": results.rows.tolist(), "listed": results.listed.tolist(), "cost": asdict(cost)}


def seed_dictionary(stem: str, source: Path, target: Path, seeds: str, draw: int, work: Path) -> Path | None:
    """Write the training dictionary, reduced to a number of source words; None for no dictionary."""
    work.mkdir(parents=True, exist_ok=True)
    if seeds == "0":
        return None
    lexicon = load_lexicon(f"{stem}.train.txt")
    if seeds != "all":
        tables = load_vectors(source).table(), load_vectors(target).table()
        covered = Lexicon(tuple(pair for pair in lexicon if pair[0] in tables[0] and pair[1] in tables[1]))
        lexicon = covered.sample(int(seeds), random_state=draw)
    file = work / "dictionary.txt"
    file.write_text("".join(f"{left} {right}\n" for left, right in lexicon), encoding="utf-8")
    return file


def summarise(options: argparse.Namespace) -> None:
    """Save accuracy, cost and paired comparisons of all runs in the work folder."""
    files = sorted(options.work.glob(f"{options.kind}.*/*.json"))
    result = summary([json.loads(f.read_text()) for f in files], load(options.study) or NOTHING)
    save(options.study, title=options.title, note=options.note, **result)


if __name__ == "__main__":
    main()
