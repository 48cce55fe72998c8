"""Training from end to end: what is learnt, which epoch is kept, what is written and what is refused."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pytest
import torch
from runs import QUICK, SHORT, checkpointed, history, metrics, moved, recipe, splits, weights
from toy_images import made_split

from translator.errors import DataError
from vse.evaluation import evaluate
from vse.model import VSE
from vse.training import train


@pytest.fixture(scope="module")
def short(words: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished short run."""
    folder = tmp_path_factory.mktemp("short") / "run"
    train(*splits(), folder, recipe(words, "en"), SHORT)
    return folder


@pytest.mark.parametrize("languages", [("en",), ("en", "de")], ids="+".join)
def test_all_there_is_to_learn_is_learnt(words: Path, tmp_path: Path, languages: tuple[str, ...]) -> None:
    data, dev = (
        made_split(120, 3, languages),
        replace(made_split(40, 2, languages, random_state=1), name="dev"),
    )
    train(data, dev, tmp_path / "run", recipe(words, *languages), QUICK)
    found = evaluate(VSE.from_pretrained(tmp_path / "run"), dev)
    assert set(found) == set(languages)
    assert all(min(one.t2i.r1, one.i2t.r1) > 95 for one in found.values()), found


def test_one_seed_one_result_another_seed_another(words: Path, tmp_path: Path, short: Path) -> None:
    for name, seed in (("same", 0), ("other", 10**20)):
        train(*splits(), tmp_path / name, recipe(words, "en"), replace(SHORT, random_state=seed))
    for file in ("model.safetensors", "history.jsonl", "config.json", "README.md"):
        assert (tmp_path / "same" / file).read_bytes() == (short / file).read_bytes()
    assert moved(weights(short), weights(tmp_path / "other")) > {"image.linear.weight", "text.gru.bias_hh_l0"}


def test_what_is_written(words: Path, short: Path) -> None:
    assert {path.name for path in short.iterdir()} == {
        "README.md",
        "config.json",
        "history.jsonl",
        "model.safetensors",
    }
    entries = history(short)
    assert [entry["epoch"] for entry in entries] == [1, 2, 3]
    assert all(
        set(entry) == {"epoch", "loss", "gradient", "shares", "rsum", "best", "recalls", "dev"}
        for entry in entries
    )
    training = json.loads((short / "config.json").read_text("utf-8"))["training"]
    assert training["options"] == asdict(SHORT)
    assert (training["languages"], training["auxiliary"], training["start"]) == (["en"], [], None)
    assert training["train"]["captions"] == {"en": 80} and training["dev"]["images"] == 20


def test_the_model_that_is_returned_is_the_one_that_is_written(words: Path, tmp_path: Path) -> None:
    seen: list[int] = []
    model = train(
        *splits(),
        tmp_path / "run",
        recipe(words, "en"),
        SHORT,
        report=lambda entry: seen.append(entry["epoch"]),
    )
    read = VSE.from_pretrained(tmp_path / "run")
    assert moved(dict(model.state_dict()), dict(read.state_dict())) == set()
    assert not model.training and all(parameter.requires_grad for parameter in model.parameters())
    assert seen == [1, 2, 3]


def test_the_metrics_are_those_of_the_weights_kept(short: Path) -> None:
    config = json.loads((short / "config.json").read_text("utf-8"))
    entry = history(short)[config["training"]["best_epoch"] - 1]
    assert entry["rsum"] == max(one["rsum"] for one in history(short))
    assert config["metrics"] == entry["dev"]
    found = evaluate(VSE.from_pretrained(short), splits()[1])["en"]
    assert found.to_json() == entry["dev"]["en"]


