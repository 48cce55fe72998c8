"""Search of captions next to images: scores on one scale, images without captions, and what fits."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from runs import QUICK, recipe, splits
from toy_images import made_split, made_vectors, word

from translator import DataError, FormatError, WordVectors
from translator.vectors import Floats
from translator.vectors.normalize import unit_rows
from vse import VSE, Captions, ImageIndex, Split, train
from vse.caption_search import WEIGHT, EncodedCaptions
from vse.search import Levels, mixed
from vse.words.embeddings import Embeddings
from vse.words.recognised import recognised


def rows(n: int, seed: int) -> Floats:
    return unit_rows(np.random.default_rng(seed).standard_normal((n, 12)).astype(np.float32))


def made_index(images: Floats, languages: tuple[str, ...] = ("en",), each: int = 2) -> ImageIndex:
    """An index of images with ``each`` captions in every language."""
    owners = np.repeat(np.arange(len(images)), each)
    parts = [
        (code, [f"{code} {place}" for place in range(len(owners))], owners, rows(len(owners), seed))
        for seed, code in enumerate(languages, 10)
    ]
    return ImageIndex(images, [f"i{row}" for row in range(len(images))], captions=EncodedCaptions.of(parts))


@pytest.fixture(scope="module")
def model(words: Path, tmp_path_factory: pytest.TempPathFactory) -> VSE:
    """A model of English."""
    data, dev = splits(("en",), images=120)
    return train(data, dev, tmp_path_factory.mktemp("model") / "run", recipe(words, "en"), QUICK)


def z(scores: Floats) -> Floats:
    result: Floats = (scores - scores.mean()) / scores.std()
    return result


def test_scores_are_those_of_a_loop() -> None:
    index, query = made_index(rows(30, 0), ("en", "de")), rows(1, 1)
    captions = index.captions
    assert captions is not None
    cosines, codes = captions.embeddings @ query[0], np.array(captions.languages)
    scaled = np.where(codes == "en", z_of(cosines, codes == "en"), z_of(cosines, codes == "de"))
    best = [max(np.flatnonzero(captions.images == row), key=lambda p: scaled[p]) for row in range(30)]
    expected = (1 - WEIGHT) * z(index.embeddings @ query[0]) + WEIGHT * z(cosines[best])
    hits = index.search(query, 30)[0]
    assert [hit.row for hit in hits] == np.argsort(-expected).tolist()
    np.testing.assert_allclose([hit.score for hit in hits], np.sort(expected)[::-1], rtol=1e-4, atol=1e-5)
    for hit in hits:
        of_image = np.flatnonzero(captions.images == hit.row)
        assert hit.caption == captions.texts[of_image[np.argmax(cosines[of_image])]]
    for hit in index.search(query, 30, "captions")[0]:
        assert hit.score == pytest.approx(cosines[best[hit.row]], abs=1e-6)
    for hit in index.search(query, 30, "images")[0]:
        assert hit.score == pytest.approx(index.embeddings[hit.row] @ query[0], abs=1e-6)


def z_of(scores: Floats, chosen: np.ndarray) -> Floats:
    return (scores - scores[chosen].mean()) / scores[chosen].std()


def halved(split: Split) -> tuple[Split, np.ndarray]:
    """The split without the captions of every other image, and which images keep theirs."""
    keep = np.arange(len(split)) % 2 == 0
    captions = split.captions["en"]
    places = np.flatnonzero(keep[captions.images])
    left = Captions([captions.texts[place] for place in places], captions.images[places])
    return replace(split, captions={"en": left}), keep


def test_images_without_captions_are_ranked_as_fairly_as_before(model: VSE) -> None:
    """Half of the captions removed: images without lose nothing by the captions of others."""
    split = made_split(200, 2, ("en",), random_state=3)
    noise = np.random.default_rng(0).normal(0, 0.7, split.features.shape).astype(np.float32)
    noisy = replace(split, features=split.features + noise)  # or images alone would do
    whole, (half, keep) = model.index(noisy), halved(noisy)
    captions = split.captions["en"]
    queries = model.encode_text([captions.texts[place] for place in range(1, 400, 2)], "en")

    def ranks(index: ImageIndex, by: str) -> np.ndarray:
        found = index.search(queries, 200, by)  # type: ignore[arg-type]
        return np.array([[hit.row for hit in hits].index(row) for row, hits in enumerate(found)])

    images, both, mixture = ranks(whole, "images"), ranks(whole, "both"), ranks(model.index(half), "both")
    assert (both < 5).mean() > (images < 5).mean() + 0.1, "captions help"
    assert (mixture[keep] < 5).mean() > (images[keep] < 5).mean() + 0.05
    assert (mixture[~keep] < 5).mean() > (images[~keep] < 5).mean() - 0.1, "and do not harm the others"
    assert (
        0.3
        < np.mean([keep[hit.row] for hits in model.index(half).search(rows32(200), 10) for hit in hits])
        < 0.7
    )


def rows32(n: int) -> Floats:
    return unit_rows(np.random.default_rng(5).standard_normal((n, 32)).astype(np.float32))


def test_an_image_without_captions_is_scored_by_its_image() -> None:
    images, query = rows(20, 0), rows(1, 2)
    captions = EncodedCaptions.of([("en", ["a", "b", "c"], np.array([3, 3, 7]), rows(3, 4))])
    index = ImageIndex(images, captions=captions)
    scores = {hit.row: hit.score for hit in index.search(query, 20)[0]}
    alone = z(images @ query[0])
    without = [row for row in range(20) if row not in (3, 7)]
    np.testing.assert_allclose([scores[row] for row in without], alone[without], rtol=1e-4, atol=1e-5)
    assert {hit.row for hit in index.search(query, 20, "captions")[0]} == {3, 7}
    assert all((hit.caption is None) == (hit.row in without) for hit in index.search(query, 20)[0])


def test_an_index_is_kept(tmp_path: Path) -> None:
    index, query = made_index(rows(30, 0), ("en", "de")), rows(3, 1)
    index.levels["en"] = Levels(0.25, 0.5)
    index.save(tmp_path / "x.npy")
    again = ImageIndex.load(tmp_path / "x.npy")
    assert again.search(query, 5) == index.search(query, 5) and again.levels == index.levels
    about = json.loads((tmp_path / "x.json").read_text("utf-8"))
    about["captions"]["texts"].pop()
    (tmp_path / "x.json").write_text(json.dumps(about), "utf-8")
    with pytest.raises(FormatError, match=r"x\.captions\.npy: does not fit"):
        ImageIndex.load(tmp_path / "x.npy")
    replace(index, captions=None).save(tmp_path / "x.npy")
    assert ImageIndex.load(tmp_path / "x.npy").captions is None


def test_what_cannot_be_searched() -> None:
    index = ImageIndex(rows(4, 0))
    for by, message in (
        ("captions", "no encoded captions"),
        ("both", "no encoded"),
        ("x", "expected one of"),
    ):
        with pytest.raises(DataError, match=message):
            index.search(rows(1, 1), 2, by)  # type: ignore[arg-type]
    with pytest.raises(DataError, match="no image has the id 'x'; ids are such as '0'"):
        index.row("x")
    with pytest.raises(DataError, match="a caption of image row 9: 4 images"):
        ImageIndex(rows(4, 0), captions=EncodedCaptions(rows(1, 1), ["a"], ["en"], np.array([9])))
    with pytest.raises(DataError, match="do not fit each other"):
        EncodedCaptions(rows(2, 1), ["a"], ["en"], np.array([0]))


def test_a_threshold_leaves_out_what_is_below() -> None:
    index, query = made_index(rows(30, 0)), rows(1, 1)
    hits = index.search(query, 30)[0]
    assert index.search(query, 30, threshold=hits[4].score)[0] == hits[:5]


def test_queries_are_added_and_subtracted() -> None:
    one, other = rows(1, 0), rows(1, 1)
    sum_of = one[0] - other[0]
    np.testing.assert_allclose(mixed(one, other), sum_of / np.linalg.norm(sum_of), rtol=1e-5, atol=1e-6)
    with pytest.raises(DataError, match="nothing is left"):
        mixed(one, one)


def test_what_random_texts_reach_fits_nothing(model: VSE) -> None:
    split = made_split(60, 2, ("en",), random_state=3)
    index = model.index(split)
    levels = model.levels(index)
    assert levels == index.levels["en"] == model.levels(index) and levels.captions is not None
    shown = model.encode_text(split.captions["en"].texts[:20])
    others = model.encode_text([f"{word('en', n)} {word('en', n + 20)}" for n in range(20, 39)])
    assert np.mean(index.fits(shown, levels)) > 0.8 > 0.4 > np.mean(index.fits(others, levels))
    assert index.fits(shown[:1], Levels(2.0, 2.0)) == [False]


def test_how_words_are_known() -> None:
    class Guessing(WordVectors):
        """Vectors for strange words, too."""

        def embed(self, words: object) -> Floats:
            return np.stack([np.ones(16, np.float32) * (w != "none") for w in words])  # type: ignore[attr-defined]

    vectors = made_vectors("en")
    source = Embeddings.open("en", Guessing(vectors.words, vectors.matrix))
    found = recognised([f"{word('en', 1)} strange none", ""], source)
    assert (found[0].whole, found[0].subwords, found[0].unknown) == (
        (word("en", 1),),
        ("strange",),
        ("none",),
    )
    assert found[0].share == pytest.approx(1 / 3) and found[1].share == 0 and found[0].through == "map"
