"""Time of a training epoch of the image half, compared with a plain PyTorch loop that does the same work.

    python -m benchmarks.studies.epoch [--captions 29000] [--runs 3] [--device cuda]

Both train the same model on the same synthetic data of Multi30k's size, with word counts and lengths like
those of its captions: frozen 300-d word vectors, GRU 512 with max pooling, a joint space of 512, sum of
hinges, batches of 128, Adam, clipped gradients, no dropout. They take turns. On a processor with bfloat16
products both also run with factors rounded to bfloat16, the plain loop by ``torch.autocast``. Results go to
``benchmarks/results/epoch.json``, those of another device to ``epoch-<device>.json``.
"""

from __future__ import annotations

import time
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.nn import functional
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence, pad_sequence
from torch.utils.data import DataLoader, Dataset

from benchmarks.command_line import study_parser
from benchmarks.records import machine, save
from translator import WordVectors
from translator.devices import multiplies_bfloat16
from translator.vectors import Floats, Indices
from vse import Captions, Recipe, Split, TrainingOptions
from vse.training.options import Precision
from vse.training.recipes import build
from vse.training.run import Run

FEATURES, WIDTH, HIDDEN, JOINT, BATCH, VOCABULARY = 2048, 300, 512, 512, 128, 10_000
MARGIN, CLIP, RATE = 0.2, 2.0, 1e-3

Item = tuple[torch.Tensor, torch.Tensor, int]


def main() -> None:
    """Time both in turns and save the results."""
    parser = study_parser(__doc__)
    parser.add_argument("--captions", type=int, default=29_000)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--device", default="cpu")
    options = parser.parse_args()
    split, vectors = made_up(options.captions)
    precisions: list[Precision] = ["float32"]
    if options.device == "cpu" and multiplies_bfloat16():
        precisions.append("bfloat16")
    seconds: dict[str, dict[str, list[float]]] = {one: {"ours": [], "plain": []} for one in precisions}
    for turn in range(options.runs):
        for one in precisions:
            seconds[one]["ours"].append(time_ours(split, vectors, options.device, one))
            seconds[one]["plain"].append(time_plain(split, vectors, options.device, one))
            ours, plain = (times[-1] for times in seconds[one].values())
            print(f"run {turn + 1}, {one}: ours {ours:.1f} s, plain {plain:.1f} s", flush=True)
    device = torch.cuda.get_device_name() if options.device == "cuda" else options.device
    about = {"torch": torch.__version__, "threads": torch.get_num_threads(), "device": device}
    study = "epoch" if options.device == "cpu" else f"epoch-{options.device}"
    save(study, machine=machine() | about, captions=options.captions, seconds=seconds)


def made_up(captions: int) -> tuple[Split, WordVectors]:
    """Make a split with one image per caption, and word vectors; words follow Zipf's law, 12 per caption."""
    rng = np.random.default_rng(0)
    weights = 1 / np.arange(1, VOCABULARY + 1)
    lengths = np.clip(rng.normal(12, 4, captions).round(), 4, 40).astype(int)
    drawn = rng.choice(VOCABULARY, size=int(lengths.sum()), p=weights / weights.sum())
    words = [f"word{letters(number)}" for number in range(VOCABULARY)]
    texts = [" ".join(words[row] for row in piece) for piece in np.split(drawn, np.cumsum(lengths)[:-1])]
    features = rng.standard_normal((captions, FEATURES), dtype=np.float32)
    english = {"en": Captions(texts, np.arange(captions))}
    split = Split("train", [str(row) for row in range(captions)], features, english)
    return split, WordVectors(words, rng.standard_normal((VOCABULARY, WIDTH), dtype=np.float32))


def letters(number: int) -> str:
    """Spell a number in letters; the tokeniser would split off digits."""
    return "".join(chr(ord("a") + int(digit)) for digit in str(number))


