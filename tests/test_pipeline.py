"""The main job: a rotated space is recovered whatever the seed; choices, reasons, warnings, repeatability."""

from __future__ import annotations

import logging
import tracemalloc
from collections.abc import Sequence
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from listening import labels_of_bars
from threadpoolctl import threadpool_limits
from toys import dictionary, gaussian, lettered, names, of_widths, rotated

from translator import pipeline
from translator.alignment import Alignment
from translator.alignment.record import DictionaryRecord
from translator.errors import DataError
from translator.evaluation import evaluate
from translator.files import fingerprint
from translator.lexicon import Lexicon, load_lexicon
from translator.options import Choices, Options
from translator.pipeline import align
from translator.vectors import Floats, WordVectors, matrices


def alike(n: int = 300) -> tuple[WordVectors, WordVectors]:
    """A space and its rotation under the same words."""
    words, spaces = [lettered(number) for number in range(n)], rotated(n)
    return WordVectors(words, spaces[0].matrix), WordVectors(words, spaces[1].matrix)


def precision(alignment: Alignment, first: int = 0) -> float:
    found = alignment.index().search(alignment.source.mapped.matrix, 1).indices[:, 0]
    return float((found == np.arange(len(found)))[first:].mean())


@pytest.mark.parametrize("start", ["ridge", "procrustes", "whitening"])
@pytest.mark.parametrize("normalization", [("center", "unit"), ("unit", "center", "unit"), ("unit",), ()])
def test_a_rotation_is_recovered_with_a_dictionary(start: Any, normalization: Any) -> None:
    alignment = align(*rotated(), dictionary(range(60)), Options(start=start, normalization=normalization))
    assert precision(alignment) == 1 and alignment.record.seed_pairs.origin == "dictionary"


@pytest.mark.parametrize("refine", ["free", "spectral", "none"])
def test_a_rotation_is_recovered_whatever_refines_it(refine: Any) -> None:
    assert precision(align(*rotated(), dictionary(range(250)), Options(refine=refine))) == 1


def test_a_rotation_is_recovered_from_words_spelled_alike() -> None:
    alignment = align(*alike())
    assert precision(alignment) == 1 and alignment.record.seed_pairs.origin == "identical"


def test_a_rotation_is_recovered_from_nothing_at_all(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        alignment = align(*rotated())
    assert precision(alignment) == 1 and alignment.record.seed_pairs.origin == "structure"
    reason = "0 rows have the same id in both files, fewer than 25"
    assert f"{reason}: started from the spaces' similarity structure" in caplog.text


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"start": "rotate"}, "start='rotate': expected one of ridge, procrustes, whitening"),
        ({"start": "auto"}, "start='auto'"),
        ({"self_learn": "yes"}, "self_learn='yes': expected bool"),
        ({"self_learn": None}, "self_learn=None: expected bool"),
        ({"refine": "rcsls"}, "refine='rcsls'"),
        ({"seed_pairs": "names"}, "seed_pairs='names': expected one of auto, identical, structure"),
        ({"normalization": ("unit", "centre")}, "unknown normalisation step 'centre'"),
        ({"csls_k": 0}, "csls_k=0: expected more than 0"),
        ({"steps": 0}, "steps=0: expected more than 0"),
        ({"step_size": 0.0}, "step_size=0.0: expected more than 0"),
        ({"step_size": float("nan")}, "step_size=nan: expected more than 0"),
        ({"random_state": -1}, "random_state=-1: expected 0 or more"),
        ({"limit": 0}, "limit=0: expected more than 0"),
        ({"limit": "100"}, "limit='100': expected int | None"),
        ({"steps": 2.5}, "steps=2.5: expected int"),
        ({"random_state": None}, "random_state=None: expected int"),
        ({"rerank": "no"}, "rerank='no': expected bool"),
        ({"normalization": "center,unit"}, "normalization='center,unit': expected tuple"),
    ],
)
def test_options_that_make_no_sense(wrong: dict[str, Any], message: str) -> None:
    with pytest.raises(DataError, match=message):
        Options(**wrong)


