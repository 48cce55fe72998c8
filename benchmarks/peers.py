"""The peers: each is run as it is, from the folder its user gives; nothing of them is in this project."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

import numpy as np

from benchmarks.systems import System, Task
from translator import Alignment, WordVectors, load_lexicon, load_vectors
from translator.alignment import Side
from translator.alignment.affine import SideMap
from translator.retrieval import neighbourhoods
from translator.vectors.normalize import Normalizer, parse_recipe

# Scripts of their time: names that torch has renamed since, and files of their own that it no longer opens
OLD_TORCH = """
import functools, runpy, sys, torch
torch.load = functools.partial(torch.load, weights_only=False)
torch.nn.utils.clip_grad_norm = torch.nn.utils.clip_grad_norm_
script = sys.argv[1]
sys.argv, sys.path[0] = sys.argv[1:], script.rpartition("/")[0]
runpy.run_path(script, run_name="__main__")
"""


def vecmap(folder: Path, mode: str, cutoff: int | None = None, *, gpu: bool = False) -> System:
    """VecMap's ``map_embeddings.py`` with one of its recommended settings.

    :param cutoff: most frequent words that its self-learning goes by; its own choice is 20,000, which takes
        hours on one core.
    :param gpu: run it there, for which it needs cupy.
    """
    learns = cutoff is not None and mode != "supervised"
    name = f"vecmap-{mode}" + (f"-{cutoff}" if learns else "")
    fewer = ["--vocabulary_cutoff", str(cutoff)] if learns else []
    needs = mode in ("supervised", "semi_supervised")
    place = ["--cuda"] if gpu else []

    def command(task: Task) -> Sequence[str]:
        seed = [str(task.dictionary)] if needs else []
        outputs = [str(task.work / f"{name}.{side}.vec") for side in ("source", "target")]
        script = str(folder / "map_embeddings.py")
        files = [str(task.source), str(task.target), *outputs]
        return [sys.executable, script, f"--{mode}", *seed, *fewer, *place, *files]

    def result(task: Task) -> Alignment:
        return _mapped(load(task.work / f"{name}.source.vec"), load(task.work / f"{name}.target.vec"))

    return System(name, command, result, lambda seeds: needs == (seeds != "0"), gpu)


def align_py(folder: Path, lr: float) -> System:
    """fastText's ``alignment/align.py`` (RCSLS), ten iterations, at one learning rate."""
    name = f"align.py-lr{lr:g}"

    def command(task: Task) -> Sequence[str]:
        dictionary = str(task.dictionary)
        return [
            sys.executable, str(folder / "alignment" / "align.py"),
            "--src_emb", str(task.source), "--tgt_emb", str(task.target), "--center",
            "--dico_train", dictionary, "--dico_test", dictionary,
            "--lr", str(lr), "--niter", "10", "--output", str(task.work / f"{name}.vec"),
        ]  # fmt: skip

    def result(task: Task) -> Alignment:
        # Inside, the target is scaled, centred and scaled; the output is the mapped source alone
        return _mapped(load(task.work / f"{name}.vec"), load(task.target), "unit,center,unit")

    return System(name, command, result, lambda seeds: seeds != "0")


def muse(folder: Path, mode: Literal["supervised", "identical"], *, gpu: bool = False) -> System:
    """MUSE's ``supervised.py``: Procrustes and five refinements, of which it takes the best.

    :param mode: from the dictionary, the best by the *test* dictionary, which is what its instructions come
        to and to its advantage here; or from words spelled alike, the best by its own measure.
    """
    name = f"muse-{mode}"
    needs = mode == "supervised"

    def command(task: Task) -> Sequence[str]:
        dictionary = str(task.dictionary) if needs else "identical_char"
        shutil.rmtree(task.work / name, ignore_errors=True)  # it refuses a folder that is there
        return [
            sys.executable, "-c", OLD_TORCH, str(folder / "supervised.py"),
            "--cuda", str(gpu), "--src_lang", "source", "--tgt_lang", "target",
            "--src_emb", str(task.source), "--tgt_emb", str(task.target),
            "--emb_dim", str(load(task.source).dimension), "--normalize_embeddings", "renorm,center,renorm",
            "--dico_train", dictionary, "--dico_eval", str(task.test), "--n_refinement", "5", "--seed", "0",
            "--exp_path", str(task.work), "--exp_name", name, "--exp_id", "run",
        ]  # fmt: skip

    def result(task: Task) -> Alignment:
        run = task.work / name / "run"
        return _mapped(load(run / "vectors-source.txt"), load(run / "vectors-target.txt"))

    return System(name, command, result, lambda seeds: needs == (seeds != "0"), gpu)


def contrastive(folder: Path, *, gpu: bool = False) -> System:
    """Stage C1 of ContrastiveBLI at its published settings for 5,000 pairs (here: all) and for 1,000."""
    name = "contrastive-c1"
    settings = {"all": "5k", "1000": "1k"}
    place = [] if gpu else ["--cpu"]

    def command(task: Task) -> Sequence[str]:
        size, languages = settings[task.seeds], (task.source.stem, task.target.stem)
        (task.work / f"{size}C1").mkdir(exist_ok=True)
        tabbed = task.work / "dictionary.tsv"
        pairs = load_lexicon(str(task.dictionary))
        tabbed.write_text("".join(f"{left}\t{right}\n" for left, right in pairs), encoding="utf-8")
        return [
            sys.executable, "-c", OLD_TORCH, str(folder / "C1" / "src" / "main.py"), *place,
            "--l1", languages[0], "--l2", languages[1], "--train_size", size,
            "--emb_src_dir", str(task.source), "--emb_tgt_dir", str(task.target),
            "--D_emb", str(load(task.source).dimension),
            "--train_dict_dir", str(tabbed), "--test_dict_dir", str(tabbed), "--save_dir", f"{task.work}/",
        ]  # fmt: skip

    def result(task: Task) -> Alignment:
        import torch

        stem = f"{settings[task.seeds]}C1/{task.source.stem}2{task.target.stem}"
        sides = []
        for file in (task.source, task.target):
            rows = torch.load(
                task.work / f"{stem}_{file.stem}_emb.pt", weights_only=True, map_location="cpu"
            ).numpy()
            words = load(file).words  # in the order of their file; its own list of words is a pickle
            if len(words) != len(rows):
                raise ValueError(f"{name}: {len(rows)} vectors for {len(words)} words of {file}")
            sides.append(WordVectors(words, rows.astype(np.float32)))
        return _mapped(sides[0], sides[1])

    return System(name, command, result, lambda seeds: seeds in settings, gpu)


def load(path: Path) -> WordVectors:
    """Vectors of a file, without a cache of what is read once."""
    return load_vectors(path, cache=False).table()


def _mapped(source: WordVectors, target: WordVectors, target_recipe: str = "unit") -> Alignment:
    """Two spaces that a peer has mapped, and what the target still needs."""
    same = np.eye(source.dimension, dtype=np.float32)
    sides = []
    for role, vectors, recipe in (("source", source, "unit"), ("target", target, target_recipe)):
        normalizer = Normalizer.fit(vectors.matrix, parse_recipe(recipe))
        sides.append(Side(role, vectors, None, SideMap(normalizer, same)))
    means = neighbourhoods(sides[0].mapped.matrix, sides[1].mapped.matrix)
    return Alignment(sides[0], sides[1], means, {})