def time_ours(
    split: Split, vectors: WordVectors, device: str = "cpu", precision: Precision = "float32"
) -> float:
    """Return the seconds of an epoch; as in the plain loop, words are looked up before."""
    few = Split(
        "dev", split.ids, split.features, {"en": Captions(split.captions["en"].texts[:2], np.arange(2))}
    )
    options = TrainingOptions(
        epochs=1,
        batch=BATCH,
        lr=RATE,
        clip=CLIP,
        margin=MARGIN,
        dropout=0,
        word_dropout=0,
        hidden=HIDDEN,
        joint=JOINT,
        device=device,
        precision=precision,
    )
    recipe = Recipe(("en",), {"en": vectors})
    run = Run(build(recipe, split, options), split, few, recipe, options)
    start = time.perf_counter()
    run.train_epoch({"en": 1.0})
    return time.perf_counter() - start


class Pairs(Dataset[Item]):
    """Features and word rows of each caption."""

    def __init__(self, split: Split, vectors: WordVectors) -> None:
        self.features = split.features
        self.rows: list[Indices] = [vectors.rows(text.split()) for text in split.captions["en"].texts]

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, place: int) -> Item:
        return torch.from_numpy(self.features[place]), torch.from_numpy(self.rows[place]), place


class Plain(nn.Module):
    """The same model made of PyTorch's modules."""

    def __init__(self, matrix: Floats) -> None:
        super().__init__()
        self.embedding = nn.Embedding(VOCABULARY, WIDTH)
        self.embedding.weight = nn.Parameter(torch.from_numpy(matrix), requires_grad=False)
        self.gru = nn.GRU(WIDTH, HIDDEN, batch_first=True)
        self.joint, self.image = nn.Linear(HIDDEN, JOINT), nn.Linear(FEATURES, JOINT)

    def forward(self, features: torch.Tensor, words: torch.Tensor, lengths: torch.Tensor) -> torch.Tensor:
        """Return the scores of every caption with every image, float [b, b]."""
        packed = pack_padded_sequence(self.embedding(words), lengths, batch_first=True, enforce_sorted=False)
        states, _ = pad_packed_sequence(self.gru(packed)[0], batch_first=True, padding_value=-torch.inf)
        text = functional.normalize(self.joint(states.max(dim=1).values), dim=1)
        return text @ functional.normalize(self.image(features), dim=1).T


def together(items: list[Item]) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Collate items into a batch of padded captions."""
    features, words, _ = zip(*items, strict=True)
    lengths = torch.tensor([len(row) for row in words])
    return torch.stack(features), pad_sequence(list(words), batch_first=True), lengths


def hinges(scores: torch.Tensor) -> torch.Tensor:
    """Return the sum of hinges in both directions; every caption has its own image."""
    right = scores.diagonal()
    wrong = 1 - torch.eye(len(scores), device=scores.device)
    captions = (MARGIN + scores - right[:, None]).clamp(min=0) * wrong
    images = (MARGIN + scores - right[None]).clamp(min=0) * wrong
    return (captions.sum() + images.sum()) / len(scores)


def time_plain(split: Split, vectors: WordVectors, device: str, precision: Precision) -> float:
    """Return the seconds of an epoch of the plain loop."""
    data = Pairs(split, vectors)
    loader: Any = DataLoader(data, BATCH, shuffle=True, collate_fn=together)
    model = Plain(vectors.matrix).to(device)
    learning = [parameter for parameter in model.parameters() if parameter.requires_grad]
    optimiser = torch.optim.Adam(learning, lr=RATE)
    start = time.perf_counter()
    for features, words, lengths in loader:
        with torch.autocast("cpu", torch.bfloat16, enabled=precision == "bfloat16"):
            scores = model(features.to(device), words.to(device), lengths)
        loss = hinges(scores.float())
        optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(learning, CLIP)
        optimiser.step()
        loss.item()
    return time.perf_counter() - start


if __name__ == "__main__":
    main()
