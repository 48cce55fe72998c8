"""ContrastiveBLI (Li et al. 2022), its stage C1."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from benchmarks.peers.spaces import OLD_TORCH, load, mapped
from benchmarks.systems import System, Task
from translator import Alignment, WordVectors, load_lexicon


def contrastive(folder: Path, *, gpu: bool = False) -> System:
    """Return stage C1 of ContrastiveBLI with its settings for 5,000 pairs (here: all) and for 1,000."""
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
            words = load(file).words  # in the order of the file; C1 writes its list of words as a pickle
            if len(words) != len(rows):
                raise ValueError(f"{name}: {len(rows)} vectors for {len(words)} words of {file}")
            sides.append(WordVectors(words, rows.astype(np.float32)))
        return mapped(sides[0], sides[1])

    return System(name, command, result, lambda seeds: seeds in settings, gpu)
