"""``vse train`` on the command line: flags, what is printed, interrupts, full disks, going on."""

from __future__ import annotations

import json
import re
import shutil
import signal
import subprocess
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from full_disk import file_size_limit
from runs import FAST, TWO, Vse, history, moved, vse_command, weights
from toy_images import made_split, made_vectors
from translator_cli.vse.train import train as command

from translator import WordVectors, save_vectors
from vse.model import Architecture
from vse.model.artefact import CHECKPOINT
from vse.training.options import SHAPE, TrainingOptions


def english(data: Path, words: Path) -> tuple[object, ...]:
    return "train", data, "--lang", "en", "--embeddings", f"en={words / 'en.npz'}"


def german(data: Path, words: Path) -> tuple[object, ...]:
    return "train", data, "--lang", "de", "--embeddings", f"de={words / 'de.npz'}"


def test_every_option_has_a_flag_whose_help_names_its_default() -> None:
    defaults, flags = asdict(TrainingOptions()), {one.name: one for one in command.params}
    assert defaults.keys() <= flags.keys()
    named = {"steps": "each caption once", "patience": "no limit", "bidirectional": "forward", "subset": None}
    defaults |= {name: getattr(Architecture, name) for name in SHAPE}
    for name, value in defaults.items():
        found = re.search(r"\[default: (.+)\]", getattr(flags[name], "help", "") or "")
        expected = named[name] if name in named else value if isinstance(value, str) else f"{value:g}"
        assert (found and found.group(1)) == expected, name


def test_one_for_all_reports_stages_and_shares(data: Path, words: Path, vse: Vse, tmp_path: Path) -> None:
    more = ("--lang", "de", "--embeddings", f"de={words / 'de.npz'}", "--random-translator")
    done = vse(*english(data, words), *more, "--freeze-epochs", 1, "-o", tmp_path / "run", *TWO)
    assert done.exit_code == 0, done.output
    first, second = [line for line in done.stderr.splitlines() if line.startswith("epoch")]
    assert "(0% of the steps)" in first and "(100% of the steps)" in first and "Translators alone" in first
    assert second.count("(50% of the steps)") == 2 and "Translators alone" not in second
    last = done.stdout.splitlines()[-1]
    assert last.startswith("Epoch ") and last.endswith(f"Written to {tmp_path / 'run'}/")
    assert "dev" in done.stdout and "de" in done.stdout


def test_results_as_json_and_in_silence(data: Path, words: Path, vse: Vse, tmp_path: Path) -> None:
    done = vse(*english(data, words), "-o", tmp_path / "run", "--json", "-q", *TWO)
    assert (done.exit_code, done.stderr) == (0, "")
    found = json.loads(done.stdout)
    assert set(found) == {"output", "best_epoch", "metrics"}
    assert found["metrics"] == history(tmp_path / "run")[found["best_epoch"] - 1]["dev"]
    done = vse(*english(data, words), "-o", tmp_path / "again", "-q", *TWO)
    assert (done.exit_code, done.output) == (0, "")
    assert not moved(weights(tmp_path / "run"), weights(tmp_path / "again"))


def test_the_log_of_the_library_is_heard(data: Path, vse: Vse, tmp_path: Path) -> None:
    few = made_vectors("en")
    save_vectors(WordVectors(few.words[:6], few.matrix[:6]), tmp_path / "few.npz")
    asked = ("train", data, "--lang", "en", "--embeddings", tmp_path / "few.npz", *TWO)
    said = "% of the words in the captions have no vector"
    done = vse(*asked, "-o", tmp_path / "run")
    assert done.stderr.count(said) == 1 and "Warning: en: " in done.stderr
    assert said not in vse(*asked, "-o", tmp_path / "quiet", "-q").output


