"""The ranker against finite differences, on a problem whose answer is known, and through the files."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from scipy.optimize import check_grad
from toys import dictionary, rotated, slow_csls

from translator import (
    Alignment,
    DataError,
    Lexicon,
    Options,
    align,
    evaluate,
    induce_lexicon,
    load_vectors,
    pipeline,
    reranking,
    translate,
)
from translator.induction import Entry, at_precision
from translator.learning import LearnedMaps, MapLearner
from translator.learning.seed_pairs import SeedPairs
from translator.lexicon_files import lexicon_text
from translator.ranking import cross_fit
from translator.ranking.calibration import calibration_error
from translator.ranking.candidates import DEPTH, FEATURES, QUERY_FEATURES, Candidates, describe, find
from translator.ranking.cross_fit import ITERATIONS, LabelledCandidates, adapt, harms, joined, score
from translator.ranking.local_agreement import FEATURES as LOCAL
from translator.ranking.local_agreement import local_agreement
from translator.ranking.ranker import _SIZES, Ranker, _loss
from translator.ranking.shared_space import SharedSpace
from translator.retrieval import Neighbourhoods, neighbourhoods
from translator.vectors import Indices, WordVectors

F, Q = len(FEATURES), len(QUERY_FEATURES)


def made(n: int, seed: int = 0) -> tuple[Candidates, np.ndarray]:
    """Words whose right candidate, if there is one, follows by a known law from two features."""
    rng = np.random.default_rng(seed)
    features = rng.standard_normal((n, DEPTH, F)).astype(np.float32)
    scores = 2 * features[:, :, 0] + features[:, :, 3] ** 2
    powers = np.exp(np.column_stack([scores, np.full(n, 2.0)]))
    share = powers / powers.sum(axis=1, keepdims=True)
    drawn = (rng.random((n, 1)) > np.cumsum(share, axis=1)).sum(axis=1)
    right = np.arange(DEPTH) == drawn[:, None]
    blank = np.zeros((n, DEPTH))
    queries = rng.standard_normal((n, Q)).astype(np.float32)
    return Candidates(blank.astype(np.int64), blank, features, queries, blank > 0), right


def test_the_gradient_is_that_of_finite_differences() -> None:
    seen, right = made(7)
    rng = np.random.default_rng(1)
    answer = np.column_stack([right, ~right.any(axis=1)]).astype(np.float64)
    anchor = rng.normal(0, 0.3, sum(_SIZES))
    parts = seen.features.astype(np.float64), seen.queries.astype(np.float64), answer, anchor, 0.1
    at = rng.normal(0, 0.3, sum(_SIZES))
    off = check_grad(lambda x: _loss(x, *parts)[0], lambda x: _loss(x, *parts)[1], at)
    assert off < 1e-5 * np.linalg.norm(_loss(at, *parts)[1]) + 1e-5


def test_it_learns_a_law_and_is_calibrated() -> None:
    seen, right = made(2000)
    fresh, answers = made(2000, seed=1)
    likely = Ranker.fit(seen, right).probabilities(fresh)
    assert (likely.sum(axis=1) <= 1 + 1e-5).all() and (likely >= 0).all()
    best = likely.argmax(axis=1)
    hit = answers[np.arange(len(best)), best]
    first = answers[np.arange(len(best)), fresh.features[:, :, 0].argmax(axis=1)]
    assert hit.mean() > first.mean() + 0.05
    assert calibration_error(likely.max(axis=1), hit) < 0.04


def test_a_prior_holds_few_words_and_lets_many_go() -> None:
    prior = Ranker.fit(*made(1000))
    fresh, answers = made(2000, seed=1)

    def hits(ranker: Ranker) -> float:
        best = ranker.probabilities(fresh).argmax(axis=1)
        return float(answers[np.arange(len(best)), best].mean())

    few = made(40, seed=2)
    assert hits(Ranker.fit(*few, prior)) > hits(Ranker.fit(*few)) + 0.05
    assert np.array_equal(Ranker.fit(*few, prior).scaling, prior.scaling)
    seen, right = made(1000, seed=3)
    turned = replace(seen, features=seen.features[:, :, ::-1].copy())  # now other features tell
    fresh = replace(fresh, features=fresh.features[:, :, ::-1].copy())
    assert hits(Ranker.fit(turned, right, prior)) > hits(prior) + 0.2


def test_a_feature_that_is_constant_but_for_rounding_is_not_scaled_up() -> None:
    seen, right = made(20)
    step = np.spacing(np.float32(3))
    seen.features[:, :, 1] = 3 + step * (np.arange(DEPTH) % 2)
    seen.queries[:, 2] = -3 + step * (np.arange(20) % 2)
    deviation = Ranker.fit(seen, right).scaling[1]
    assert deviation[1] == deviation[F + 2] == 1
    assert (np.delete(deviation, [1, F + 2]) != 1).all()


def folds(n: int, right: np.ndarray, seen: Candidates) -> list[LabelledCandidates]:
    names = ("indices", "scores", "features", "queries", "mutual")
    parts = np.array_split(np.arange(n), 3)
    return [
        LabelledCandidates(Candidates(*(getattr(seen, name)[part] for name in names)), right[part])
        for part in parts
    ]


def test_a_ranker_is_judged_by_every_word_and_by_none_it_has_learnt_from() -> None:
    seen, right = made(300)
    learnt = adapt(parts := folds(300, right, seen))
    assert learnt.kind == "adapted" and learnt.ranker is not None and learnt.held_out is not None
    assert learnt.held_out.words == 300
    assert learnt.held_out.map_p_at_1 == right[:, 0].mean()
    rest = [[other for other in parts if other is not part] for part in parts]
    hits = 0
    for part, others in zip(parts, rest, strict=True):
        candidates, labels = joined(others)
        words = np.random.default_rng(0).permutation(len(labels))
        fitted = Ranker.fit(candidates[words], labels[words], Ranker.general(), iterations=ITERATIONS)
        best = fitted.probabilities(part.candidates).argmax(axis=1)
        hits += part.right[np.arange(len(best)), best].sum()
    assert learnt.held_out.reranked_p_at_1 == pytest.approx(hits / 300)
    assert score((learnt.ranker, LabelledCandidates(seen, right))).reranked_p_at_1 > hits / 300, (
        "it has learnt these"
    )


def test_an_adapted_ranker_is_fitted_to_some_words_at_most(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cross_fit, "FIT_WORDS", 50)
    seen, right = made(120)
    fitted: list[int] = []
    fit = Ranker.fit

    def noted(candidates: Candidates, right: np.ndarray, *prior: Ranker, **options: int) -> Ranker:
        fitted.append(len(right))
        return fit(candidates, right, *prior, **options)

    monkeypatch.setattr(Ranker, "fit", noted)
    adapt(folds(120, right, seen))
    assert fitted == [50] * 4  # one for each fold, and the last


@pytest.mark.parametrize(
    ("lost", "won", "harmful"),
    [
        (0, 0, False),
        (1, 0, False),
        (2, 0, True),
        (8, 4, True),
        (6, 4, False),
        (500, 460, True),
        (4, 8, False),
    ],
)
def test_harm_is_more_than_chance(lost: int, won: int, harmful: bool) -> None:
    first = np.repeat([True, False, True, False], [lost, won, 20, 30])
    hit = np.repeat([False, True, True, False], [lost, won, 20, 30])
    assert harms(first, hit) == harmful


def test_a_ranker_that_does_harm_is_dropped() -> None:
    """The map's first is right in half of the cases, and what the general ranker goes by misleads."""
    seen, _ = made(150)
    first = (np.random.default_rng(5).random((150, 1)) < 0.5) & (np.arange(DEPTH) == 0)
    learnt = adapt(folds(150, first, seen))
    assert learnt.ranker is None and learnt.kind == "none" and learnt.held_out is not None


