"""The command ``vse``: every command once, what it prints, and how it fails."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from runs import FAST, Vse
from toy_images import made_split, saved_translator, word

from vse import Captions, Split, TrainingOptions, write_split


def german(words: Path) -> tuple[object, ...]:
    return "--embeddings", f"de={words / 'de.npz'}", "--init-translator", words / "de-en"


def test_evaluate_trained_and_zero_shot(run_en: Path, data: Path, words: Path, vse: Vse) -> None:
    done = vse("evaluate", run_en, data, "--lang", "en", "--json")
    trained = json.loads(done.output)["languages"]["en"]
    assert trained["t2i"]["r1"] > 80 and trained["chance"]["t2i"]["r1"] == pytest.approx(5)
    done = vse("evaluate", run_en, data, "--lang", "de", *german(words), "--json")
    zero_shot = json.loads(done.output)["languages"]["de"]
    assert zero_shot["rsum"] == pytest.approx(trained["rsum"], abs=25)  # the alignment is exact here
    assert "chance" in vse("evaluate", run_en, data, "--split", "dev").output


def test_all_for_one_with_an_auxiliary_language(
    run_en: Path, data: Path, words: Path, vse: Vse, tmp_path: Path
) -> None:
    more = ("--auxiliary", "en", "--subset", 30, "--sampling", "active", "--json", *FAST, "--epochs", 2)
    done = vse("train", data, "--lang", "de", "--from", run_en, *german(words), "-o", tmp_path / "run", *more)
    assert done.exit_code == 0, done.output
    found = json.loads(done.stdout)
    assert set(found["metrics"]) == {"de", "en"} and found["metrics"]["de"]["rsum"] > 300


def test_search_prints_ids_scores_and_captions(run_en: Path, data: Path, vse: Vse, tmp_path: Path) -> None:
    text = f"{word('en', 1)} {word('en', 2)}"
    done = vse("search", run_en, "--images", data, "-k", 3, text, "--json")
    hits = json.loads(done.output)["searches"][0]["images"]
    assert len(hits) == 3 and hits[0]["score"] >= hits[1]["score"]
    assert all({"id", "score", "caption"} <= hit.keys() for hit in hits)
    shown = vse("search", run_en, "--images", data, "-k", 3, text).output
    assert text in shown and hits[0]["id"] in shown and hits[0]["caption"] in shown
    assert vse("encode", run_en, "--images", data, "-o", tmp_path / "index.npy").exit_code == 0
    again = json.loads(
        vse("search", run_en, "--images", tmp_path / "index.npy", "-k", 3, text, "--json").output
    )
    assert [hit["id"] for hit in again["searches"][0]["images"]] == [hit["id"] for hit in hits]


def test_encode_texts_from_a_file_and_from_standard_input(run_en: Path, vse: Vse, tmp_path: Path) -> None:
    (tmp_path / "texts.txt").write_text(f"{word('en', 1)}\n\n{word('en', 2)}\n")
    for place, how in ((tmp_path / "texts.txt", {}), ("-", {"input": (tmp_path / "texts.txt").read_text()})):
        done = vse("encode", run_en, "--text", place, "-o", tmp_path / "texts.npy", **how)
        assert done.exit_code == 0, done.output
        rows = np.load(tmp_path / "texts.npy")
        assert rows.shape == (3, 32) and np.allclose(np.linalg.norm(rows, axis=1), 1, atol=1e-5)
    (tmp_path / "latin.txt").write_bytes(b"first\nf\xfcnf\n")
    done = vse("encode", run_en, "--text", tmp_path / "latin.txt", "-o", tmp_path / "x.npy")
    assert done.exit_code == 1 and "latin.txt:2" in done.output and not (tmp_path / "x.npy").exists()


def test_export_writes_both_branches(run_en: Path, vse: Vse, tmp_path: Path) -> None:
    done = vse("export", run_en, "--torch", "--onnx", "-o", tmp_path / "run")
    assert done.exit_code == 0, done.output
    names = {f"run.{part}.{end}" for part in ("image", "en") for end in ("safetensors", "onnx")}
    assert {path.name for path in tmp_path.iterdir()} == names
    assert vse("export", run_en).exit_code == 2


def test_what_goes_wrong_is_said(run_en: Path, data: Path, words: Path, vse: Vse, tmp_path: Path) -> None:
    embeddings = ("--embeddings", f"en={words / 'en.npz'}", "--embeddings", f"de={words / 'de.npz'}")
    train = ("train", data, "-o", tmp_path / "run", "--lang")
    turned = saved_translator(tmp_path, "en", "de", name="turned")
    narrow = made_split(20, 2, ("en",), features=9)
    write_split(Split("test", narrow.ids, narrow.features, narrow.captions), tmp_path / "narrow")
    cases: list[tuple[int, str, tuple[object, ...]]] = [
        (1, "no word vectors for 'en'", (*train, "en")),
        (1, "needs a Translator into the word vectors", (*train, "en", "--lang", "de", *embeddings)),
        (1, "no captions", ("train", data, "-o", tmp_path / "run", "--lang", "xx", "--embeddings", "xx=y")),
        (1, "nowhere", (*train, "en", "--embeddings", "en=nowhere.vec")),
        (
            1,
            "other direction",
            (*train, "de", "--from", run_en, *embeddings[2:], "--init-translator", turned),
        ),
        (1, "features of shape", ("evaluate", run_en, tmp_path / "narrow")),
        (1, "does not know the language 'fr'", ("evaluate", run_en, data, "--lang", "fr")),
        (1, "is not empty", ("train", data, "--lang", "en", *embeddings[:2], "-o", run_en)),
        (1, "no model folder", ("search", data, "--images", data, "text")),
        (1, "validation", ("evaluate", run_en, data, "--split", "validation")),
        (2, "--images", ("encode", run_en, "-o", tmp_path / "x.npy")),
        (2, "name its language", (*train, "en", "--lang", "de", "--embeddings", "en.bin")),
    ]
    for code, message, arguments in cases:
        done = vse(*arguments)
        assert done.exit_code == code, (arguments, done.output)
        assert message in done.output, (message, done.output)
        assert not (tmp_path / "run").exists()


@pytest.mark.long
def test_the_demo_finds_emoji_in_french_without_french_captions(
    vse: Vse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All steps, with a smaller model than the demo's: it learns in a fifth of the time."""
    small = replace(TrainingOptions(), epochs=8, hidden=128, joint=128, lr=0.002)
    monkeypatch.setattr("vse.TrainingOptions", lambda **_: small)
    ran = vse("demo", "--dir", tmp_path, "--json")
    assert ran.exit_code == 0, ran.output
    found = {label: value["t2i"]["r10"] for label, value in json.loads(ran.stdout)["metrics"].items()}
    assert found["chance"] == pytest.approx(5)
    assert found["French, zero-shot"] > 20 and found["French, fine-tuned"] > 35 and found["English"] > 35
    assert {path.name for path in (tmp_path / "vse-demo").iterdir()} == {"fr-en", "run-en", "run-fr"}


