"""From two spaces, and a dictionary if there is one, to an alignment: the main job."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np

from translator.affine import SideMap
from translator.agreement import Agreement, measure
from translator.alignment import Alignment, Side
from translator.cross_fit import FEWEST, Learnt, learn_rankers
from translator.errors import DataError
from translator.files import fingerprint
from translator.lexicon import Lexicon
from translator.maps import CLOSED_FORM
from translator.maps.base import Maps, Spaces
from translator.maps.rcsls import rcsls
from translator.maps.self_learning import mutual_pairs, self_learning
from translator.normalize import Normalizer
from translator.options import Options, Plan, plan, without_self_learning
from translator.ranker import Ranker
from translator.retrieval import neighbourhoods
from translator.seeds import Seed, choose_seed
from translator.vectors import Embedder, Indices, WordVectors, extended
from translator.versions import versions

logger = logging.getLogger(__name__)

LEARNT_FROM = 200_000  # most frequent words a side; rarer ones are mapped, but teach a map little
MOST_STEPS = 30  # of RCSLS when held-out pairs say where to stop
UNCHECKED_STEPS = 8  # of RCSLS when there are too few pairs to hold any out
CLEARLY = 0.01  # held-out MRR by which another plan must win: a few hundred words tell no less apart
FEWEST_HELD = 50  # held-out words below which their score is noise


def align(
    source: Embedder, target: Embedder, lexicon: Lexicon | None = None, options: Options | None = None
) -> Alignment:
    """Map two languages into one space.

    :param source: word or subword vectors, the most frequent words first; ``target`` likewise.
    :param lexicon: seed pairs (source word, target word), or None to find them in the spaces.
    :param options: defaults choose by the number of seed pairs.
    :raises DataError: no seed pair is inside both vocabularies, or the spaces differ in width.
    """
    options = options or Options()
    if source.dimension != target.dimension:
        raise DataError(
            f"the source vectors have {source.dimension} dimensions, the target vectors {target.dimension}",
            "Take two files of one width.",
        )
    tables = source.table(options.limit), target.table(options.limit)
    normalizers = tuple(Normalizer.fit(table.matrix, options.recipe) for table in tables)
    vocabularies = _learning_vocabularies((source, target), tables, lexicon, options)
    seed, fitted, learnt = _learn(vocabularies, normalizers, lexicon, options)
    names = _names(source, target)
    sides = [
        _side(name, vectors, table, SideMap(normalizer, matrix), options)
        for name, vectors, normalizer, table, matrix in (
            (names[0], source, normalizers[0], tables[0], fitted.maps.source),
            (names[1], target, normalizers[1], tables[1], fitted.maps.target),
        )
    ]
    means = neighbourhoods(
        sides[0].mapped.matrix,
        sides[1].mapped.matrix,
        options.k,
        sample=options.csls_sample,
        seed=options.seed,
        device=options.device,
    )
    agreement = measure(sides[0].mapped.matrix, sides[1].mapped.matrix, options.seed, options.device)
    record = _record(options, lexicon, seed, fitted, learnt, agreement)
    return Alignment(sides[0], sides[1], means, record, (learnt[0].ranker, learnt[1].ranker))


def _learn(
    vocabularies: tuple[WordVectors, WordVectors],
    normalizers: tuple[Normalizer, ...],
    lexicon: Lexicon | None,
    options: Options,
) -> tuple[Seed, _Fitted, tuple[Learnt, Learnt]]:
    """Seed, maps and rankers; the normalised spaces they are learnt in are needed no longer."""
    spaces = Spaces(
        *(
            normalizer.space(vocabulary.matrix)
            for normalizer, vocabulary in zip(normalizers, vocabularies, strict=True)
        )
    )
    seed = choose_seed(vocabularies[0], vocabularies[1], spaces, lexicon, options.seed_from, options.seed)
    chosen = plan(options, seed)
    logger.info(chosen.reason)
    fitted = _fit(spaces, seed, chosen, options)
    return seed, fitted, _rankers(vocabularies, spaces, seed, fitted, options)


def _side(name: str, vectors: Embedder, table: WordVectors, fitted: SideMap, options: Options) -> Side:
    """One language, its vocabulary mapped from the table at hand rather than composed from subwords again."""
    to_shared = fitted.of_typical_length_one(table.matrix)
    kept = table if isinstance(vectors, WordVectors) else vectors
    return Side(name, kept, options.limit, to_shared, to_shared.apply_to(table))


@dataclass(frozen=True)
class _Fitted:
    """What came of a plan.

    :param start: the maps that RCSLS started from.
    :param maps: those after it.
    :param steps: of RCSLS that were best on held-out pairs.
    :param tried: a record of each plan that was tried on them.
    """

    plan: Plan
    start: Maps
    maps: Maps
    steps: int
    tried: tuple[Mapping[str, float], ...] = ()


def _fit(spaces: Spaces, seed: Seed, chosen: Plan, options: Options) -> _Fitted:
    """Choose plan and number of steps on a held-out share of the pairs, then refine on all of them."""
    train, held = _hold_out(seed, options) if chosen.refine != "none" else (seed.rows, None)
    if held is None:
        return _unchecked(spaces, seed, chosen, options)
    plans = [chosen] if options.self_learn != "auto" else [chosen, without_self_learning(chosen)]
    trials = [_try(spaces, train, held, plan, options) for plan in plans]
    best, *others = trials
    for other in others:
        if other.tried[0]["held_out_mrr"] > best.tried[0]["held_out_mrr"] + CLEARLY:
            best = other
    logger.info(
        "held-out MRR %(before).3f before RCSLS, %(held_out_mrr).3f after %(steps)d steps", best.tried[0]
    )
    final = _refine(spaces, best.start, seed.rows, best.plan, options, best.steps)
    trial = ({**step, "pairs": "training share"} for step in best.maps.history[len(best.start.history) :])
    history = (*best.start.history, *trial, *final.history[len(best.start.history) :])
    tried = tuple(trial.tried[0] for trial in trials)
    return replace(best, maps=Maps(final.source, final.target, history), tried=tried)


def _unchecked(spaces: Spaces, seed: Seed, chosen: Plan, options: Options) -> _Fitted:
    """Carry out a plan where no pair can be held out.

    RCSLS then learns from what self-learning found, too: it would run after a few pairs, or wrong ones, for
    as long as it is let.
    """
    start = _start(spaces, seed.rows, seed.trusted, chosen, options)
    steps = options.steps or UNCHECKED_STEPS
    pairs = seed.rows
    if chosen.self_learn and chosen.refine != "none":
        found = mutual_pairs(spaces.frequent(options.self_learning_vocabulary), start, options.device)
        pairs = seed.beside(found)
    return _Fitted(chosen, start, _refine(spaces, start, pairs, chosen, options, steps), steps)


def _try(spaces: Spaces, train: Indices, held: Indices, plan: Plan, options: Options) -> _Fitted:
    """Carry out a plan on the training share, and see how far RCSLS helps on the held-out one."""
    start = _start(spaces, train, True, plan, options)
    maps = _refine(spaces, start, train, plan, options, options.steps or MOST_STEPS, held)
    scores = [float(step["held_out_mrr"]) for step in maps.history if step["method"] == "rcsls"]
    steps = int(np.argmax(scores))
    scored = {"before": scores[0], "held_out_mrr": scores[steps], "steps": steps}
    return _Fitted(plan, start, maps, steps, ({"self_learning": plan.self_learn, **scored},))


def _refine(
    spaces: Spaces,
    start: Maps,
    pairs: Indices,
    chosen: Plan,
    options: Options,
    steps: int,
    validation: Indices | None = None,
) -> Maps:
    if chosen.refine == "none":
        return start
    return rcsls(
        spaces,
        pairs,
        start=start,
        steps=steps,
        validation=validation,
        variant=chosen.refine,
        k=options.k,
        step=options.step,
        device=options.device,
    )


def _rankers(
    vocabularies: tuple[WordVectors, WordVectors],
    spaces: Spaces,
    seed: Seed,
    fitted: _Fitted,
    options: Options,
) -> tuple[Learnt, Learnt]:
    """Rankers of both directions: the general one, adapted where there is dictionary enough for it."""
    if options.rerank == "no":
        return Learnt(None), Learnt(None)
    if not seed.trusted or len(np.unique(seed.rows[:, 0])) < FEWEST:
        return Learnt(Ranker.general()), Learnt(Ranker.general())

    def refit(pairs: Indices) -> Maps:
        if not fitted.tried:
            return _unchecked(spaces, replace(seed, rows=pairs), fitted.plan, options).maps
        start = _start(spaces, pairs, True, fitted.plan, options)
        return _refine(spaces, start, pairs, fitted.plan, options, fitted.steps)

    return learn_rankers(vocabularies, spaces, seed.rows, refit, options.k, options.seed, options.device)


def _start(spaces: Spaces, pairs: Indices, trusted: bool, chosen: Plan, options: Options) -> Maps:
    fit = CLOSED_FORM[chosen.start]
    if not chosen.self_learn:
        return fit(spaces, pairs)
    return self_learning(
        spaces,
        pairs,
        fit,
        vocabulary=options.self_learning_vocabulary,
        rounds=options.self_learning_rounds,
        keep_seed=trusted,
        device=options.device,
    )


def _hold_out(seed: Seed, options: Options) -> tuple[Indices, Indices | None]:
    """Split off a share of the source words; None held when too few, or too doubtful, to tell anything."""
    words = np.unique(seed.rows[:, 0])
    count = round(options.held_out * len(words))
    if count < FEWEST_HELD or not seed.trusted:
        return seed.rows, None
    held = np.isin(seed.rows[:, 0], np.random.default_rng(options.seed).permutation(words)[:count])
    return seed.rows[~held], seed.rows[held]


def _learning_vocabularies(
    sides: tuple[Embedder, Embedder],
    tables: tuple[WordVectors, WordVectors],
    lexicon: Lexicon | None,
    options: Options,
) -> tuple[WordVectors, WordVectors]:
    """What maps are learnt from: the most frequent words, and with them all those of the dictionary.

    These include, if that is asked for, words outside the vocabulary, composed from their subwords.
    """

    def with_rest(side: Embedder, table: WordVectors, words: Iterable[str]) -> WordVectors:
        frequent = table.table(LEARNT_FROM)
        if options.compose_oov:
            return extended(frequent, words, side.embed)
        return extended(frequent, words, table.embed) if len(table) > LEARNT_FROM else frequent

    words = (lexicon.sources(), lexicon.targets()) if lexicon else ((), ())
    return with_rest(sides[0], tables[0], words[0]), with_rest(sides[1], tables[1], words[1])


def _record(
    options: Options,
    lexicon: Lexicon | None,
    seed: Seed,
    fitted: _Fitted,
    learnt: tuple[Learnt, Learnt],
    agreement: Agreement,
) -> dict[str, Any]:
    if agreement.warning:
        logger.warning(agreement.warning)
    return {
        "arguments": asdict(options),
        "method": {**asdict(fitted.plan), "tried": [dict(one) for one in fitted.tried]},
        "seed": {
            "origin": seed.origin,
            "reason": seed.reason,
            "pairs": len(seed.rows),
            "coverage": seed.coverage,
        },
        "dictionary": _provenance(lexicon),
        "rankers": [one.name for one in learnt],
        "ranking": [one.metrics for one in learnt] if learnt[0].metrics else None,
        "metrics": asdict(agreement),
        "warnings": [agreement.warning] if agreement.warning else [],
        "history": [dict(step) for step in fitted.maps.history],
        "versions": versions("bli-translator", "numpy", "scipy"),
    }


def _provenance(lexicon: Lexicon | None) -> dict[str, str | int] | None:
    if lexicon is None:
        return None
    file = {"path": str(lexicon.path), "sha256": fingerprint(lexicon.path)} if lexicon.path else {}
    return {**file, "pairs": len(lexicon)}


def _names(source: Embedder, target: Embedder) -> tuple[str, str]:
    """What to call the two: their files' names up to the first dot, told apart if they are the same."""
    first, second = (side.path.name.split(".")[0] if side.path else "" for side in (source, target))
    first, second = first or "source", second or "target"
    return (first, second) if first != second else (f"{first}-1", f"{second}-2")
