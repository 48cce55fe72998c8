"""Every recipe of the image half on the same images, with the same number of steps and several random seeds.

    python -m benchmarks.studies.recipes --data DIR --words DIR --dictionaries DIR --work DIR [--seeds 3]

``--data`` is a data folder as ``vse train`` reads it, ``--words`` holds ``<lang>.bin`` and
``--dictionaries`` ``<lang>-en.train.txt``. Each run is saved in the work folder, and an interrupted study
continues from there. The test split is read once per run, after training. Results go to
``benchmarks/results/recipes.json``; ``benchmarks/render.py`` makes the tables.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.command_line import study_parser
from benchmarks.records import save
from translator import align, load_lexicon, load_vectors
from vse import VSE, Recipe, Split, TrainingOptions, evaluate, load_split, train
from vse.metrics import chance

PIVOT = "en"
OTHERS = ("de", "fr")
STEPS = 28  # an epoch, for every run: what 3,500 captions need in batches of 128
EPOCHS = 20
FEW = 100  # images of the low-resource setting
FROZEN = 4  # epochs in which only a random Translator is trained


@dataclass(frozen=True)
class Setting:
    """A row of the tables.

    :param group: the table; ``name`` the row.
    :param languages: evaluated; ``auxiliary``: trained as well.
    :param way: Translator of the other languages: ``bli``, ``random``, ``identity``; None for monolingual.
    :param transfer: whether the run starts from the pivot's model.
    """

    group: str
    name: str
    languages: tuple[str, ...]
    way: str | None = None
    transfer: bool = False
    auxiliary: tuple[str, ...] = ()
    options: dict[str, Any] = field(default_factory=dict)

    @property
    def key(self) -> str:
        """Name of its runs in the work folder."""
        return "_".join([self.group, self.name, *self.languages]).replace(" ", "-").replace(",", "")


def settings() -> Iterator[Setting]:
    """Yield all rows, first the pivot's model, from which others start."""
    for code in (PIVOT, *OTHERS):
        yield Setting("all pictures", "monolingual", (code,))
    for sampling in ("proportional", "uniform", "active"):
        name = f"one for all, {sampling} sampling"
        yield Setting("all pictures", name, (PIVOT, *OTHERS), "bli", options={"sampling": sampling})
    for code in OTHERS:
        yield from all_for_one("all pictures", code, {})
    for code in OTHERS:
        few = {"subset": FEW}
        yield Setting("100 pictures", "monolingual", (code,), options=few)
        yield from all_for_one("100 pictures", code, few)
        name, halves = "all for one, BLI, auxiliary en", {**few, "sampling": "uniform"}
        yield Setting("100 pictures", name, (code,), "bli", True, (PIVOT,), halves)


def all_for_one(group: str, code: str, options: dict[str, Any]) -> Iterator[Setting]:
    """Yield runs from the pivot's model to one language, by every kind of Translator."""
    frozen = {**options, "freeze_epochs": FROZEN}
    yield Setting(group, "all for one, BLI", (code,), "bli", True, options=options)
    yield Setting(group, "all for one, random, frozen first", (code,), "random", True, options=frozen)
    yield Setting(group, "all for one, random", (code,), "random", True, options=options)
    yield Setting(group, "all for one, identity", (code,), "identity", True, options=options)


def main() -> None:
    """Run every recipe."""
    run_all(list(settings()), "recipes", 3, __doc__)


def run_all(chosen: Sequence[Setting], name: str, seeds: int, about: str | None) -> None:
    """Run the settings that are not in the work folder yet, then save the results of all."""
    parser = study_parser(about, "--data", "--words", "--dictionaries", "--work")
    parser.add_argument("--seeds", type=int, default=seeds)
    options = parser.parse_args()
    study = Study(options.data, options.words, options.dictionaries, options.work)
    for random_state in range(options.seeds):
        for setting in chosen:
            study.run(setting, random_state)
    study.write(name)