def test_the_general_ranker_is_whole_and_prefers_what_should_be_preferred() -> None:
    """A candidate that is nearer than the others, or spelled more alike, is likelier."""
    general = Ranker.general()
    assert np.array_equal(Ranker.unpacked(general.packed()).packed(), general.packed())
    mean = np.tile(general.scaling[0, :F], (1, DEPTH, 1))
    for names in (("cosine", "csls", "margin", "backward margin"), ("edit", "edit squared", "prefix")):
        moved, features = [FEATURES.index(name) for name in names], mean.copy()
        features[0, 4, moved] += general.scaling[1, moved]
        queries = general.scaling[:1, F:]
        blank = np.zeros((1, DEPTH))
        seen = Candidates(blank.astype(np.int64), blank, features, queries, blank > 0)
        likely = general.probabilities(seen)[0]
        assert likely.argmax() == 4 and likely.sum() <= 1


def test_it_is_packed_and_unpacked() -> None:
    seen, right = made(200)
    ranker = Ranker.fit(seen, right)
    again = Ranker.unpacked(ranker.packed())
    assert np.array_equal(again.probabilities(seen), ranker.probabilities(seen))
    with pytest.raises(DataError):
        Ranker.unpacked(ranker.packed()[:-1])
    assert np.array_equal(Ranker.fit(seen, right).packed(), ranker.packed())


def test_calibration_error_of_the_obvious() -> None:
    hit = np.array([True, False] * 50)
    assert calibration_error(np.full(100, 0.5), hit) == pytest.approx(0)
    assert calibration_error(np.ones(100), hit) == pytest.approx(0.5)