WIDTHS = pytest.mark.parametrize(("d", "e"), [(16, 12), (12, 16)])


@WIDTHS
@pytest.mark.parametrize("start", ["ridge", "procrustes", "whitening"])
@pytest.mark.parametrize("refine", ["free", "spectral", "none"])
def test_spaces_of_different_widths_are_joined_by_a_dictionary(
    d: int, e: int, start: Any, refine: Any
) -> None:
    alignment = align(*of_widths(d, e), dictionary(range(150)), start=start, refine=refine, rerank=False)
    assert precision(alignment, 150) > 0.8
    matrices = [side.to_shared.matrix for side in (alignment.source, alignment.target)]
    shared = min(d, e) if start == "whitening" else e
    assert [matrix.shape for matrix in matrices] == [(d, shared), (e, shared)]
    assert precision(alignment.inverse(), 150) > 0.8


@WIDTHS
@pytest.mark.parametrize("seed_pairs", ["auto", "structure"])
def test_spaces_of_different_widths_need_no_dictionary(d: int, e: int, seed_pairs: Any) -> None:
    source, target = of_widths(d, e)
    alignment = align(source, WordVectors(source.words, target.matrix), seed_pairs=seed_pairs)
    assert precision(alignment) > 0.8 and alignment.rankers[0] is not None


def test_the_same_seed_gives_the_same_bits() -> None:
    one, same = (
        align(*rotated(n=300, noise=0.8), dictionary(range(200)), Options(random_state=3)) for _ in range(2)
    )
    for name in ("source", "target"):
        first, again = (getattr(made, name).to_shared.matrix for made in (one, same))
        assert np.array_equal(first, again)
    assert np.array_equal(one.means.target, same.means.target) and one.record == same.record


def test_a_small_dictionary_is_not_learned_by_heart() -> None:
    """RCSLS on forty pairs alone turns the map away from other words; probable pairs prevent that."""
    source, target = rotated(400, 40, noise=0.9)
    spaces = [WordVectors([*names(200, "same"), *side.words[200:]], side.matrix) for side in (source, target)]
    seed, options = dictionary(range(200, 240)), Options(steps=8, rerank=False)
    found = precision(align(*spaces, seed, options), 240)
    alone = precision(align(*spaces, seed, replace(options, self_learn=False)), 240)
    before = precision(align(*spaces, seed, replace(options, refine="none")), 240)
    assert found > before - 0.02 and found > alone + 0.05


def test_the_record_tells_how_it_was_made() -> None:
    lexicon = Lexicon((*dictionary(range(59)), ("nowhere", "t1")))
    record = align(*rotated(), lexicon, Options(refine="free", steps=3)).record
    assert record.arguments.steps == 3 and record.arguments.normalization == ("center", "unit")
    assert record.seed_pairs.pairs == 59 and record.seed_pairs.coverage == pytest.approx(59 / 60)
    assert record.arguments.refine == "free" and record.method.startswith("59 of 60")
    assert {step.method for step in record.history} == {"induction", "rcsls"}
    assert record.agreement.mutual_share > 0.9 and set(record.versions) >= {"python", "numpy"}


def test_names_come_from_the_files() -> None:
    source, target = rotated()
    named = WordVectors(source.words, source.matrix, Path("some/cc.en.300.vec"))
    alignment = align(named, target, dictionary(range(60)))
    assert (alignment.source.name, alignment.target.name) == ("cc", "target")


def test_the_limit_forms_the_vocabulary() -> None:
    alignment = align(*rotated(), dictionary(range(300)), Options(limit=100))
    assert len(alignment.source.mapped) == len(alignment.target.mapped) == len(alignment.means.source) == 100
    assert alignment.record.seed_pairs.pairs == 100