@pytest.fixture
def scripted(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Let the dev split be judged by a list of recalls, an epoch each."""

    def judged_by(*recalls: float) -> None:
        left: Iterator[float] = iter(recalls)
        monkeypatch.setattr(
            "vse.training.run.evaluate",
            lambda model, split: dict.fromkeys(split.captions, metrics(next(left))),
        )

    return judged_by


def test_the_first_of_the_best_epochs_is_kept(words: Path, tmp_path: Path, scripted: Any) -> None:
    scripted(20, 50, 40, 50, 10)
    after: list[Any] = []
    train(
        *splits(),
        tmp_path / "run",
        recipe(words, "en"),
        replace(SHORT, epochs=5),
        report=lambda entry: after.append(checkpointed(tmp_path / "run")),
    )
    assert [entry["best"] for entry in history(tmp_path / "run")] == [1, 2, 2, 2, 2]
    kept = weights(tmp_path / "run")
    assert [not moved(kept, one) for one in after] == [False, True, False, False, False]


@pytest.mark.parametrize(
    ("patience", "recalls", "epochs"),
    [
        (0, [50, 40, 30, 20, 10, 0], 6),
        (1, [50, 60, 55, 70, 80, 90], 3),
        (2, [50, 60, 55, 65, 60, 65], 6),
        (2, [50, 50, 50, 90, 90, 90], 3),
    ],
)
def test_training_stops_when_patience_ends(
    words: Path, tmp_path: Path, scripted: Any, patience: int, recalls: list[float], epochs: int
) -> None:
    scripted(*recalls)
    train(*splits(), tmp_path / "run", recipe(words, "en"), replace(SHORT, epochs=6, patience=patience))
    assert len(history(tmp_path / "run")) == epochs


def test_patience_begins_when_everything_learns(
    words: Path, tmp_path: Path, scripted: Any, short: Path
) -> None:
    scripted(50, 90, 50, 40, 30, 20, 10)  # the best comes while all but the Translator is frozen
    options = replace(SHORT, epochs=6, patience=2, freeze_epochs=3)
    train(*splits(("de",)), tmp_path / "run", recipe(words, "de", start=short), options)
    assert [entry["epoch"] for entry in history(tmp_path / "run")] == [0, 1, 2, 3, 4, 5]


def test_divergence_is_reported(words: Path, tmp_path: Path) -> None:
    options = replace(SHORT, lr=1e37, schedule="constant", warm_up=0, weight_decay=1e3)
    with pytest.raises(DataError, match="diverged") as caught:
        train(*splits(), tmp_path / "run", recipe(words, "en"), options)
    assert "learning rate" in caught.value.hint or "`lr`" in caught.value.hint
    assert not (tmp_path / "run" / "config.json").exists()


@pytest.mark.parametrize(
    ("lay", "message"),
    [
        (lambda run: run.write_text("mine"), "is a file"),
        (lambda run: run.mkdir() or (run / "notes.txt").write_text("mine"), "is not empty"),
        (lambda run: run.mkdir() or (run / "checkpoint.safetensors").touch(), "unfinished run"),
    ],
)
def test_nothing_of_the_users_is_replaced(words: Path, tmp_path: Path, lay: Any, message: str) -> None:
    lay(tmp_path / "run")
    before = {path: path.is_file() and path.read_bytes() for path in tmp_path.rglob("*")}
    with pytest.raises(DataError, match=message):
        train(*splits(), tmp_path / "run", recipe(words, "en"), SHORT)
    assert {path: path.is_file() and path.read_bytes() for path in tmp_path.rglob("*")} == before


def test_a_run_needs_a_place(words: Path, tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no such folder"):
        train(*splits(), tmp_path / "nowhere" / "run", recipe(words, "en"), SHORT)


def test_an_empty_folder_will_do(words: Path, tmp_path: Path, short: Path) -> None:
    (tmp_path / "run").mkdir()
    train(*splits(), tmp_path / "run", recipe(words, "en"), SHORT)
    assert not moved(weights(tmp_path / "run"), weights(short))


@pytest.mark.parametrize("which", [0, 1])
def test_a_language_without_captions_is_reported(words: Path, tmp_path: Path, which: int) -> None:
    data = [*splits(("en", "de"))]
    data[which] = data[which].only(["en"])
    with pytest.raises(DataError, match="no captions in de"):
        train(data[0], data[1], tmp_path / "run", recipe(words, "en", "de"), SHORT)
    assert not (tmp_path / "run").exists()


def test_the_random_numbers_of_the_caller_go_on_as_before(words: Path, tmp_path: Path) -> None:
    torch.manual_seed(7)
    expected = torch.rand(3)
    torch.manual_seed(7)
    train(*splits(), tmp_path / "run", recipe(words, "en"), replace(SHORT, epochs=1))
    assert torch.equal(torch.rand(3), expected)