def test_candidates_are_described_as_by_hand() -> None:
    source, target = rotated(40, 6, noise=0.5)
    unit = [
        WordVectors(v.words, v.matrix / np.linalg.norm(v.matrix, axis=1, keepdims=True))
        for v in (source, target)
    ]
    means: Neighbourhoods = neighbourhoods(unit[0].matrix, unit[1].matrix, 5)
    rows = np.arange(40)
    space = SharedSpace(*unit, means, anchors=rows[:, None][:20].repeat(2, axis=1))
    found = find(unit[0].matrix, space)
    seen = describe(unit[0].words, unit[0].matrix, rows, found, space)
    local = local_agreement(space, unit[0].matrix, rows, found.indices)
    described = seen.features[:, :, [FEATURES.index(name) for name in LOCAL]]
    assert np.array_equal(described, local, equal_nan=True)
    csls = slow_csls(unit[0].matrix, unit[1].matrix, 5)
    named = dict(zip(FEATURES, np.moveaxis(seen.features, 2, 0), strict=True))
    for word in rows:
        order = np.argsort(-csls[word], kind="stable")[:DEPTH]
        assert np.array_equal(seen.indices[word], order)
        assert np.allclose(seen.scores[word], csls[word, order], atol=1e-5)
        nearer = (csls[:, order] > csls[word, order] + 1e-6).sum(axis=0)
        assert np.array_equal(seen.mutual[word], nearer == 0)
        assert np.allclose(named["backward rank"][word], np.log1p(np.minimum(nearer, DEPTH)), atol=1e-5)
        best = csls[:, order].max(axis=0)
        assert np.allclose(named["backward margin"][word], csls[word, order] - best, atol=1e-5)
        rival = np.r_[csls[word, order[1]], np.full(DEPTH - 1, csls[word, order[0]])]
        assert np.allclose(named["margin"][word], csls[word, order] - rival, atol=1e-5)
        assert np.allclose(named["frequency"][word], np.log1p(order), atol=1e-5)


@pytest.fixture(scope="module")
def ranked() -> Alignment:
    """A space of 900 words, so noisy that spelling helps (s7 is t7), and a dictionary of 600."""
    source, target = rotated(900, 20, noise=1.6)
    return align(source, target, dictionary(range(600)), Options())


def test_an_alignment_with_a_large_dictionary_has_rankers(ranked: Alignment, tmp_path: Path) -> None:
    assert ranked.record.rankers[0].held_out.words == 600 and None not in ranked.rankers
    best = translate(ranked, ["s700"])[0].candidates
    likely = [candidate.probability for candidate in best]
    assert None not in likely and likely == sorted(likely, key=lambda p: -(p or 0))
    assert translate(ranked, ["s700"], rerank=False)[0].candidates[0].probability is None
    assert ranked.inverse().rankers == ranked.rankers[::-1]
    ranked.save_pretrained(tmp_path / "folder")
    again = Alignment.from_pretrained(tmp_path / "folder")
    assert translate(again, ["s700"]) == translate(ranked, ["s700"])
    found = evaluate(again, dictionary(range(600, 900)))
    assert [score.criterion for score in found.scores] == ["cosine", "csls", "reranked"]
    assert found["reranked"].p_at_1.value > found["csls"].p_at_1.value + 0.1
    assert [score.criterion for score in evaluate(again, dictionary(range(9)), rerank=False).scores] == [
        "cosine",
        "csls",
    ]
    entries = induce_lexicon(again)
    assert all(0 <= (entry.probability or 0) <= 1 for entry in entries) and len(entries) == 900
    assert lexicon_text(entries).splitlines(keepends=True)[0].endswith("\tprobability\n")


def test_no_ranker_when_not_wanted() -> None:
    source, target = rotated(900, 20, noise=0.3)
    alignment = align(
        source, target, dictionary(range(600)), Options(rerank=False, self_learn=False, refine="none")
    )
    assert alignment.rankers == (None, None) and alignment.record.rankers[0].held_out is None
    assert [ranker.kind for ranker in alignment.record.rankers] == ["none", "none"]
    assert len(evaluate(alignment, dictionary(range(600, 900))).scores) == 2
    with pytest.raises(DataError, match="no probabilities"):
        at_precision(induce_lexicon(alignment), 0.9)


@pytest.mark.parametrize("pairs", [dictionary(range(99)), None])
def test_the_general_ranker_where_there_is_too_little_to_learn_from(pairs: Lexicon | None) -> None:
    alignment = align(*rotated(900, 20, noise=0.3), pairs)
    assert alignment.record.rankers[0].held_out is None
    assert all(
        one is not None and np.array_equal(one.packed(), Ranker.general().packed())
        for one in alignment.rankers
    )
    assert evaluate(alignment, dictionary(range(600, 900)))["reranked"].p_at_1.value > 0.9


