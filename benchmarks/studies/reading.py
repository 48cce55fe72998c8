"""How the words of a language reach the GRU of an English model: by the map, or through the lexicon.

    python -m benchmarks.studies.reading --data DIR --words DIR --work DIR [--languages de fr] [--few de fr]
        [--alone de fr]

``--data`` is a data folder as ``vse train`` reads it, and its name goes into the table; ``--words`` holds
``<lang>.bin`` and the alignments ``<lang>-en``. An English model is trained for each random seed; then all
other languages are encoded without having seen a caption, and the languages of ``--few`` are trained on the
captions of 100 images, starting from that model. For comparison, models of the languages of ``--alone`` learn
from all captions of that language and no other. Models stay in the work folder, and an interrupted study
continues from there. The measured rows are replaced in ``benchmarks/results/reading.json``.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from benchmarks.command_line import study_parser
from benchmarks.records import load, save
from translator import Alignment
from translator.lexicon_vectors import LexiconVectors
from vse import VSE, Recipe, Split, TrainingOptions, evaluate, load_split, train
from vse.metrics import chance
from vse.transfer import Through

PIVOT = "en"
STEPS, EPOCHS = 28, 20
FEW = 100  # images of the low-resource setting
RATE = 1e-4  # learning rate with so few


def main() -> None:
    """Measure each random seed."""
    parser = study_parser(__doc__, "--data", "--words", "--work")
    parser.add_argument("--languages", nargs="+", default=["de", "fr", "cs"])
    parser.add_argument("--few", nargs="*", default=[], help="languages trained on 100 images as well")
    parser.add_argument("--alone", nargs="*", default=[], help="languages trained on all captions as well")
    parser.add_argument("--seeds", type=int, default=3)
    options = parser.parse_args()
    study = Study(options.data, options.words, options.work, [PIVOT, *options.languages])
    for seed in range(options.seeds):
        model = study.trained((PIVOT,), f"{PIVOT}.{seed}", seed)
        keep(study.row(PIVOT, "monolingual", seed, model))
        for code in options.languages:
            for way in study.zero_shot(model, code):
                keep(study.row(code, f"zero-shot, {way}", seed, model))
        for code in options.alone:
            keep(study.row(code, "monolingual", seed, study.trained((code,), f"{code}.{seed}", seed)))
        for code in options.few:
            for through in ("map", "lexicon"):
                tuned = study.tuned(code, through, seed)
                keep(study.row(code, f"{FEW} images, {through}", seed, tuned))


class Study:
    """The splits of a data folder, and the models trained on them."""

    def __init__(self, data: Path, words: Path, work: Path, languages: list[str]) -> None:
        self.name, self.words, self.work = data.name, words, work / data.name
        self.splits: dict[str, Split] = {
            name: load_split(data, name, languages) for name in ("train", "dev", "test")
        }
        self.lexicons: dict[tuple[str, str], LexiconVectors] = {}
        self.work.mkdir(parents=True, exist_ok=True)

    def trained(self, languages: tuple[str, ...], name: str, seed: int, **more: Any) -> VSE:
        """Train a model, or read the one in the work folder."""
        place = self.work / name
        if (place / "config.json").is_file():
            return VSE.from_pretrained(place)
        chosen = {"epochs": EPOCHS, "steps": STEPS, "random_state": seed, **more.pop("options", {})}
        recipe = Recipe(languages, {code: self.words / f"{code}.bin" for code in languages}, **more)
        return train(self.splits["train"], self.splits["dev"], place, recipe, TrainingOptions(**chosen))

    def tuned(self, code: str, through: Through, seed: int) -> VSE:
        """Train the English model on a few captions of another language."""
        start, translators = self.work / f"{PIVOT}.{seed}", {code: self.words / f"{code}-{PIVOT}"}
        options = {"subset": FEW, "lr": RATE}
        more = {"translators": translators, "start": start, "through": through, "options": options}
        return self.trained((code,), f"{code}.{through}.{seed}", seed, **more)

    def zero_shot(self, model: VSE, code: str) -> Iterator[str]:
        """Add a language to a model in one way after the other, and yield the name of the way."""
        vectors, alignment = self.words / f"{code}.bin", self.words / f"{code}-{PIVOT}"
        model.add_language(code, vectors, alignment, "map")
        yield "map"
        for way in ("nearest by CSLS", "ten nearest by CSLS", "best of the ranker", "lexicon"):
            model.add_language(code, self._lexicon(way, code, alignment), "identity")
            yield way

    def _lexicon(self, way: str, code: str, folder: Path) -> LexiconVectors:
        """Return the lexicon's vectors; those of words that were read for an earlier seed are kept."""
        if (way, code) not in self.lexicons:
            read = Alignment.from_pretrained(folder)
            if "CSLS" in way:
                read = replace(read, rankers=(None, None))
            k = 1 if way in ("nearest by CSLS", "best of the ranker") else LexiconVectors.k
            self.lexicons[way, code] = LexiconVectors(read, k)
        return self.lexicons[way, code]

    def row(self, code: str, way: str, seed: int, model: VSE) -> dict[str, Any]:
        """Evaluate a language on the dev and the test split."""
        found = {
            name: float(evaluate(model, self.splits[name], [code])[code].rsum) for name in ("dev", "test")
        }
        luck = chance(self.splits["test"].captions[code].images).rsum
        return {"data": self.name, "language": code, "way": way, "seed": seed, **found, "chance": float(luck)}


def keep(row: dict[str, Any]) -> None:
    """Print a row, and save it in place of an earlier one of the same case."""
    print(row, flush=True)

    def case(row: dict[str, Any]) -> list[Any]:
        return [row[key] for key in ("data", "language", "way", "seed")]

    others = [old for old in load("reading").get("rows", []) if case(old) != case(row)]
    save("reading", rows=sorted([*others, row], key=case))


if __name__ == "__main__":
    main()
