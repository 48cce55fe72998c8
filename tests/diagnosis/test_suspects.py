"""Suspicious pairs against a plain loop, and wrong pairs that were planted."""

from __future__ import annotations

import numpy as np
import pytest
from toys import dictionary, rotated, slow_csls

from translator.alignment import Alignment
from translator.diagnosis.suspects import DEPTH, FAR, suspects
from translator.lexicon import Lexicon
from translator.options import Options
from translator.pipeline import align
from translator.vectors import WordVectors

PLAIN = Options(refine="none", self_learn=False)
UNIT = Options(normalization=("unit",), refine="none", self_learn=False)


def planted(pairs: int, wrong: int, seed: int = 0) -> tuple[Lexicon, set[tuple[str, str]]]:
    """The true pairs, some of whose targets are exchanged, and those that are wrong now."""
    true = list(dictionary(range(pairs)))
    chosen = np.random.default_rng(seed).permutation(pairs)[:wrong].tolist()
    bent = true.copy()
    for row, other in zip(chosen, [*chosen[1:], chosen[0]], strict=True):
        bent[row] = (true[row][0], true[other][1])
    return Lexicon.of(bent), set(bent) - set(true)


def test_most_planted_pairs_are_found_and_few_true_ones() -> None:
    lexicon, wrong = planted(600, 30)
    source, target = rotated(900, 40, noise=0.8)
    found = suspects(align(source, target, lexicon), lexicon)
    named = [(one.source, one.target) for one in found]
    assert len(wrong) == 30
    assert len(wrong & set(named)) >= 24
    assert len(set(named) - wrong) <= 0.02 * 570
    assert set(named[:15]) <= wrong
    # For a planted pair the map prefers what is true
    preferred = [
        one.best_target == one.source.replace("s", "t") for one in found if (one.source, one.target) in wrong
    ]
    assert np.mean(preferred) > 0.8


@pytest.fixture(scope="module")
def noisy() -> tuple[Alignment, Lexicon]:
    lexicon, _ = planted(200, 40)
    return align(*rotated(300, 20, noise=1.0), lexicon, PLAIN), lexicon


def test_against_a_plain_loop(noisy: tuple[Alignment, Lexicon]) -> None:
    alignment, lexicon = noisy
    source, target = alignment.source.mapped, alignment.target.mapped
    csls = slow_csls(source.matrix, target.matrix, 10)
    rows = [(source.index[left], target.index[right]) for left, right in lexicon]
    half = len(rows) // 2
    chance = [csls[rows[place][0], rows[place - half][1]] for place in range(len(rows))]
    apart = np.median([csls[row] for row in rows]) - np.median(chance)
    expected = []
    for x, z in rows:
        forward, backward = (csls[x] > csls[x, z]).sum(), (csls[:, z] > csls[x, z]).sum()
        gap = min(csls[x].max(), csls[:, z].max()) - csls[x, z]
        if forward >= DEPTH and backward >= DEPTH and gap >= FAR * apart:
            expected.append((gap, x, z))
    expected.sort(key=lambda one: -one[0])
    found = suspects(alignment, lexicon)
    assert 10 < len(found) < 60
    assert [(one.source, one.target) for one in found] == [(f"s{x}", f"t{z}") for _, x, z in expected]
    assert [one.gap for one in found] == pytest.approx([gap for gap, _, _ in expected], abs=1e-4)
    for one, (_, x, z) in zip(found, expected, strict=True):
        assert one.score == pytest.approx(csls[x, z], abs=1e-4)
        assert one.best_target == target.words[csls[x].argmax()]
        assert one.best_source == source.words[csls[:, z].argmax()]


def test_true_pairs_of_a_rotation_are_not_suspected() -> None:
    lexicon = dictionary(range(200))
    assert suspects(align(*rotated(300, 20), lexicon, PLAIN), lexicon) == []


def test_differences_that_are_rounding_alone_are_no_suspicion() -> None:
    source, target = rotated(300, 20)
    alike = 1 + 1e-7 * target.matrix
    alignment = align(source, WordVectors(target.words, alike), dictionary(range(200)), UNIT)
    pairs = [*dictionary(range(200))]
    random = [(word, pairs[row - 100][1]) for row, (word, _) in enumerate(pairs)]  # what suspects compares
    assert suspects(alignment, Lexicon.of(pairs)) == suspects(alignment, Lexicon.of(random)) == []


@pytest.mark.parametrize(
    "pairs", [(), (("no", "where"),), (("s1", "t1"),), (("s1", "t1"), ("s2", "nowhere"))]
)
def test_dictionaries_of_which_there_is_little(
    noisy: tuple[Alignment, Lexicon], pairs: tuple[tuple[str, str], ...]
) -> None:
    assert suspects(noisy[0], Lexicon(pairs)) == []
