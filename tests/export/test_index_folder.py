"""The folder for vector databases: read back with numpy alone, it ranks as ``translate`` does."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from toys import assert_same_order, dictionary, rotated

from translator.alignment import Alignment
from translator.errors import DataError, MissingDependencyError
from translator.export.index_folder import export_index
from translator.layer import Translator
from translator.options import Options
from translator.pipeline import align
from translator.retrieval import ann
from translator.translation import translate
from translator.vectors import Floats, WordVectors
from translator.vectors.normalize import DEFAULT_NORMALIZATION, NormalizationStep, unit_rows

HOSTILE = (
    "a\tb",
    'quo"te',
    "it's",
    "\\N",
    "a,b;c",
    " ",
    "car\rriage",
    "\u2028",
    "x\x85\x0cy",
    "東京",
    "\ufeffbom",
)
FILES = ["config.json", "queries.npy", "queries.txt", "vectors.npy", "words.txt"]


def aligned(recipe: tuple[NormalizationStep, ...] = DEFAULT_NORMALIZATION) -> Alignment:
    """Toy languages whose last words are hard to write down."""
    sides = []
    for vectors in rotated(120, 8, noise=0.2):
        words = [*vectors.words[: 100 - len(HOSTILE)], *HOSTILE, *vectors.words[100:]]
        sides.append(replace(vectors, words=words))
    return align(sides[0], sides[1], dictionary(range(80)), Options(limit=100, normalization=recipe))


@pytest.fixture(scope="module")
def alignment() -> Alignment:
    return aligned()


@pytest.fixture
def folder(alignment: Alignment, tmp_path: Path) -> Path:
    export_index(alignment, tmp_path / "x.index")
    return tmp_path / "x.index"


def read(folder: Path, rows: str, words: str) -> tuple[Floats, list[str]]:
    """As a stranger would."""
    with (folder / words).open(encoding="utf-8", newline="\n") as lines:
        return np.load(folder / rows), [line.removesuffix("\n") for line in lines]


def test_numpy_ranks_as_translate_does(alignment: Alignment, folder: Path) -> None:
    vectors, words = read(folder, "vectors.npy", "words.txt")
    queries, known = read(folder, "queries.npy", "queries.txt")
    assert words == list(alignment.target.mapped.words) and known == list(alignment.source.mapped.words)
    assert (vectors.shape, queries.shape, vectors.dtype, queries.dtype) == (
        *[(100, 9)] * 2,
        *[np.float32] * 2,
    )
    scores = queries.astype(np.float64) @ vectors.T.astype(np.float64)
    ours = translate(alignment, known, 100, rerank=False)
    found = np.array([[words.index(one.word) for one in answer.candidates] for answer in ours])
    assert_same_order(np.argsort(-(queries @ vectors.T), axis=1, kind="stable"), found, scores)
    csls = np.array([[one.score for one in answer.candidates] for answer in ours])
    expected = np.take_along_axis(scores, found, axis=1) - alignment.means.source[:, None]
    np.testing.assert_allclose(csls, expected, atol=1e-5)


def test_the_inverse_answers_the_other_way(alignment: Alignment, tmp_path: Path) -> None:
    export_index(alignment, tmp_path / "x", "source")
    vectors, words = read(tmp_path / "x", "vectors.npy", "words.txt")
    queries, known = read(tmp_path / "x", "queries.npy", "queries.txt")
    best = [words[row] for row in np.argmax(queries @ vectors.T, axis=1)]
    answers = translate(alignment.inverse(), known, 1, rerank=False)
    assert best == [answer.candidates[0].word for answer in answers]
    assert json.loads((tmp_path / "x" / "config.json").read_text())["alignment"]["side"] == "source"


def test_the_manifest_says_what_it_is(alignment: Alignment, tmp_path: Path) -> None:
    export_index(alignment, tmp_path / "x", fingerprint="ab12")
    config = json.loads((tmp_path / "x" / "config.json").read_text("utf-8"))
    assert (config["format"], config["kind"], config["metric"]) == (1, "csls-index", "inner product")
    assert config["alignment"] == {"sha256": "ab12", "side": "target"}
    assert config["k"] == alignment.means.k and config["graph"] is None
    assert config["versions"].keys() == {"python", "bli-translator", "numpy"}
    for part, language, rows, words in (
        ("vectors", "target", "vectors.npy", "words.txt"),
        ("queries", "source", "queries.npy", "queries.txt"),
    ):
        said = {"language": language, "rows": 100, "columns": 9, "file": rows, "words_in": words}
        assert config[part] == said
        assert np.load(tmp_path / "x" / rows).shape == (100, 9)


@pytest.mark.parametrize("recipe", [("center", "unit"), ("unit", "center", "unit"), ()])
def test_the_recipe_makes_the_queries(recipe: tuple[NormalizationStep, ...], tmp_path: Path) -> None:
    alignment = aligned(recipe)
    alignment.save_pretrained(tmp_path / "en-de")
    export_index(alignment, tmp_path / "x")
    layer = Translator.from_pretrained(tmp_path / "en-de").requires_grad_(False)
    weight, bias = layer.weight.numpy(), layer.bias.numpy()
    steps = {
        "unit": unit_rows,
        "map": lambda rows: rows @ weight.T + bias,
        "append 1": lambda rows: np.column_stack([rows, np.ones(len(rows), np.float32)]),
    }
    rows = alignment.source.vectors.table(100).matrix
    for step in json.loads((tmp_path / "x" / "config.json").read_text())["query"]["steps"]:
        rows = steps[step](rows)
    np.testing.assert_allclose(rows, np.load(tmp_path / "x" / "queries.npy"), atol=1e-5)


def test_the_graph_is_over_the_vectors(alignment: Alignment, tmp_path: Path) -> None:
    usearch = pytest.importorskip("usearch.index", reason="the maker of the graph")
    export_index(alignment, tmp_path / "x", ann=True)
    assert sorted(path.name for path in (tmp_path / "x").iterdir()) == sorted([*FILES, "index.usearch"])
    config = json.loads((tmp_path / "x" / "config.json").read_text())
    assert config["graph"].pop("file") == "index.usearch" and config["graph"] == ann.SETTINGS
    assert "usearch" in config["versions"]
    vectors, queries = (np.load(tmp_path / "x" / name) for name in ("vectors.npy", "queries.npy"))
    found = usearch.Index.restore(str(tmp_path / "x" / "index.usearch")).search(queries, 10).keys
    scores = queries.astype(np.float64) @ vectors.T.astype(np.float64)
    expected = np.argsort(-scores, axis=1, kind="stable")[:, :10]
    assert_same_order(found.astype(np.int64), expected, scores)


def test_a_folder_is_replaced_only_where_it_is_an_index(alignment: Alignment, folder: Path) -> None:
    (folder / "words.txt").write_text("old")
    export_index(alignment, folder)
    assert sorted(path.name for path in folder.iterdir()) == FILES
    assert len(read(folder, "vectors.npy", "words.txt")[1]) == 100
    other = folder.parent / "thesis"
    other.mkdir()
    (other / "chapter.tex").touch()
    (folder.parent / "file").touch()
    for place in (other, folder.parent / "file", folder.parent / "no" / "where"):
        with pytest.raises(DataError):
            export_index(alignment, place)
    assert [path.name for path in other.iterdir()] == ["chapter.tex"]


@pytest.mark.parametrize("word", ["line\nfeed", "", "\ud800"])
def test_a_word_that_fits_on_no_line_is_refused(alignment: Alignment, word: str, tmp_path: Path) -> None:
    vectors = alignment.source.mapped
    words = [word, *vectors.words[1:]]
    side = replace(alignment.source, vectors=WordVectors(words, vectors.matrix), limit=None, _mapped=None)
    with pytest.raises(DataError, match="cannot be stored"):
        export_index(replace(alignment, source=side), tmp_path / "x")
    assert list(tmp_path.iterdir()) == []


def test_what_breaks_off_leaves_the_old_folder(
    alignment: Alignment, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    for error in (KeyboardInterrupt(), MissingDependencyError("usearch", "index", "x")):
        monkeypatch.setattr(ann.AnnIndex, "build", raising(error))
        with pytest.raises(type(error)):
            export_index(alignment, folder, ann=True)
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before
    assert list(folder.parent.iterdir()) == [folder]


def raising(error: BaseException) -> object:
    def build(rows: Floats) -> None:
        raise error

    return build
