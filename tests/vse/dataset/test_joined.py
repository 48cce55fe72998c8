"""All images of a folder with all their captions, from several splits of either layout."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from splits_on_disk import pairs, rows_of
from toy_images import made_split

from translator.errors import DataError
from vse import Split, write_split
from vse.dataset.joined import everything


def test_every_image_keeps_its_features_and_captions(tmp_path: Path) -> None:
    train, dev = made_split(5, 2), made_split(3, 1, ("de",), random_state=1)
    write_split(train, tmp_path)
    write_split(Split("dev", [f"d{row}" for row in range(3)], dev.features, dev.captions), tmp_path)
    whole = everything(tmp_path)
    assert whole.name == "all" and list(whole.ids) == ["d0", "d1", "d2", *train.ids]
    assert np.array_equal(whole.features, np.concatenate([dev.features, train.features]))
    assert pairs(whole, "en") == pairs(train, "en")
    german = [(f"d{row}", text) for row, text in enumerate(dev.captions["de"].texts)]
    assert pairs(whole, "de") == german + pairs(train, "de")
    assert list(everything(tmp_path, languages=["en"]).captions) == ["en"]
    assert not everything(tmp_path, languages=[]).captions
    with pytest.raises(DataError, match="no captions in fr\nLanguages there are: de, en"):
        everything(tmp_path, languages=["fr"])


def test_ids_that_two_splits_share_name_their_split(tmp_path: Path) -> None:
    for name in ("train", "test"):
        np.save(tmp_path / f"{name}_ims.npy", rows_of(2))
    whole = everything(tmp_path)
    assert list(whole.ids) == ["test/0", "test/1", "train/0", "train/1"] and not whole.captions


def test_what_cannot_be_joined(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="has no images"):
        everything(tmp_path)
    np.save(tmp_path / "train_ims.npy", rows_of(2, 3))
    with pytest.raises(DataError, match="Leave `captions` out"):
        everything(tmp_path, "captions.csv")
    assert isinstance(everything(tmp_path).features, np.memmap), "a single split is not copied"
    np.save(tmp_path / "dev_ims.npy", rows_of(2, 4))
    with pytest.raises(DataError, match="width of their image features: dev 4, train 3"):
        everything(tmp_path)