class Study:
    """The data, and the work folder of runs and alignments."""

    def __init__(self, data: Path, words: Path, dictionaries: Path, work: Path) -> None:
        self.words, self.dictionaries, self.work = words, dictionaries, work
        names = ("train", "dev", "test")
        self.splits = {name: load_split(data, name, [PIVOT, *OTHERS]) for name in names}
        work.mkdir(parents=True, exist_ok=True)

    def run(self, setting: Setting, random_state: int) -> None:
        """Train and evaluate, unless the record exists."""
        record = self.work / f"{setting.key}.{random_state}.json"
        if record.exists():
            return
        start = time.perf_counter()
        model = self._trained(setting, random_state)
        found = evaluate(model, self.splits["test"], setting.languages)
        if setting == next(settings()):
            for code in OTHERS:
                self._zero_shot(model, code, random_state)
        self._keep(record, setting, random_state, {c: m.to_json() for c, m in found.items()}, model.record)
        print(f"{setting.key} seed {random_state}: {time.perf_counter() - start:.0f} s", flush=True)

    def _trained(self, setting: Setting, random_state: int) -> VSE:
        trained = setting.languages + setting.auxiliary
        others = [code for code in trained if code in OTHERS and setting.way is not None]
        ways = {code: self._alignment(code) if setting.way == "bli" else setting.way for code in others}
        recipe = Recipe(
            setting.languages,
            {code: self.words / f"{code}.bin" for code in trained},
            {code: way for code, way in ways.items() if way is not None},
            setting.auxiliary,
            self._folder(next(settings()), random_state) if setting.transfer else None,
            through="map",
        )
        chosen: dict[str, Any] = {"epochs": EPOCHS, "steps": STEPS, **setting.options}
        options = TrainingOptions(random_state=random_state, **chosen)
        return train(
            self.splits["train"], self.splits["dev"], self._folder(setting, random_state), recipe, options
        )

    def _zero_shot(self, model: VSE, code: str, random_state: int) -> None:
        setting = Setting("no pictures", "zero-shot, BLI", (code,), "bli", True)
        model.add_language(code, self.words / f"{code}.bin", self._alignment(code), "map")
        found = evaluate(model, self.splits["test"], [code])
        record = self.work / f"{setting.key}.{random_state}.json"
        self._keep(record, setting, random_state, {code: found[code].to_json()}, {})

    def _folder(self, setting: Setting, random_state: int) -> Path:
        return self.work / f"{setting.key}.{random_state}"

    def _alignment(self, code: str) -> Path:
        folder = self.work / f"{code}-{PIVOT}"
        if not folder.exists():
            sides = [load_vectors(self.words / f"{name}.bin") for name in (code, PIVOT)]
            pairs = load_lexicon(self.dictionaries / f"{code}-{PIVOT}.train.txt")
            align(sides[0], sides[1], pairs).save_pretrained(folder)
        return folder

    def _keep(self, file: Path, setting: Setting, random_state: int, test: Any, record: Any) -> None:
        about = {"group": setting.group, "name": setting.name, "seed": random_state, "test": test}
        about["best_epoch"] = record.get("training", {}).get("best_epoch", 0)
        file.write_text(json.dumps(about))

    def write(self, name: str) -> None:
        """Save all records together with chance."""
        records = [json.loads(file.read_text()) for file in sorted(self.work.glob("*.json"))]
        captions = self.splits["test"].captions
        luck = {code: chance(found.images).to_json() for code, found in captions.items()}
        save(name, steps=STEPS * EPOCHS, chance=luck, sizes=sizes(self.splits), records=records)


def sizes(splits: dict[str, Split]) -> dict[str, dict[str, int]]:
    """Count the captions of each language in each split."""
    return {
        name: {code: len(found.texts) for code, found in split.captions.items()}
        for name, split in splits.items()
    }


if __name__ == "__main__":
    main()