def test_maps_are_learnt_from_frequent_words_and_those_of_the_dictionary(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    source, target = rotated(400, noise=0.3)
    options = Options(
        normalization=("unit",), self_learn=False, rerank=False
    )  # no means, which all words have part in
    frequent = align(source.table(100), target.table(100), dictionary(range(60)), options)
    monkeypatch.setattr(pipeline, "LEARNING_WORDS", 100)
    whole = align(source, target, dictionary(range(60)), options)
    assert len(whole.source.mapped) == len(whole.means.target) == 400
    for side in ("source", "target"):
        maps = [getattr(one, side).to_shared.matrix for one in (frequent, whole)]
        maps = [one / np.linalg.norm(one) for one in maps]  # scaled by the lengths of all mapped words
        np.testing.assert_allclose(maps[0], maps[1], atol=1e-6)
    rare = align(source, target, dictionary(range(40, 160)), options)
    assert rare.record.seed_pairs.pairs == 120 and rare.record.seed_pairs.coverage == 1


def test_a_vocabulary_beyond_memory_is_aligned_alike_without_a_copy_of_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    source, target = rotated(60_000, 48, noise=0.3)
    monkeypatch.setattr(pipeline, "LEARNING_WORDS", 500)

    def traced() -> tuple[Alignment, int]:
        options = Options(csls_sample=100, self_learn=False, rerank=False, steps=2)
        tracemalloc.start()
        with threadpool_limits(1, "blas"):  # which blocks of several threads meet in memory is chance
            alignment = align(source, target, dictionary(range(200)), options)
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return alignment, most

    expected, in_memory = traced()
    monkeypatch.setattr(matrices, "IN_MEMORY", 10**6)
    found, on_disk = traced()
    assert np.array_equal(found.source.mapped.matrix, expected.source.mapped.matrix)
    assert np.array_equal(found.means.target, expected.means.target)
    both = source.matrix.nbytes + target.matrix.nbytes
    assert in_memory - on_disk > 0.9 * both, "the mapped matrices were in memory"


def test_the_mapped_words_have_length_one_on_average() -> None:
    source, target = rotated()
    larger = WordVectors(target.words, 7 * target.matrix)
    for side in (align(source, larger, dictionary(range(60))).source, align(source, larger).target):
        matrix, offset = side.to_shared.folded()
        lengths = np.linalg.norm((side.vectors.table().matrix - offset) @ matrix, axis=1)
        assert lengths.mean() == pytest.approx(1, rel=1e-3)


@pytest.mark.parametrize("dtype", [np.float64, np.float16])
def test_other_floats(dtype: type) -> None:
    source, target = (WordVectors(v.words, v.matrix.astype(dtype)) for v in rotated())
    assert precision(align(source, target, dictionary(range(60)))) == 1


class Subwords(WordVectors):
    """Knows a vector for any word ``s<number>``, as subwords would."""

    def embed(self, words: Sequence[str]) -> Floats:
        everything = gaussian(300, 20)
        return np.stack(
            [everything[int(word[1:])] if word[1:].isdigit() else np.zeros(20, np.float32) for word in words]
        )


def test_dictionary_words_outside_the_vocabulary_are_composed_when_asked() -> None:
    full, target = rotated()
    source = Subwords(full.words[:100], full.matrix[:100])
    lexicon = Lexicon((*dictionary(range(90, 150)), ("s?", "t0")))
    left_out = align(source, target, lexicon, Options(compose_oov=False))
    composed = align(source, target, lexicon, Options(compose_oov=True))
    assert (left_out.record.seed_pairs.pairs, composed.record.seed_pairs.pairs) == (10, 60)
    assert len(composed.source.mapped) == 100, "composed words teach the map; they do not join the vocabulary"


def test_the_dictionary_is_known_by_what_was_read_of_it_whatever_becomes_of_its_file(tmp_path: Path) -> None:
    file = tmp_path / "d.txt"
    file.write_text("".join(f"s{number}\tt{number}\n" for number in range(80)))
    lexicon, sha256 = load_lexicon(file), fingerprint(file)
    for change in (lambda: file.write_text("other\tpairs\n"), file.unlink):
        change()
        record = align(*rotated(120, 8), lexicon).record
        assert record.dictionary == DictionaryRecord(80, str(file), sha256)


@pytest.mark.parametrize("role", ["source", "target"])
def test_values_that_are_not_finite(role: str) -> None:
    spaces = dict(zip(("source", "target"), rotated(120, 8), strict=True))
    spaces[role].matrix[3, 2] = np.nan
    with pytest.raises(DataError, match=f"the {role} vectors hold values that are not finite"):
        align(spaces["source"], spaces["target"], dictionary(range(80)))


@pytest.mark.parametrize("role", ["source", "target"])
def test_vectors_of_zeros_alone(role: str) -> None:
    spaces = dict(zip(("source", "target"), rotated(120, 8), strict=True))
    spaces[role].matrix[:] = 0
    with pytest.raises(DataError, match=f"the {role} vectors are all zeros"):
        align(spaces["source"], spaces["target"], dictionary(range(80)))


@pytest.mark.parametrize(("absent", "warned"), [(500, True), (100, False)])
def test_a_dictionary_of_other_words_is_warned_of(absent: int, warned: bool) -> None:
    lexicon = Lexicon((*dictionary(range(80)), *((f"x{number}", "t1") for number in range(absent))))
    warnings = align(*rotated(120, 8), lexicon).record.warnings
    assert (
        any("inside both vocabularies; is the dictionary of other languages?" in one for one in warnings)
        == warned
    )


def test_a_tiny_dictionary_does_no_worse_than_none() -> None:
    """Two pairs fix no map of twenty dimensions: words spelled alike help them."""
    spaces = rotated(600, 20, noise=0.3)
    source, target = (WordVectors([*names(250, "same"), *side.words[250:]], side.matrix) for side in spaces)
    test = dictionary(range(300, 600))
    few = dictionary(range(250, 252))
    scores = {}
    for name, lexicon, learn in (("none", None, True), ("few", few, True), ("alone", few, False)):
        made = align(source, target, lexicon, Options(rerank=False, self_learn=learn))
        scores[name] = evaluate(made, test)["csls"].p_at_1.value
    assert scores["alone"] < 0.1 < 0.5 < scores["none"] <= scores["few"] + 0.02


def test_composing_without_subwords_is_warned_of(caplog: pytest.LogCaptureFixture) -> None:
    for compose in (False, True):
        align(*rotated(120, 8), dictionary(range(80)), Options(compose_oov=compose))
        assert ("neither file holds subwords" in caplog.text) == compose


def test_arguments_of_another_kind() -> None:
    source, target = rotated(50, 8)
    for wrong, message in (
        (("en.vec", target), "source: a str, expected word vectors"),
        ((source, None), "target: a NoneType, expected word vectors"),
        ((source, target, "pairs.txt"), "expected pairs of words, found 'pairs.txt'"),
        ((source, target, None, {"steps": 3}), "options: a dict, expected Options"),
    ):
        with pytest.raises(DataError, match=message):
            align(*wrong)  # type: ignore[arg-type]


def test_a_neighbourhood_of_half_the_vocabulary(caplog: pytest.LogCaptureFixture) -> None:
    for k, warned in ((10, False), (40, True)):
        caplog.clear()
        align(*rotated(80, 8), dictionary(range(60)), Options(csls_k=k, rerank=False))
        assert ("a large part of the vocabulary" in caplog.text) == warned


def test_a_space_aligned_with_itself(caplog: pytest.LogCaptureFixture) -> None:
    source, target = alike(80)
    for other, warned in ((target, False), (WordVectors(source.words, source.matrix.copy()), True)):
        caplog.clear()
        align(source, other, [(word, word) for word in source.words[:60]], rerank=False)
        assert ("source and target are the same vectors" in caplog.text) == warned


def test_the_keywords_of_align_are_the_fields_of_its_options() -> None:
    assert list(Choices.__annotations__) == [field.name for field in fields(Options)]


def test_progress_is_drawn_where_it_is_wanted(monkeypatch: pytest.MonkeyPatch) -> None:
    labels = labels_of_bars(monkeypatch)
    align(*rotated(120, 8), dictionary(range(80)), show_progress=False)
    assert not labels
    align(*rotated(120, 8), dictionary(range(80)), show_progress=True)
    assert "refining (RCSLS)" in labels