def test_interrupted_and_resumed(
    data: Path, words: Path, vse: Vse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = (*english(data, words), "-o", tmp_path / "run", *TWO)

    def interrupted(*_: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("vse.training.build", interrupted)
        done = vse(*asked)
    assert (done.exit_code, done.stderr) == (130, "Interrupted.\n"), "there is nothing yet to go on from"
    with monkeypatch.context() as patch:
        patch.setattr("vse.training.run.Run._judge", interrupted)
        done = vse(*asked)
    hint = "The same command with --resume continues after the last epoch."
    assert (done.exit_code, done.stderr) == (130, f"Interrupted.\n{hint}\n")
    found = vse("search", tmp_path / "run", "--images", data, "text")
    assert found.exit_code == 1 and "unfinished run and no model yet" in found.stderr
    assert "run train again with --resume." in found.stderr
    repeated = vse(*asked)
    assert repeated.exit_code == 1 and "Continue with --resume" in repeated.stderr
    done = vse(*asked, "--resume")
    assert done.exit_code == 0 and not (tmp_path / "run" / CHECKPOINT).exists()
    again = vse(*asked, "--resume")
    assert again.stdout == done.stdout and "epoch   1" not in again.stderr
    other = vse(*asked, "--resume", "--lr", 1)
    assert other.exit_code == 1 and "options.lr 0.005 (now 1.0)" in other.stderr
    assert vse(*asked).exit_code == 1


def test_an_interrupt_from_the_keyboard(data: Path, words: Path, tmp_path: Path) -> None:
    arguments = vse_command([*english(data, words), "-o", tmp_path / "run", *FAST, "--epochs", 500])
    heard = partial(signal.signal, signal.SIGINT, signal.SIG_DFL)  # a job in the background ignores it
    with subprocess.Popen(arguments, stderr=subprocess.PIPE, text=True, preexec_fn=heard) as running:
        assert running.stderr is not None
        assert running.stderr.readline().startswith("epoch   1/500")
        running.send_signal(signal.SIGINT)
        rest = running.stderr.read()
    assert running.returncode == 130
    assert "\nInterrupted.\nThe same command with --resume" in "\n" + rest and "Traceback" not in rest
    assert {path.name for path in (tmp_path / "run").iterdir()} == {CHECKPOINT, "history.jsonl"}


@pytest.mark.parametrize("limit", [999, 60_000])  # for the first checkpoint, and one with moments
def test_a_full_disk_is_reported_in_plain_words(
    data: Path, words: Path, vse: Vse, tmp_path: Path, limit: int
) -> None:
    with file_size_limit(limit):
        done = vse(*english(data, words), "-o", tmp_path / "run", *TWO)
    assert done.exit_code == 1 and isinstance(done.exception, SystemExit)
    assert "Error: " in done.stderr
    left = {path.name for path in (tmp_path / "run").iterdir()}
    assert left == (set() if limit == 999 else {CHECKPOINT, "history.jsonl"})


@pytest.mark.parametrize("error", [MemoryError(), OSError(28, "No space left on device")])
def test_an_error_is_reported_in_two_lines(
    data: Path, words: Path, vse: Vse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def breaking(*_: Any) -> None:
        raise error

    monkeypatch.setattr("vse.training.build", breaking)
    done = vse(*english(data, words), "-o", tmp_path / "run", *TWO)
    assert done.exit_code == 1 and done.stderr.startswith("Error: ")
    assert len(done.stderr.splitlines()) == 2 and not (tmp_path / "run").exists()


def test_a_bundle_needs_nothing_else(data: Path, words: Path, vse: Vse, tmp_path: Path) -> None:
    shutil.copy(words / "en.npz", tmp_path)
    for more in ((), ("--bundle",)):
        run = tmp_path / f"run{len(more)}"
        assert vse(*english(data, tmp_path), "-o", run, *more, *TWO).exit_code == 0
    (tmp_path / "en.npz").unlink()
    assert vse("search", tmp_path / "run1", "enxab", "--images", data).exit_code == 0
    done = vse("search", tmp_path / "run0", "enxab", "--images", data)
    assert done.exit_code == 1 and "--embeddings en=FILE" in done.stderr
    found = vse(
        "search", tmp_path / "run0", "enxab", "--images", data, "--embeddings", f"en={words / 'en.npz'}"
    )
    assert found.exit_code == 0


def test_what_the_command_line_refuses(
    data: Path, words: Path, run_en: Path, vse: Vse, tmp_path: Path
) -> None:
    out = ("-o", tmp_path / "run")
    from_en = (*german(data, words), "--from", run_en, *out)
    aligned = ("--init-translator", words / "de-en")
    cases: list[tuple[int, str, tuple[object, ...]]] = [
        (2, "every language has a Translator", (*english(data, words), "--random-translator", *out)),
        (2, "every language has a Translator", (*from_en, *aligned, "--identity-translator")),
        (2, "given twice", (*from_en, *aligned, *aligned)),
        (2, "Missing option '--lang'", ("train", data, *out)),
        (2, "epochs -1: expected 0 or more", (*english(data, words), "--epochs", -1, *out)),
        (2, "dropout 1.0 leaves nothing", (*english(data, words), "--dropout", 1, *out)),
        (2, "steep", (*english(data, words), "--schedule", "steep", *out)),
        (2, "lr 0.0: expected a positive number", (*english(data, words), "--lr", 0, *out)),
        (2, "clip -1.0: expected 0 or more", (*english(data, words), "--clip", -1, *out)),
        (1, "device 'abacus' cannot be used", (*english(data, words), "--device", "abacus", *out)),
        (2, "named twice", (*english(data, words), "--auxiliary", "en", *out)),
        (1, "no such directory", (*english(data, words), "-o", tmp_path / "nowhere" / "run")),
        (1, "no checkpoint to resume from", (*english(data, words), "--resume", *out)),
        (1, "cannot draw 500 images", (*english(data, words), "--subset", 500, *out)),
        (1, "nothing to train", (*english(data, words), "--freeze-epochs", 1, *out)),
        (1, "a Translator into the word vectors of 'en'", from_en),
        (1, "no such file", (*from_en, "--init-translator", tmp_path / "nothing.safetensors")),
        (1, "no model folder", (*german(data, words), "--from", data, *aligned, *out)),
        (2, "a language that is not trained on", (*english(data, words), "--embeddings", "de=x", *out)),
    ]
    for status, message, arguments in cases:
        done = vse(*arguments)
        assert done.exit_code == status, (arguments, done.output)
        assert message in done.stderr and done.stdout == "", (message, done.output)
        assert not (tmp_path / "run").exists()


@pytest.fixture
def photos(words: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """60 images that show 4 of 12 things each, as stripes, and ``captions.csv`` that names them."""
    image = pytest.importorskip("PIL.Image", reason="images are made by Pillow")
    monkeypatch.setenv("TRANSLATOR_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr("vse.features.load_encoder", lambda name, **how: Stripes())
    made = made_split(60, 1, ("en",))
    (tmp_path / "photos").mkdir()
    captions = zip(made.captions["en"].texts, made.captions["en"].images.tolist(), strict=True)
    lines = ["image,caption", *(f"{row}.png,{text}" for text, row in captions)]
    (tmp_path / "captions.csv").write_text("\n".join(lines))
    for row, shown in enumerate((made.features * 200).clip(0, 255).astype(np.uint8)):
        image.fromarray(shown[None]).save(tmp_path / "photos" / f"{row}.png")
    return tmp_path / "photos"


class Stripes:
    """An encoder whose features are the brightness of 12 stripes."""

    name, width = "stripes", 12

    def prepare(self, image: Any) -> Any:
        return np.asarray(image.resize((12, 1)), np.float32).transpose(2, 0, 1)

    def __call__(self, batch: Any) -> Any:
        return batch[:, 0, 0] / 200


def test_a_folder_of_images_is_trained_on_and_found_again(
    photos: Path, words: Path, vse: Vse, tmp_path: Path
) -> None:
    run = tmp_path / "run"
    asked = ("train", photos, "--lang", "en", "--embeddings", words / "en.npz", *FAST)
    done = vse(*asked, "--captions", tmp_path / "captions.csv", "-o", run)
    assert done.exit_code == 0, done.output
    counts = "60 images; captions from captions.csv (a table): 60 in en; 0 images without caption"
    assert counts in done.stderr and "48 train, 6 test, 6 dev images" in done.stderr
    lines = dict(line.split("\t") for line in (run / "split.tsv").read_text().splitlines())
    assert len(lines) == 60 and set(lines.values()) == {"train", "dev", "test"}
    recorded = json.loads((run / "config.json").read_text())["data"]
    assert recorded["place"] == str(photos) and recorded["captions"] == {"en": str(tmp_path / "captions.csv")}
    text = (tmp_path / "captions.csv").read_text().splitlines()[8].split(",")[1]  # of image 7
    found = vse("search", run, text, "--json")
    assert found.exit_code == 0, found.output
    assert "7" in [hit["id"] for hit in json.loads(found.stdout)["searches"][0]["images"]]


def test_three_commands_from_a_folder_to_a_search_in_another_language(
    photos: Path, words: Path, vse: Vse, tmp_path: Path
) -> None:
    run, captions = tmp_path / "run", tmp_path / "captions.csv"
    asked = ("train", photos, "--captions", captions, "--lang", "en", "--embeddings", words / "en.npz")
    assert vse(*asked, "-o", run, *FAST).exit_code == 0
    german = ("--embeddings", words / "de.npz", "--init-translator", words / "de-en")
    assert vse("add-language", run, "de", *german).exit_code == 0
    assert (run / "split.tsv").is_file()
    text = captions.read_text().splitlines()[8].split(",")[1].replace("enx", "dex")  # of image 7
    done = vse("search", run, "--lang", "de", text, "--html", tmp_path / "found.html", "--json")
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout)["searches"][0]["images"][0]["id"] == "7"
    assert (photos / "7.png").as_uri() in (tmp_path / "found.html").read_text()
    assert vse("encode", run, "--images", photos, "-o", tmp_path / "kept.npy").exit_code == 0
    kept = vse("search", run, "--lang", "de", text, "--images", tmp_path / "kept.npy", "--json")
    assert json.loads(kept.stdout) == json.loads(done.stdout), "with the captions that the run records"
    assert json.loads((tmp_path / "kept.json").read_text())["levels"].keys() == {"en", "de"}
    done = vse("evaluate", run, "--lang", "en", "--json")
    assert json.loads(done.stdout)["languages"]["en"]["t2i"]["candidates"] == 6
    found = json.loads(vse("search", run, "--lang", "de", text, "--split", "test", "--json").stdout)
    assert len(found["searches"][0]["images"]) == 5


def test_the_split_of_the_user_and_of_the_run_to_start_from(
    photos: Path, words: Path, vse: Vse, tmp_path: Path
) -> None:
    own = tmp_path / "own.tsv"
    own.write_text("".join(f"{row}.png\t{'dev' if row < 20 else 'train'}\n" for row in range(60)))
    asked = ("train", photos, "--captions", tmp_path / "captions.csv", "--lang", "en", *TWO)
    done = vse(*asked, "--embeddings", words / "en.npz", "--split", own, "-o", tmp_path / "run")
    assert done.exit_code == 0, done.output
    assert f"Split from {own}: 40 train, 20 dev images" in done.stderr
    done = vse(*asked, "--from", tmp_path / "run", "-o", tmp_path / "again")
    assert done.exit_code == 0, done.output
    assert f"Split from {tmp_path / 'run' / 'split.tsv'}: 40 train, 20 dev images" in done.stderr


def test_what_a_folder_of_images_lacks_is_said(
    photos: Path, data: Path, words: Path, vse: Vse, tmp_path: Path
) -> None:
    asked = ("--lang", "en", "--embeddings", words / "en.npz", "-o", tmp_path / "run", *TWO)
    (tmp_path / "latin.csv").write_bytes("image,caption\n1.png,h\xe4user\n".encode("latin-1"))
    cases: list[tuple[int, str, tuple[object, ...]]] = [
        (1, "Pass --captions FILE", ("train", photos, *asked)),
        (1, "Pass --encoding latin-1", ("train", photos, "--captions", tmp_path / "latin.csv", *asked)),
        (2, "are for a folder of images", ("train", data, "--captions", tmp_path / "captions.csv", *asked)),
        (
            1,
            "too few for a split",
            ("train", photos, "--captions", tmp_path / "latin.csv", "--encoding", "latin-1", *asked),
        ),
    ]
    for code, message, arguments in cases:
        done = vse(*arguments)
        assert (done.exit_code, message in done.output) == (code, True), done.output
        assert not (tmp_path / "run").exists()
