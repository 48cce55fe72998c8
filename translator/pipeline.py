"""From two spaces, and a dictionary if there is one, to an alignment: the main job."""

from __future__ import annotations

import logging
from dataclasses import asdict
from functools import partial
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
from translator.maps.self_learning import self_learning
from translator.normalize import Normalizer, unit_rows
from translator.options import Options, Plan, plan
from translator.retrieval import neighbourhoods
from translator.seeds import Seed, choose_seed
from translator.vectors import Embedder, Indices, WordVectors, extended
from translator.versions import versions

logger = logging.getLogger(__name__)

MOST_STEPS = 30  # of RCSLS when held-out pairs say where to stop
UNCHECKED_STEPS = 8  # of RCSLS when there are too few pairs to hold any out
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
    normalizers = tuple(Normalizer.fit(table.matrix, options.recipe)[0] for table in tables)
    vocabularies = _seed_vocabularies((source, target), tables, lexicon, options)
    spaces = Spaces(
        *(
            unit_rows(normalizer.apply(vocabulary.matrix))
            for normalizer, vocabulary in zip(normalizers, vocabularies, strict=True)
        )
    )
    seed = choose_seed(vocabularies[0], vocabularies[1], spaces, lexicon, options.seed_from, options.seed)
    chosen = plan(options, seed)
    logger.info(chosen.reason)
    maps, steps = _fit(spaces, seed, chosen, options)
    learnt = _rankers(vocabularies, spaces, seed, chosen, options, steps)
    names = _names(source, target)
    sides = [
        _side(name, vectors, table, SideMap(normalizer, matrix), options)
        for name, vectors, normalizer, table, matrix in (
            (names[0], source, normalizers[0], tables[0], maps.source),
            (names[1], target, normalizers[1], tables[1], maps.target),
        )
    ]
    means = neighbourhoods(sides[0].mapped.matrix, sides[1].mapped.matrix, options.k, device=options.device)
    agreement = measure(sides[0].mapped.matrix, sides[1].mapped.matrix, options.seed, options.device)
    record = _record(options, lexicon, seed, chosen, maps, agreement)
    record["ranking"] = [one.metrics for one in learnt] if learnt else None
    rankers = (learnt[0].ranker, learnt[1].ranker) if learnt else (None, None)
    return Alignment(sides[0], sides[1], means, record, rankers)


def _side(name: str, vectors: Embedder, table: WordVectors, fitted: SideMap, options: Options) -> Side:
    """One language, its vocabulary mapped from the table at hand rather than composed from subwords again."""
    to_shared = fitted.of_typical_length_one(table.matrix)
    kept = table if isinstance(vectors, WordVectors) else vectors
    return Side(name, kept, options.limit, to_shared, to_shared.apply_to(table))


def _fit(spaces: Spaces, seed: Seed, chosen: Plan, options: Options) -> tuple[Maps, int]:
    """The start on the training share, the number of RCSLS steps on the held-out share, then all pairs.

    :returns: the maps, and that number of steps.
    """
    train, held = _hold_out(seed.rows, options) if chosen.refine != "none" else (seed.rows, None)
    start = _start(spaces, train, seed.origin != "structure", chosen, options)
    if chosen.refine == "none":
        return start, 0
    refine = partial(_refine, spaces, start, chosen=chosen, options=options)
    if held is None:
        steps = options.steps or UNCHECKED_STEPS
        return refine(seed.rows, steps=steps), steps
    trial = refine(train, validation=held, steps=options.steps or MOST_STEPS)
    scores = [float(step["held_out_mrr"]) for step in trial.history if step["method"] == "rcsls"]
    taken = int(np.argmax(scores))
    logger.info("held-out MRR %.3f before RCSLS, %.3f after %d steps", scores[0], scores[taken], taken)
    final = refine(seed.rows, steps=taken)
    trials = [{**step, "pairs": "training share"} for step in trial.history[len(start.history) :]]
    history = (*start.history, *trials, *final.history[len(start.history) :])
    return Maps(final.source, final.target, history), taken


def _refine(
    spaces: Spaces,
    start: Maps,
    pairs: Indices,
    *,
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
    chosen: Plan,
    options: Options,
    steps: int,
) -> tuple[Learnt, Learnt] | None:
    """Rankers of both directions, where there is a dictionary to learn them from."""
    enough = seed.origin == "dictionary" and len(np.unique(seed.rows[:, 0])) >= FEWEST
    if options.rerank == "no" or not enough:
        return None

    def refit(pairs: Indices) -> Maps:
        start = _start(spaces, pairs, True, chosen, options)
        return _refine(spaces, start, pairs, chosen=chosen, options=options, steps=steps)

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


def _hold_out(seed: Indices, options: Options) -> tuple[Indices, Indices | None]:
    """Split off a share of the source words; None held when too few to tell anything."""
    words = np.unique(seed[:, 0])
    count = round(options.held_out * len(words))
    if count < FEWEST_HELD:
        return seed, None
    held = np.isin(seed[:, 0], np.random.default_rng(options.seed).permutation(words)[:count])
    return seed[~held], seed[held]


def _seed_vocabularies(
    sides: tuple[Embedder, Embedder],
    tables: tuple[WordVectors, WordVectors],
    lexicon: Lexicon | None,
    options: Options,
) -> tuple[WordVectors, WordVectors]:
    """The vocabularies, with the dictionary's other words composed from subwords if that is asked for."""
    if lexicon is None or not options.compose_oov:
        return tables
    return (
        extended(tables[0], lexicon.sources(), sides[0].embed),
        extended(tables[1], lexicon.targets(), sides[1].embed),
    )


def _record(
    options: Options, lexicon: Lexicon | None, seed: Seed, chosen: Plan, maps: Maps, agreement: Agreement
) -> dict[str, Any]:
    if agreement.warning:
        logger.warning(agreement.warning)
    return {
        "arguments": asdict(options),
        "method": asdict(chosen),
        "seed": {
            "origin": seed.origin,
            "reason": seed.reason,
            "pairs": len(seed.rows),
            "coverage": seed.coverage,
        },
        "dictionary": _provenance(lexicon),
        "metrics": asdict(agreement),
        "warnings": [agreement.warning] if agreement.warning else [],
        "history": [dict(step) for step in maps.history],
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
