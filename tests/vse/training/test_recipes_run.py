"""What each recipe does in a run: what is frozen, what moves, where it starts, who gets how many steps."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from runs import QUICK, SHORT, Weights, fresh, history, moved, recipe, splits, weights
from toy_images import made_vectors

from translator.errors import DataError
from vse.dataset import Captions, Split
from vse.evaluation import evaluate
from vse.model import VSE
from vse.training import train
from vse.training.recipes import Recipe, build
from vse.training.run import Run

TRANSLATOR = {"text.translators.de.weight", "text.translators.de.bias"}
RANDOM = {"de": "random"}
ON = replace(SHORT, hidden=None, joint=None)  # of the sizes of the model it starts from


@pytest.fixture(scope="module")
def start(words: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model of English that knows all there is."""
    folder = tmp_path_factory.mktemp("start") / "run-en"
    train(*splits(images=120), folder, recipe(words, "en"), replace(QUICK, epochs=12))
    return folder


@pytest.fixture(scope="module")
def both(words: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model of English and German."""
    folder = tmp_path_factory.mktemp("both") / "run-both"
    train(*splits(("en", "de")), folder, recipe(words, "en", "de"), SHORT)
    return folder


def state(run: Run) -> Weights:
    return {name: tensor.clone() for name, tensor in run.model.state_dict().items()}


def parameters(run: Run) -> set[str]:
    return {name for name, _ in run.model.named_parameters()}


def held(run: Run) -> set[str]:
    """Names of what the optimiser holds."""
    names = {id(parameter): name for name, parameter in run.model.named_parameters()}
    return {names[id(parameter)] for group in run.optimiser.param_groups for parameter in group["params"]}


def test_frozen_means_frozen_and_afterwards_everything_moves(words: Path) -> None:
    options = replace(SHORT, epochs=4, freeze_epochs=2, weight_decay=0.1)
    asked = recipe(words, "en", "de", ways=RANDOM)
    data, dev = splits(("en", "de"))
    run = Run(build(asked, data, options), data, dev, asked, options)
    seen, optimised = [state(run)], [held(run)]
    entries = []
    for entry in run.epochs():
        entries.append(entry)
        seen.append(state(run))
        optimised.append(held(run))
    assert [moved(seen[at], seen[at + 1]) for at in range(4)] == [TRANSLATOR] * 2 + [parameters(run)] * 2
    assert optimised == [TRANSLATOR] * 3 + [parameters(run)] * 2
    assert set(seen[0]) - parameters(run) == {"image.mean", "image.scale", "text.mean"}
    assert [entry["shares"] for entry in entries] == [{"en": 0, "de": 1}] * 2 + [{"en": 0.5, "de": 0.5}] * 2
    assert run.progress.step == 4 * run.steps


def test_frozen_with_nothing_else_to_learn_is_an_error(words: Path) -> None:
    with pytest.raises(DataError, match="nothing to train") as caught:
        fresh(words, replace(SHORT, freeze_epochs=1), "en")
    assert "freeze_epochs" in caught.value.hint


@pytest.mark.parametrize("frozen", [0, 3])
def test_translators_of_other_languages_stay(words: Path, both: Path, frozen: int) -> None:
    options = replace(SHORT, freeze_epochs=frozen, weight_decay=0.5)
    asked = recipe(words, "fr", start=both)
    data, dev = splits(("fr",))
    run = Run(build(asked, data, options), data, dev, asked, options)
    before = state(run)
    list(run.epochs())
    mine = {name.replace("de", "fr") for name in TRANSLATOR}
    assert moved(before, state(run)) == (mine if frozen else parameters(run) - TRANSLATOR)
    assert all(name in weights(both) for name in TRANSLATOR)


def test_the_pivot_alone_leaves_all_translators(words: Path, both: Path) -> None:
    options = replace(SHORT, weight_decay=0.5)
    asked = Recipe(("en",), start=both)
    data, dev = splits()
    run = Run(build(asked, data, options), data, dev, asked, options)
    before = state(run)
    list(run.epochs())
    assert moved(before, state(run)) == parameters(run) - TRANSLATOR


def test_all_for_one_starts_from_the_very_weights(words: Path, start: Path) -> None:
    data, dev = splits(("de",))
    asked = recipe(words, "de", start=start)
    run = Run(build(asked, data, ON), data, dev, asked, ON)
    at_first, given = state(run), weights(start)
    assert set(at_first) - set(given) == TRANSLATOR
    assert not moved(given, {name: at_first[name] for name in given})
    list(islice(run.epochs(), 2))  # the start, and an epoch
    buffers = set(given) - parameters(run)
    after = state(run)
    assert moved(given, {name: after[name] for name in given}) == set(given) - buffers


def test_the_translator_is_between_the_vectors_and_the_gru(words: Path, start: Path) -> None:
    """German vectors are the English ones turned: with their Translator, words and translations are one."""
    english = splits()[1].captions["en"].texts
    german = [text.replace("enx", "dex") for text in english]
    off = {}
    for way in (words / "de-en", "random", "identity"):
        model = VSE.from_pretrained(start)
        model.add_language("de", words / "de.npz", way)
        cosines = (model.encode_text(english, "en") * model.encode_text(german, "de")).sum(axis=1)
        off[Path(way).name] = 1 - cosines.mean()
    assert off["de-en"] < 1e-4
    assert off["random"] > 0.1 and off["identity"] > 0.1


def test_a_frozen_run_finds_the_translator_of_itself(words: Path, start: Path, tmp_path: Path) -> None:
    options = replace(QUICK, lr=0.03, freeze_epochs=QUICK.epochs, weight_decay=0.1)
    train(
        *splits(("de",), images=120),
        tmp_path / "run",
        recipe(words, "de", ways=RANDOM, start=start),
        options,
    )
    assert history(tmp_path / "run")[-1]["dev"]["de"]["t2i"]["r1"] > 95
    given, kept = weights(start), weights(tmp_path / "run")
    assert not moved(given, {name: kept[name] for name in given})


def test_a_start_that_training_only_worsens_is_kept(words: Path, start: Path, tmp_path: Path) -> None:
    harmful = replace(SHORT, hidden=QUICK.hidden, joint=QUICK.joint, lr=1.0)
    train(*splits(("de",)), tmp_path / "run", recipe(words, "de", start=start), harmful)
    entries = history(tmp_path / "run")
    assert [entry["epoch"] for entry in entries] == [0, 1, 2, 3] and entries[0]["loss"] is None
    assert entries[0]["rsum"] > max(entry["rsum"] for entry in entries[1:])
    given, kept = weights(start), weights(tmp_path / "run")
    assert not moved(given, {name: kept[name] for name in given})


def test_an_auxiliary_language_is_trained_on_but_not_judged(
    words: Path, start: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = recipe(words, "de", start=start, auxiliary=("en",))
    train(*splits(("de", "en")), tmp_path / "run", asked, replace(ON, subset=10))
    config = json.loads((tmp_path / "run" / "config.json").read_text("utf-8"))
    assert config["training"]["train"]["captions"] == {"de": 20, "en": 80}, "the subset is of German only"
    entries = history(tmp_path / "run")
    assert any(entry["dev"]["de"]["rsum"] != entry["dev"]["en"]["rsum"] for entry in entries)
    for entry in entries:
        assert entry["rsum"] == entry["dev"]["de"]["rsum"]
        assert entry["shares"] == ({"de": 0.2, "en": 0.8} if entry["epoch"] else {})


def test_an_auxiliary_language_gets_steps(words: Path, start: Path) -> None:
    asked = recipe(words, "de", start=start, auxiliary=("en", "fr"))
    data, dev = splits(("de", "en", "fr"))
    run = Run(build(asked, data, ON), data, dev, asked, ON)
    before = state(run)
    list(run.epochs())
    assert run.progress.consumed == {"de": 240, "en": 240, "fr": 240}
    assert moved(before, state(run)) == parameters(run)


def uneven() -> tuple[Split, Split]:
    """80 captions in English and 20 in German; in the dev split German has those of 12 of 20 images."""
    cut = []
    for split, kept in zip(splits(("en", "de")), (20, 24), strict=True):
        german = split.captions["de"]
        fewer = Captions(german.texts[:kept], german.images[:kept])
        cut.append(replace(split, captions={**split.captions, "de": fewer}))
    return cut[0], cut[1]


def test_active_sampling_follows_its_formula(words: Path) -> None:
    options = replace(SHORT, epochs=4, steps=20, lr=0.002, sampling="active", tau=0.05, floor=0.2)
    asked = recipe(words, "en", "de", ways=RANDOM)
    data, dev = uneven()
    run = Run(build(asked, data, options), data, dev, asked, options)
    common = replace(
        dev, captions={code: Captions(c.texts[:24], c.images[:24]) for code, c in dev.captions.items()}
    )
    consumed, german = {"en": 0, "de": 0}, []
    expected = {"en": 0.5, "de": 0.5}
    for entry in run.epochs():
        assert entry["shares"] == pytest.approx(expected, rel=1e-12)
        found = evaluate(run.model, common)
        recalls = {code: (m.t2i.r10 + m.i2t.r10) / 200 for code, m in found.items()}
        assert entry["recalls"] == pytest.approx(recalls, rel=1e-12)
        steps = {code: (run.progress.consumed[code] - consumed[code]) / 16 for code in consumed}
        assert steps["en"] + steps["de"] == 20
        assert abs(steps["de"] - 20 * expected["de"]) <= 1
        consumed = dict(run.progress.consumed)
        odds = {code: math.exp(-recall / 0.05) for code, recall in recalls.items()}
        expected = {code: 0.2 / 2 + 0.8 * odd / sum(odds.values()) for code, odd in odds.items()}
        assert (recalls["de"] < recalls["en"]) == (expected["de"] > expected["en"]), "who lags gets more"
        german.append(expected["de"])
    assert max(german) - min(german) > 0.1


@pytest.mark.parametrize(("sampling", "german"), [("proportional", 0.2), ("uniform", 0.5), ("active", 0.5)])
@pytest.mark.parametrize("steps", [None, 7])
def test_every_strategy_has_the_same_budget(
    words: Path, sampling: Any, german: float, steps: int | None
) -> None:
    asked = recipe(words, "en", "de")
    options = replace(SHORT, epochs=2, sampling=sampling, steps=steps)
    data, dev = uneven()
    run = Run(build(asked, data, options), data, dev, asked, options)
    entries = list(run.epochs())
    assert run.progress.step == 2 * (steps or 5 + 2)
    assert entries[0]["shares"]["de"] == pytest.approx(german)


def test_vectors_in_memory_make_a_model_that_is_whole(tmp_path: Path) -> None:
    asked = Recipe(("en", "de"), {code: made_vectors(code) for code in ("en", "de")}, RANDOM)
    data, dev = splits(("en", "de"))
    model = train(data, dev, tmp_path / "run", asked, SHORT)
    texts = data.captions["de"].texts[:5]
    read = VSE.from_pretrained(tmp_path / "run").encode_text(texts, "de")
    np.testing.assert_allclose(read, model.encode_text(texts, "de"), atol=2e-3)  # copies have 16 bits


def test_features_of_another_width_do_not_fit_the_start(words: Path, start: Path) -> None:
    data, dev = splits(("de",))
    asked = recipe(words, "de", start=start)
    for wide in ("train", "dev"):
        given = {
            split.name: replace(split, features=np.ones((len(split.ids), 13), np.float32))
            if split.name == wide
            else split
            for split in (data, dev)
        }
        with pytest.raises(DataError, match=rf"split '{wide}': .* of width 13, the model takes 12"):
            Run(build(asked, given["train"], ON), given["train"], given["dev"], asked, ON)


@pytest.mark.parametrize(
    ("name", "value"), [("hidden", 8), ("joint", 8), ("pooling", "mean"), ("bidirectional", True)]
)
def test_a_start_keeps_its_shape(words: Path, start: Path, name: str, value: Any) -> None:
    asked, (data, _) = recipe(words, "de", start=start), splits(("de",))
    with pytest.raises(DataError, match=f"{name} {value}: the model to start from has "):
        build(asked, data, replace(ON, **{name: value}))
    same = VSE.from_pretrained(start).architecture
    kept = build(asked, data, replace(ON, **{name: getattr(same, name)}))
    assert kept.architecture == same


def test_vectors_in_memory_are_not_passed_over(start: Path) -> None:
    asked, (data, _) = Recipe(("en",), {"en": made_vectors("en")}, start=start), splits()
    with pytest.raises(DataError, match="in memory for 'en', which the model to start from has already"):
        build(asked, data, ON)


def test_an_auxiliary_language_needs_dev_captions_for_active_sampling_alone(
    words: Path, start: Path, tmp_path: Path
) -> None:
    asked = recipe(words, "de", start=start, auxiliary=("en",))
    data, dev = splits(("de", "en"))
    train(data, dev.only(["de"]), tmp_path / "run", asked, ON)
    assert {tuple(entry["dev"]) for entry in history(tmp_path / "run")} == {("de",)}
    with pytest.raises(DataError, match=r"no captions in .*en"):
        train(data, dev.only(["de"]), tmp_path / "active", asked, replace(ON, sampling="active"))


def test_the_pivot_takes_no_translator(words: Path, start: Path) -> None:
    for more in ({}, {"start": start}):
        asked = Recipe(("en",), {"en": words / "en.npz"}, {"en": "random"}, **more)
        with pytest.raises(DataError, match="'en', the pivot"):
            build(asked, splits()[0], ON)