def test_a_caption_file_of_no_language_is_english(words: Path, vse: Vse, tmp_path: Path) -> None:
    for name, images in (("train", 40), ("dev", 20)):
        made = made_split(images, 1, ("en",))
        np.save(tmp_path / f"{name}_ims.npy", made.features)
        (tmp_path / f"{name}_caps.txt").write_text("".join(f"{text}\n" for text in made.captions["en"].texts))
    asked = ("--lang", "en", "--embeddings", f"en={words / 'en.npz'}", *FAST, "--epochs", 1)
    done = vse("train", tmp_path, "-o", tmp_path / "run", *asked)
    assert done.exit_code == 0, done.output
    assert isinstance(made.captions["en"], Captions)


def test_a_language_that_was_not_trained_is_exported(
    run_en: Path, data: Path, words: Path, vse: Vse, tmp_path: Path
) -> None:
    german = ("--embeddings", f"de={words / 'de.npz'}", "--init-translator", words / "de-en")
    done = vse("export", run_en, "--torch", "--lang", "de", *german, "-o", tmp_path / "x")
    assert done.exit_code == 0, done.output
    assert {path.name for path in tmp_path.iterdir()} == {"x.image.safetensors", "x.de.safetensors"}


def test_a_language_of_the_model_takes_no_way(run_en: Path, data: Path, words: Path, vse: Vse) -> None:
    done = vse("evaluate", run_en, data, "--init-translator", f"en={words / 'de-en'}")
    assert done.exit_code == 2 and "en is a language of the model already" in done.stderr
    done = vse("evaluate", run_en, data, "--through", "map")
    assert done.exit_code == 2 and "for a language that --init-translator adds" in done.output
