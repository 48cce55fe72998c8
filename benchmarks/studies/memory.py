"""Memory and time of loading, of aligning up to two million words per language, and of encoding.

    python -m benchmarks.studies.memory [--fasttext DIR] [--only NAME ...]

Each job is a process. The peak counts only anonymous memory (``RssAnon``), because the operating system drops
the pages of mapped files when it needs room. The data are synthetic: vectors of 300 dimensions, each target
its source rotated, with noise; dictionaries of 5,000 source words. The measured rows are replaced in
``benchmarks/results/memory.json``.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.lib.format import open_memmap

from benchmarks.command_line import study_parser
from benchmarks.records import ROOT, save_row
from benchmarks.studies.epoch import letters
from benchmarks.studies.speed import REFINE, generated
from benchmarks.systems import megabytes
from translator import SubwordVectors, WordVectors, save_vectors
from translator.vectors import Floats

DIMENSION, WORDS, MILLIONS, BUCKETS = 300, 200_000, 2_000_000, 2_000_000
MILLION, FEATURES, CHUNK = 1_000_000, 512, 10_000
PAIRS = 5_000
NOISE = 4.5  # deviation per coordinate; that of the words is 0.5 to 2: most, not all, find their translation
LOAD = "import sys; from translator import load_vectors; load_vectors(sys.argv[1]).table()"
READ = "import sys; import numpy; numpy.fromfile(sys.argv[1], numpy.uint8)"
GENSIM = "import sys; from gensim.models import KeyedVectors as K; K.load_word2vec_format(sys.argv[1])"

ALIGN = (sys.executable, "-m", "translator_cli", "align", "--quiet")
RCSLS = ("--start", "procrustes", "--no-self-learn", "--no-rerank", "--step-size", "10")

Row = dict[str, Any]


def main() -> None:
    """Measure the chosen jobs and save their rows."""
    options = parse()
    for name in options.only:
        with tempfile.TemporaryDirectory() as folder:
            os.environ["TRANSLATOR_CACHE"] = str(Path(folder) / "cache")
            for row in MEASURES[name](Path(folder), options):
                print(json.dumps(row), flush=True)
                save_row("memory", f"{row['job']}, {row['system']}", row)


def parse() -> argparse.Namespace:
    """Parse the command line."""
    parser = study_parser(__doc__)
    parser.add_argument("--fasttext", type=Path, help="a checkout of fastText, for alignment/align.py")
    parser.add_argument("--only", nargs="+", choices=list(MEASURES), metavar="NAME", default=list(MEASURES))
    return parser.parse_args()


def measured(system: str, job: str, matrices: int, command: Sequence[str | Path], note: str = "") -> Row:
    """Run a command and measure it.

    :param matrices: bytes of the vectors it reads or writes, in float32.
    :param note: of the row; the output of the command if empty.
    """
    start = time.perf_counter()
    process = subprocess.Popen([str(part) for part in command], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    peak = watched(process)
    output = process.communicate()[0]
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, process.args)
    return {
        "system": system,
        "job": job,
        "matrices": matrices / 2**20,
        "seconds": time.perf_counter() - start,
        "peak": peak,
        "note": note or output,
    }


def watched(process: subprocess.Popen[str]) -> float:
    """Wait for a process; return its peak anonymous memory in MiB, read every twentieth of a second."""
    peak = 0.0
    while process.poll() is None:
        peak = max(peak, megabytes(process.pid, "RssAnon"))
        time.sleep(0.05)
    return peak


def text(folder: Path, _: argparse.Namespace) -> list[Row]:
    """Read a ``.vec`` of 200,000 words for the first time, by ours and by gensim."""
    file = generated(folder, WORDS, DIMENSION)
    job = f"read a .vec of {WORDS:,} words"
    return [
        measured("ours", job, size(WORDS), [sys.executable, "-c", LOAD, file], "written to the cache, too"),
        measured("gensim", job, size(WORDS), [sys.executable, "-c", GENSIM, file]),
    ]


def model(folder: Path, _: argparse.Namespace) -> list[Row]:
    """Compose all vectors of a ``.bin`` with two million n-gram rows, compared with reading its bytes."""
    file = folder / "random.bin"
    words = [f"word{row}" for row in range(WORDS)]
    counts = np.arange(WORDS, 0, -1).astype(np.int64)
    save_vectors(SubwordVectors(words, counts, rows(WORDS + BUCKETS, 0), 3, 6, BUCKETS), file)
    job = f"the vectors of {WORDS:,} words of a .bin with {BUCKETS:,} n-gram rows"
    return [
        measured("ours", job, size(WORDS), [sys.executable, "-c", LOAD, file]),
        measured("reading its bytes", job, size(WORDS), [sys.executable, "-c", READ, file]),
    ]


def refining(folder: Path, options: argparse.Namespace) -> list[Row]:
    """Ten steps of RCSLS on 200,000 words per language by ours and align.py, and the whole of ``align``."""
    source, target, pairs = made_up(folder, WORDS, ".vec")
    job, both = f"RCSLS on {WORDS:,} words a side", 2 * size(WORDS)
    refine: list[str | Path] = [sys.executable, "-c", REFINE, source, target, pairs, str(WORDS), "10"]
    align: list[str | Path] = [*ALIGN, source, target, "--dict", pairs, "-o", folder / "out", *RCSLS]
    results = [measured("ours, 10 steps and no more", job, both, refine)]
    results[0]["note"] = fallen(json.loads(results[0]["note"]))
    name = "ours, translator align, 10 steps"
    results.append(measured(name, job, both, [*align, "--normalize", "unit,center", "--steps", "10"]))
    history = json.loads((folder / "out" / "config.json").read_text())["record"]["history"]
    losses = fallen([step["loss"] for step in history])
    results[1]["note"] = f"with CSLS means of all words, both ways; {losses}"
    if options.fasttext:
        script = options.fasttext.resolve() / "alignment" / "align.py"
        files = ["--src_emb", source, "--tgt_emb", target, "--dico_train", pairs, "--dico_test", pairs]
        peer = [sys.executable, script, "--center", "--lr", "10", "--niter", "10", *files]
        row = measured("align.py, lr 10, 10 steps", job, both, peer)
        results.append(row | {"note": fallen([float(f) for f in re.findall(r"\] f = (\S+)", row["note"])])})
    return results


def fallen(losses: Sequence[float]) -> str:
    """Format the first and the last loss."""
    return f"loss {losses[0]:.4f} at first, {losses[-1]:.4f} at last"


def whole_lexicon(folder: Path, _: argparse.Namespace) -> list[Row]:
    """Write the lexicon of 200,000 words by CSLS."""
    source, target, pairs = made_up(folder, WORDS, ".safetensors")
    align = [*ALIGN, source, target, "--dict", pairs, "-o", folder / "out", *RCSLS, "--steps", "2"]
    subprocess.run([str(part) for part in align], check=True, cwd=ROOT)
    return [lexicon_of(folder, "ours, no ranker")]


def lexicon_of(folder: Path, system: str) -> Row:
    """Measure the lexicon of the alignment in a folder."""
    command: list[str | Path] = [sys.executable, "-m", "translator_cli", "lexicon", folder / "out", "--quiet"]
    job = f"lexicon of {WORDS:,} words a side"
    return measured(system, job, 2 * size(WORDS), [*command, "-o", folder / "lexicon.tsv"])


def defaults(folder: Path, _: argparse.Namespace) -> list[Row]:
    """Align 200,000 words per language by all defaults, and write the lexicon."""
    source, target, pairs = made_up(folder, WORDS, ".safetensors")
    command: list[str | Path] = [*ALIGN, source, target, "--dict", pairs, "-o", folder / "out"]
    job = f"align {WORDS:,} words a side"
    aligned = measured("ours, all defaults", job, 2 * size(WORDS), command)
    return [aligned, lexicon_of(folder, "ours, with the ranker")]


def millions(folder: Path, _: argparse.Namespace) -> list[Row]:
    """Align two million words per language, by RCSLS alone and by all defaults."""
    source, target, pairs = made_up(folder, MILLIONS, ".safetensors")
    flags = ["--limit", "0", "--csls-sample", "20000"]
    job, both = f"align {MILLIONS:,} words a side", 2 * size(MILLIONS)
    command: list[str | Path] = [*ALIGN, source, target, "--dict", pairs, *flags]
    name, refine = f"ours, {' '.join(flags)}", [*RCSLS, "--steps", "10"]
    return [
        measured(f"{name} --steps 10, RCSLS alone", job, both, [*command, "-o", folder / "refined", *refine]),
        measured(f"{name}, all else by default", job, both, [*command, "-o", folder / "out"]),
    ]


def encoding(folder: Path, _: argparse.Namespace) -> list[Row]:
    """Encode a million captions and a million images by an untrained model."""
    from vse import VSE
    from vse.model import Architecture

    rng = np.random.default_rng(0)
    words = [f"word{letters(row)}" for row in range(10_000)]
    model = VSE(Architecture(FEATURES, DIMENSION), "en")
    save_vectors(WordVectors(words, rows(len(words), 0)), folder / "en.npz")
    model.add_language("en", folder / "en.npz", None)
    model.save_pretrained(folder / "run")
    with (folder / "captions.txt").open("w", encoding="utf-8") as stream:
        for drawn in rng.integers(len(words), size=(MILLION, 12)):
            stream.write(" ".join(words[row] for row in drawn) + "\n")
    features = open_memmap(folder / "features.npy", "w+", np.float16, (MILLION, FEATURES))
    for top in range(0, MILLION, CHUNK):
        features[top : top + CHUNK] = rng.standard_normal((CHUNK, FEATURES), np.float32)
    features.flush()
    command: list[str | Path] = [sys.executable, "-m", "translator_cli.vse", "encode", folder / "run", "-o"]
    joint = MILLION * model.architecture.joint * 4
    jobs = (
        ("--text", "captions.txt", f"encode {MILLION:,} captions of 12 words"),
        ("--images", "features.npy", f"encode {MILLION:,} images of {FEATURES} features in float16"),
    )
    return [
        measured("ours", job, joint, [*command, folder / f"out{flag}.npy", flag, folder / name, "--quiet"])
        for flag, name, job in jobs
    ]


def made_up(folder: Path, words: int, suffix: str) -> tuple[Path, Path, Path]:
    """Write vectors of a source and a target, and a dictionary of frequent words."""
    turn = np.linalg.qr(np.random.default_rng(1).standard_normal((DIMENSION, DIMENSION)))[0]
    source = rows(words, 0) * np.linspace(2, 0.5, DIMENSION, dtype=np.float32)
    paths = folder / f"source{suffix}", folder / f"target{suffix}", folder / "pairs.txt"
    save_vectors(WordVectors([f"s{row}" for row in range(words)], source), paths[0])
    for top in range(0, words, WORDS):  # in place: two matrices of two million words fill a laptop
        noise = rows(min(WORDS, words - top), 2 + top)
        source[top : top + WORDS] = source[top : top + WORDS] @ turn.astype(np.float32) + NOISE * noise
    save_vectors(WordVectors([f"t{row}" for row in range(words)], source), paths[1])
    pairs = np.random.default_rng(1).permutation(50_000)[:PAIRS]
    paths[2].write_text("".join(f"s{row} t{row}\n" for row in pairs), "utf-8")
    return paths


def rows(n: int, random_state: int) -> Floats:
    """Return random rows, float32 [n, d]."""
    return np.random.default_rng(random_state).standard_normal((n, DIMENSION), np.float32)


def size(words: int) -> int:
    """Return the bytes of a number of vectors."""
    return words * DIMENSION * 4


MEASURES: dict[str, Callable[[Path, argparse.Namespace], list[Row]]] = {
    "text": text,
    "model": model,
    "refining": refining,
    "lexicon": whole_lexicon,
    "defaults": defaults,
    "millions": millions,
    "encoding": encoding,
}

if __name__ == "__main__":
    main()
