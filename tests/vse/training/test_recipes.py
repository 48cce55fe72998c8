"""What a run starts from, and what is said when something is missing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from toy_images import made_split, saved_translator, saved_vectors

from translator import DataError
from vse.evaluation import common_gallery
from vse.model import VSE
from vse.training.options import TrainingOptions
from vse.training.recipes import Recipe, build

SMALL = TrainingOptions(hidden=6, joint=5)


def files(folder: Path, *codes: str) -> dict[str, Path]:
    return {code: saved_vectors(folder, code) for code in codes}


def test_image_features_are_standardised_by_the_training_images_alone(tmp_path: Path) -> None:
    train = made_split(languages=("en",)).subset(15, 0)
    model = build(Recipe(("en",), files(tmp_path, "en")), train, SMALL)
    rows = train.features[np.unique(train.captions["en"].images)].astype(np.float64)
    assert len(rows) == 15
    assert np.allclose(model.image.mean, rows.mean(axis=0), atol=1e-6)
    assert np.allclose(model.image.scale, 1 / rows.std(axis=0), rtol=1e-4)


def test_all_for_one_swaps_only_the_word_embeddings(tmp_path: Path) -> None:
    train, vectors = made_split(), files(tmp_path, "en")
    start = build(Recipe(("en",), vectors), train, SMALL)
    start.save_pretrained(tmp_path / "run-en")
    way = saved_translator(tmp_path)
    recipe = Recipe(("de",), {"de": tmp_path / "de.npz"}, {"de": way}, start=tmp_path / "run-en")
    model = build(recipe, train, TrainingOptions(random_state=5))
    state = model.state_dict()
    assert all(torch.equal(tensor, state[name]) for name, tensor in start.state_dict().items())
    assert {name for name in state if name not in start.state_dict()} == {
        f"text.translators.de.{part}" for part in ("weight", "bias")
    }
    assert list(model.languages) == ["en", "de"] and model.pivot == "en"


@pytest.mark.parametrize(
    ("named", "message"),
    [
        ({"languages": ()}, "no language"),
        ({"languages": ("en", "en")}, "named twice"),
        ({"languages": ("en", "de")}, "no word vectors for 'de'"),
        ({"languages": ("de",)}, "embeddings for 'en'"),
        ({"languages": ("en",), "translators": {"en": "random"}}, "the pivot"),
        ({"languages": ("en",), "translators": {"fr": "random"}}, "a Translator for 'fr'"),
    ],
)
def test_what_is_missing_is_named(tmp_path: Path, named: dict[str, Any], message: str) -> None:
    with pytest.raises(DataError, match=message):
        build(Recipe(**{"embeddings": files(tmp_path, "en"), **named}), made_split(), SMALL)


def test_a_language_without_a_way_into_the_pivot(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="needs a Translator into") as caught:
        build(Recipe(("en", "de"), files(tmp_path, "en", "de")), made_split(), SMALL)
    assert 'translators={"de": FOLDER}' in caught.value.hint


def test_galleries_are_cut_to_one_size() -> None:
    split = made_split().subset(10, 0, ["de"])
    cut = common_gallery(split)
    assert {code: len(np.unique(found.images)) for code, found in cut.captions.items()} == {
        "en": 10,
        "de": 10,
    }
    assert cut.captions["en"].texts == split.captions["en"].texts[:20]


def test_options_check_themselves() -> None:
    wrong: list[dict[str, Any]] = [
        *({name: 0} for name in ("steps", "subset", "lr", "tau")),
        *(
            {name: -1}
            for name in (
                "epochs",
                "patience",
                "random_state",
                "weight_decay",
                "clip",
                "margin",
                "freeze_epochs",
            )
        ),
        *({name: float("nan")} for name in ("lr", "clip", "margin", "weight_decay", "floor", "warm_up")),
        *(
            {"dropout": 1.0},
            {"schedule": "steep"},
            {"precision": "float16"},
            {"floor": 2.0},
            {"batch": 1},
            {"clip": float("inf")},
        ),
    ]
    for one in wrong:
        with pytest.raises(DataError, match=next(iter(one))):
            TrainingOptions(**one)


def test_rates_follow_their_schedules() -> None:
    cosine = TrainingOptions(lr=1.0, warm_up=0.1)
    assert cosine.rate(0, 100) == pytest.approx(0.1)
    assert cosine.rate(50, 100) == pytest.approx(0.5)
    assert cosine.rate(99, 100) < 1e-3
    step = TrainingOptions(lr=1.0, schedule="step", warm_up=0.0)
    assert [step.rate(at, 100) for at in (0, 49, 50, 99)] == pytest.approx([1, 1, 0.1, 0.1])
    assert TrainingOptions(lr=1.0, schedule="constant", warm_up=0.0).rate(99, 100) == 1


def test_the_model_forgets_nothing_it_is_not_asked_to(tmp_path: Path) -> None:
    build(Recipe(("en",), files(tmp_path, "en")), made_split(), SMALL).save_pretrained(tmp_path / "run")
    assert isinstance(build(Recipe(("en",), start=tmp_path / "run"), made_split(), SMALL), VSE)
