"""Lexicon accuracy and cost: peers and ours on the same files, dictionaries and protocol, in one run.

    python -m benchmarks.studies.bli run --data DIR --work DIR [--vecmap DIR] [--seeds all 1000 ...]
    python -m benchmarks.studies.bli summarise --work DIR

DIR of the data holds ``<lang>.vec`` and ``dictionaries/<kind>.<src>-<tgt>.{train,test}.txt`` (one "source
target" a line). Each configuration is run once and kept in the work folder with the rank of every test word,
so that a broken-off study goes on where it stopped, and several can share the folder. The summary is put into
``benchmarks/results/``, where the rows of systems that were not run anew stay; ``benchmarks/render.py`` makes
the tables.
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
    """Run what is not yet in the work folder, or sum up what is."""
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
    """The command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("job", choices=["run", "summarise"])
    parser.add_argument("--work", type=Path, required=True)
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
    parser.add_argument("--vecmap-cutoff", type=int, help="words its self-learning goes by, if not 20,000")
    parser.add_argument("--fasttext", type=Path, help="a checkout of fastText, for alignment/align.py")
    parser.add_argument("--lr", type=float, nargs="*", default=[1.0, 10.0])
    parser.add_argument("--muse", type=Path)
    parser.add_argument("--contrastive", type=Path, help="a checkout of ContrastiveBLI, for its stage C1")
    parser.add_argument("--gpu", action="store_true", help="run VecMap, MUSE and C1 on a CUDA device")
    parser.add_argument("--timeout", type=float, default=7200)
    return parser.parse_args()


def systems(options: argparse.Namespace) -> Iterator[System]:
    """Ours, and the peers whose folders were given."""
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
    """Run one system on one task and keep the rank of every test word by the project's one protocol."""
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
    given = query_results(system.result(task), load_lexicon(test))
    record["ranks"] = {order: ranks.tolist() for order, ranks in given.ranks.items()}
    if given.probability is not None:
        record["probability"] = [round(float(one), 5) for one in given.probability]
    return {**record, "rows": given.rows.tolist(), "listed": given.listed.tolist(), "cost": asdict(cost)}


def seed_dictionary(stem: str, source: Path, target: Path, seeds: str, draw: int, work: Path) -> Path | None:
    """The training dictionary, cut down to so many source words, as every system reads it."""
    work.mkdir(parents=True, exist_ok=True)
    if seeds == "0":
        return None
    lexicon = load_lexicon(f"{stem}.train.txt")
    if seeds != "all":
        known = load_vectors(source).table(), load_vectors(target).table()
        covered = Lexicon(tuple(pair for pair in lexicon if pair[0] in known[0] and pair[1] in known[1]))
        lexicon = covered.sample(int(seeds), random_state=draw)
    file = work / "dictionary.txt"
    file.write_text("".join(f"{left} {right}\n" for left, right in lexicon), encoding="utf-8")
    return file


def summarise(options: argparse.Namespace) -> None:
    """Put accuracy, cost and paired comparisons of everything in the work folder into the results."""
    files = sorted(options.work.glob(f"{options.kind}.*/*.json"))
    result = summary([json.loads(f.read_text()) for f in files], load(options.study) or NOTHING)
    save(options.study, title=options.title, note=options.note, **result)


if __name__ == "__main__":
    main()
