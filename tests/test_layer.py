"""The layer against numpy: orientation, recipes, spaces, the way back, composition and freezing."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import numpy as np
import pytest
from toys import dictionary, gaussian, rotated, rotation

torch = pytest.importorskip("torch")

from translator.alignment.affine import SideMap  # noqa: E402
from translator.errors import DataError  # noqa: E402
from translator.export import LinearMap, Space  # noqa: E402
from translator.layer import Translator  # noqa: E402
from translator.options import Options  # noqa: E402
from translator.pipeline import align  # noqa: E402
from translator.vectors import Floats, WordVectors  # noqa: E402
from translator.vectors.normalize import Normalizer, parse_normalization, unit_rows  # noqa: E402

UNSEEN = gaussian(9, 8, 7)


def side(recipe: str, seed: int, matrix: Floats | None = None) -> SideMap:
    normalizer = Normalizer.fit(gaussian(60, 8, seed), parse_normalization(recipe))
    return SideMap(normalizer, rotation(8, seed) if matrix is None else matrix)


def between(source: SideMap, target: SideMap, space: Space = "shared") -> Translator:
    return Translator.from_affine(**vars(LinearMap.between(source, target, space)))


def run(layer: Any, rows: Floats) -> Floats:
    with torch.no_grad():
        mapped: Floats = layer(torch.from_numpy(rows)).numpy()
    return mapped


def plain(layer: Translator) -> Any:
    """A stock ``torch.nn.Linear`` with the exported state."""
    linear = torch.nn.Linear(layer.in_features, layer.out_features)
    linear.load_state_dict(layer.state_dict(), strict=True)
    return linear


def test_orientation_is_that_of_numpy() -> None:
    weight, bias = gaussian(5, 8, 0), gaussian(5, 1, 1)[:, 0]
    layer = Translator.from_affine(weight, bias)
    assert (layer.in_features, layer.out_features) == (8, 5) and isinstance(layer, torch.nn.Linear)
    np.testing.assert_allclose(run(layer, UNSEEN), UNSEEN @ weight.T + bias, atol=1e-5)
    np.testing.assert_allclose(run(layer, UNSEEN[0]), UNSEEN[0] @ weight.T + bias, atol=1e-5)
    assert run(layer, UNSEEN[None, :, :]).shape == (1, 9, 5)


@pytest.mark.parametrize(
    "recipe", ["center,unit", "none", "center", "unit", "unit,center,unit", "unit,center"]
)
def test_the_layer_points_where_the_map_does(recipe: str) -> None:
    one = side(recipe, 0, gaussian(8, 5, 1))
    layer = between(one, side(recipe, 2))
    np.testing.assert_allclose(unit_rows(run(layer, UNSEEN)), one.apply(UNSEEN), atol=1e-5)
    assert layer.unit_input == (recipe.startswith("unit,"))
    rows = unit_rows(UNSEEN) if layer.unit_input else UNSEEN
    assert set(layer.state_dict()) == {"weight", "bias"}
    np.testing.assert_allclose(unit_rows(run(plain(layer), rows)), one.apply(UNSEEN), atol=1e-5)


@pytest.mark.parametrize("scale", [1, 50])
@pytest.mark.parametrize("recipe", ["center,unit", "none"])
def test_the_target_space_is_that_of_the_raw_target_vectors(scale: int, recipe: str) -> None:
    source, target = rotated(200, 8)
    raw = WordVectors(target.words, scale * target.matrix)
    alignment = align(
        source, raw, dictionary(range(150)), Options(refine="none", normalization=parse_normalization(recipe))
    )
    layer = Translator.from_alignment(alignment, space="target")
    mapped = run(layer, source.matrix)
    cosines = np.einsum("ij,ij->i", unit_rows(mapped), unit_rows(raw.matrix))
    assert cosines.min() > 0.999
    np.testing.assert_allclose(mapped, raw.matrix, atol=scale * 1e-2)


def test_the_shared_space_has_mapped_words_of_length_one_on_average() -> None:
    source, target = rotated(200, 8)
    layer = Translator.from_alignment(align(source, target, dictionary(range(100))))
    assert np.linalg.norm(run(layer, source.matrix), axis=1).mean() == pytest.approx(1, abs=1e-4)


def test_a_recipe_that_does_not_fold() -> None:
    with pytest.raises(DataError, match="no affine map can"):
        between(side("center,unit,center", 0), side("none", 1))


@pytest.mark.parametrize("recipe", ["center,unit", "unit,center,unit"])
def test_the_inverse_is_the_way_back(recipe: str) -> None:
    layer = between(side(recipe, 0), side(recipe, 1), "target")
    rows = unit_rows(UNSEEN) if layer.unit_input else UNSEEN
    np.testing.assert_allclose(run(layer.inverse(), run(layer, UNSEEN)), rows, atol=1e-4)
    assert not layer.inverse().unit_input


@pytest.mark.parametrize("weight", [gaussian(5, 8), gaussian(8, 6, 0) @ gaussian(6, 8, 1)])
def test_no_inverse(weight: Floats) -> None:
    layer = Translator.from_affine(weight, np.zeros(len(weight), np.float32))
    with pytest.raises(DataError, match=r"a Translator of shape .* has no inverse"):
        layer.inverse()


def test_english_to_german_to_french_is_one_layer() -> None:
    english, german, french = (side("center,unit", seed) for seed in range(3))
    first = between(english, german, "target")
    second = between(german, french, "target")
    np.testing.assert_allclose(run(first.then(second), UNSEEN), run(second, run(first, UNSEEN)), atol=1e-4)
    scaled = between(side("unit,center", 0), german, "target")
    np.testing.assert_allclose(run(scaled.then(second), UNSEEN), run(second, run(scaled, UNSEEN)), atol=1e-4)


def test_a_chain_ends_where_its_last_layer_ends() -> None:
    """Or a mean would be taken off twice, or not at all, where the end is looked at."""
    centred = side("center,unit", 2, np.eye(8, dtype=np.float32))
    first = between(side("center,unit", 0), side("center,unit", 1), "target")
    for last, space in (
        (side("center,unit", 2), "target"),
        (side("center,unit", 2), "shared"),
        (centred, "shared"),
    ):
        following = between(side("center,unit", 1), last, space)
        assert first.then(following).ends == following.ends
        if space == "shared":
            with pytest.raises(DataError, match=f"this one ends in the {following.ends} space") as caught:
                following.then(first)
            assert "space='target'" in caught.value.hint


@pytest.mark.parametrize(
    ("recipe", "end"),
    [
        ("none", "shared"),
        ("unit", "shared"),
        ("center", "centred"),
        ("center,unit", "centred"),
        ("unit,center", "shared"),
        ("unit,center,unit", "shared"),
    ],
)
def test_only_what_takes_the_raw_mean_off_ends_centred(recipe: str, end: str) -> None:
    still = side(recipe, 1, 3 * np.eye(8, dtype=np.float32))
    assert between(side(recipe, 0), still).ends == end
    assert between(side(recipe, 0), side(recipe, 1)).ends == "shared"
    if still.unit_input:
        return
    mapped = still.affine()
    centred = UNSEEN - still.normalizer.offset
    cosines = unit_rows(UNSEEN @ mapped[0].T + mapped[1]) * unit_rows(centred)
    np.testing.assert_allclose(cosines.sum(axis=1), 1, atol=1e-5)
    assert (end == "centred") == bool(np.abs(still.normalizer.offset).max() > 0)


def test_layers_that_do_not_compose() -> None:
    layer = between(side("center", 0), side("center", 1), "target")
    with pytest.raises(DataError, match="has 8 output dimensions, the next takes 5"):
        layer.then(Translator(5, 8))
    with pytest.raises(DataError, match="the next layer scales its input"):
        layer.then(Translator(8, 8, unit_input=True))


@pytest.mark.parametrize("optimiser", ["SGD", "AdamW"])
def test_frozen_weights_are_the_same_bits_after_a_step_and_unfrozen_ones_move(optimiser: str) -> None:
    layer = between(side("center,unit", 0), side("center,unit", 1))
    model = torch.nn.Sequential(layer, torch.nn.Linear(8, 2))

    def step() -> tuple[Floats, Floats]:
        trained = [parameter for parameter in model.parameters() if parameter.requires_grad]
        made = getattr(torch.optim, optimiser)(trained, lr=0.1, weight_decay=0.1)
        model(torch.from_numpy(UNSEEN)).square().sum().backward()
        made.step()
        made.zero_grad()
        return layer.weight.detach().numpy().copy(), layer.bias.detach().numpy().copy()

    before, head = layer.weight.detach().numpy().copy(), model[1].weight.detach().numpy().copy()
    assert layer.freeze() is layer
    weight, _ = step()
    assert weight.tobytes() == before.tobytes() and not np.array_equal(model[1].weight.detach().numpy(), head)
    assert layer.unfreeze() is layer
    weight, bias = step()
    assert not np.array_equal(weight, before) and layer.weight.requires_grad and bias.shape == (8,)


@pytest.mark.parametrize("unit_input", [False, True])
def test_copies_and_pickles_are_the_same_layer(unit_input: bool) -> None:
    layer = Translator(8, 5, unit_input=unit_input)
    for twin in (copy.deepcopy(layer), copy.copy(layer), pickle.loads(pickle.dumps(layer))):
        assert type(twin) is Translator and twin.unit_input == unit_input
        assert np.array_equal(run(twin, UNSEEN), run(layer, UNSEEN))