def test_the_general_ranker_where_few_words_can_be_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    """Other folds teach the map five translations of all the words; or nearly all words are rare."""
    spaces, options = rotated(900, 20, noise=0.3), Options(self_learn=False, refine="none")
    few = Lexicon(tuple((f"s{number}", f"t{number % 5}") for number in range(300)))
    assert [ranker.kind for ranker in align(*spaces, few, options).record.rankers] == ["general", "general"]
    monkeypatch.setattr(cross_fit, "CROSS_FIT_WORDS", cross_fit.FOLDS * cross_fit.FEWEST_WORDS - 5)
    rare = align(*spaces, dictionary(range(300)), options)
    assert [ranker.kind for ranker in rare.record.rankers] == ["general", "general"] and rare.record.rankers[
        0
    ].held_out is None


def test_maps_are_fitted_again_to_frequent_words_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a large vocabulary that is most of what an alignment costs."""
    for module in (cross_fit, pipeline):
        monkeypatch.setattr(module, "CROSS_FIT_WORDS", 200)
    asked: list[tuple[int, int]] = []

    refit = MapLearner.refit

    def noted(learner: MapLearner, seeds: SeedPairs, learned: LearnedMaps, pairs: Indices) -> LearnedMaps:
        asked.append((len(learner.spaces.source), int(pairs.max())))
        return refit(learner, seeds, learned, pairs)

    monkeypatch.setattr(MapLearner, "refit", noted)
    alignment = align(*rotated(900, 20, noise=0.3), dictionary(range(300)))
    assert len(asked) == cross_fit.FOLDS and all(size == 200 and row < 200 for size, row in asked)
    assert [ranker.kind for ranker in alignment.record.rankers] == ["adapted", "adapted"]
    assert alignment.record.rankers[0].held_out.words <= 200


def test_candidates_beyond_those_of_the_ranker_follow_by_csls(ranked: Alignment) -> None:
    found, plain = (translate(ranked, ["s700"], 40, rerank=rerank)[0].candidates for rerank in (True, False))
    assert {c.word for c in found[:DEPTH]} == {c.word for c in plain[:DEPTH]}
    assert [(c.word, c.score) for c in found[DEPTH:]] == [(c.word, c.score) for c in plain[DEPTH:]]
    assert [c.probability is None for c in found] == [False] * DEPTH + [True] * (40 - DEPTH)
    entries = [entry for entry in induce_lexicon(ranked, 40) if entry.source == "s700"]
    assert [(e.target, e.probability) for e in entries] == [(c.word, c.probability) for c in found]


@pytest.mark.parametrize("top", [1, 40])
def test_blocks_of_words_are_ranked_as_all_at_once(
    ranked: Alignment, top: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = ranked.source.mapped
    whole = reranking.rerank_candidates(ranked, source.words, source.matrix, top)
    monkeypatch.setattr(reranking, "BLOCK", 7)
    parts = reranking.rerank_candidates(ranked, source.words, source.matrix, top)
    np.testing.assert_allclose(parts.probabilities, whole.probabilities, atol=1e-3)
    gaps = np.abs(np.diff(whole.probabilities, axis=1, prepend=2, append=-1))
    certain = (gaps[:, :-1] > 5e-3) & (gaps[:, 1:] > 5e-3)  # rounding may choose another 50th anchor
    for name in ("indices", "mutual"):
        assert np.array_equal(getattr(parts, name)[certain], getattr(whole, name)[certain]), name
    np.testing.assert_allclose(parts.scores[certain], whole.scores[certain], atol=1e-5)
    assert certain[:, :1].mean() > 0.7


def test_the_largest_lexicon_of_a_precision() -> None:
    likely = [0.2, 0.99, 0.9, 0.8, 0.1]
    entries = [Entry(f"s{n}", f"t{n}", 0.0, 1, True, p) for n, p in enumerate(likely)]
    second = replace(entries[0], rank=2)
    assert [entry.source for entry in at_precision([*entries, second], 0.89)] == ["s1", "s2", "s3"]
    assert at_precision(entries, 1.0) == []
    assert at_precision(entries, 0.0) == entries


def test_damaged_rankers_are_refused(ranked: Alignment, tmp_path: Path) -> None:
    from safetensors.numpy import load_file, save_file

    replace(ranked, rankers=(Ranker.fit(*made(300)), None)).save_pretrained(tmp_path / "folder")
    file = tmp_path / "folder" / "model.safetensors"
    tensors = load_file(file)
    save_file({**tensors, "ranker.forward": tensors["ranker.forward"][:-3]}, file)
    with pytest.raises(DataError):
        Alignment.from_pretrained(tmp_path / "folder")
    assert load_vectors(tmp_path / "folder" / "source.safetensors").dimension == 20
