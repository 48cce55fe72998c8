"""``vse add-language`` and ``vse train --epochs 0``: a language more without training."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from runs import FAST, Vse, weights
from toy_images import word

from vse import VSE

TEXTS = [f"{word('de', 1)} {word('de', 5)}", word("de", 3)]


@pytest.fixture
def run(run_en: Path, tmp_path: Path) -> Path:
    """A copy of the model of English, with a file of the user in its folder."""
    shutil.copytree(run_en, tmp_path / "run")
    (tmp_path / "run" / "notes.txt").write_text("mine")
    return tmp_path / "run"


def german(words: Path) -> tuple[object, ...]:
    return "--embeddings", words / "de.npz", "--init-translator", words / "de-en"


@pytest.mark.parametrize("through", ["lexicon", "map"])
def test_a_language_that_was_added_needs_its_code_only(
    run: Path, run_en: Path, data: Path, words: Path, vse: Vse, through: str
) -> None:
    expected = VSE.from_pretrained(run_en)
    expected.add_language("de", words / "de.npz", words / "de-en", "map" if through == "map" else "lexicon")
    history = (run / "history.jsonl").read_bytes()
    done = vse("add-language", run, "de", *german(words), "--through", through, "--json")
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout) == {"run": str(run), "languages": ["en", "de"], "through": through}
    model = VSE.from_pretrained(run)
    assert np.array_equal(model.encode_text(TEXTS, "de"), expected.encode_text(TEXTS, "de"))
    before, after = weights(run_en), weights(run)
    assert all((after[name] == tensor).all() for name, tensor in before.items())
    origin = model.record["added"]["de"]
    assert origin["translator"] == str(words / "de-en") and len(origin["sha256"]) == 64
    assert model.data == {"place": str(data)} and model.record["training"]["languages"] == ["en"]
    assert (run / "notes.txt").read_text() == "mine" and (run / "history.jsonl").read_bytes() == history
    asked = vse("search", run, "--lang", "de", TEXTS[0], "--json")
    assert set(TEXTS[0].split()) <= set(
        json.loads(asked.stdout)["searches"][0]["images"][0]["caption"].split()
    )
    assert vse("evaluate", run, data, "--lang", "de").exit_code == 0
    assert vse("add-language", run, "de", *german(words)).exit_code == 0, "it can be changed"
    assert VSE.from_pretrained(run).languages["de"].through == "lexicon"


def test_a_bundle_needs_no_other_file(run: Path, words: Path, vse: Vse, tmp_path: Path) -> None:
    own = tmp_path / "own"
    shutil.copytree(words, own)
    assert vse("add-language", run, "de", *german(own), "--bundle").exit_code == 0
    expected = VSE.from_pretrained(run).encode_text(TEXTS, "de")
    shutil.rmtree(own)
    assert np.array_equal(VSE.from_pretrained(run).encode_text(TEXTS, "de"), expected)


def test_what_is_no_language_leaves_the_run_as_it_was(run: Path, words: Path, vse: Vse) -> None:
    before = {path.name: path.read_bytes() for path in run.iterdir()}
    cases: list[tuple[int, str, tuple[object, ...]]] = [
        (2, "--embeddings FILE", ("de", "--init-translator", words / "de-en")),
        (2, "one language at a time", ("de", "--embeddings", f"fr={words / 'fr.npz'}")),
        (1, "needs a Translator", ("de", "--embeddings", words / "de.npz")),
        (1, "was trained on 'en'", ("en", "--embeddings", words / "en.npz")),
        (1, "nowhere.vec", ("de", "--embeddings", "nowhere.vec", "--init-translator", words / "de-en")),
    ]
    for status, message, arguments in cases:
        done = vse("add-language", run, *arguments)
        assert done.exit_code == status and message in done.stderr, (arguments, done.output)
    assert {path.name: path.read_bytes() for path in run.iterdir()} == before


def test_no_epochs_evaluate_and_store(
    run_en: Path, data: Path, words: Path, vse: Vse, tmp_path: Path
) -> None:
    more = ("--epochs", 0, "-o", tmp_path / "run")
    done = vse("train", data, "--lang", "de", "--from", run_en, *german(words), *FAST, *more, "--json")
    assert done.exit_code == 0, done.output
    zero_shot = json.loads(vse("evaluate", tmp_path / "run", data, "--split", "dev", "--json").stdout)
    found = json.loads(done.stdout)
    assert found["best_epoch"] == 0
    assert found["metrics"]["de"]["rsum"] == pytest.approx(zero_shot["languages"]["de"]["rsum"])
    alone = ("train", data, "--lang", "en", "--embeddings", f"en={words / 'en.npz'}", *FAST)
    done = vse(*alone, "--epochs", 0, "-o", tmp_path / "none")
    assert done.exit_code == 1 and "Raise --epochs" in done.stderr and not (tmp_path / "none").exists()
