"""From two spaces, and a dictionary if there is one, to an alignment: the main job."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, replace
from functools import partial
from pathlib import Path
from typing import Any

from translator.alignment import Alignment, Side
from translator.alignment.affine import SideMap
from translator.errors import DataError
from translator.fitting import fit, refit
from translator.fitting.agreement import Agreement, measure
from translator.fitting.fitter import Fitted, Fitter
from translator.fitting.self_training import likely_pairs
from translator.lexicon import Lexicon, LexiconLike
from translator.maps.base import Maps, Spaces
from translator.maps.seeds import Seed, choose_seed
from translator.options import Options, plan
from translator.ranking.cross_fit import VOCABULARY, Learnt, learn_rankers
from translator.ranking.ranker import Ranker
from translator.retrieval import NEIGHBOURHOOD, neighbourhoods
from translator.vectors import Embedder, Indices, WordVectors, extended
from translator.vectors.matrices import finite_rows
from translator.vectors.names import language_names
from translator.vectors.normalize import Normalizer
from translator.versions import versions

logger = logging.getLogger(__name__)

COVERED = 0.2  # share of the dictionary below which something is probably wrong with it
POOR = 0.02  # mean reciprocal rank of held-out pairs: real maps had ten times as much and more
CROWD = 0.05  # share of a vocabulary that is no neighbourhood any more
LEARNT_FROM = 200_000  # most frequent words a side; rarer ones are mapped, but teach a map little


def align(
    source: Embedder, target: Embedder, lexicon: LexiconLike | None = None, options: Options | None = None
) -> Alignment:
    """Map two languages into one space.

    :param source: word or subword vectors, the most frequent words first; ``target`` likewise.
    :param lexicon: seed pairs (source word, target word), whatever :meth:`Lexicon.of` accepts, or None to
        find them in the spaces.
    :param options: defaults choose by the number of seed pairs.
    :raises DataError: no seed pair is inside both vocabularies, the spaces differ in width, a value in
        them is not finite, or an argument is of another kind.
    """
    options = options or Options()
    _check_kinds(source, target, options)
    lexicon = None if lexicon is None else Lexicon.of(lexicon)
    if source.dimension != target.dimension:
        raise DataError(
            f"the source vectors have {source.dimension} dimensions, the target vectors {target.dimension}",
            "Take two files of one width.",
        )
    tables = source.table(options.limit), target.table(options.limit)
    for role, table in zip(("source", "target"), tables, strict=True):
        if not finite_rows(table.matrix).all():
            raise DataError(f"the {role} vectors hold values that are not finite")
    if options.k > max(NEIGHBOURHOOD, min(map(len, tables)) * CROWD):
        logger.warning("k=%d is a large part of the vocabulary; %d is usual", options.k, NEIGHBOURHOOD)
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
        random_state=options.seed,
        device=options.device,
    )
    agreement = measure(sides[0].mapped.matrix, sides[1].mapped.matrix, options.seed, options.device)
    record = _record(options, lexicon, seed, fitted, learnt, agreement)
    return Alignment(sides[0], sides[1], means, record, (learnt[0].ranker, learnt[1].ranker))


def _check_kinds(source: object, target: object, options: object) -> None:
    """Not every caller has a type checker, and files are easily taken for what is in them."""
    for name, given in (("source", source), ("target", target)):
        if not hasattr(given, "table"):
            raise DataError(
                f"{name}: a {type(given).__name__}, expected word vectors",
                "Read a file with load_vectors(FILE).",
            )
    if not isinstance(options, Options):
        raise DataError(
            f"options: a {type(options).__name__}, expected Options", "Give Options(steps=3), say."
        )


def _learn(
    vocabularies: tuple[WordVectors, WordVectors],
    normalizers: tuple[Normalizer, ...],
    lexicon: Lexicon | None,
    options: Options,
) -> tuple[Seed, Fitted, tuple[Learnt, Learnt]]:
    """Seed, maps and rankers; the normalised spaces they are learnt in are needed no longer."""
    spaces = Spaces(
        *(
            normalizer.space(vocabulary.matrix)
            for normalizer, vocabulary in zip(normalizers, vocabularies, strict=True)
        )
    )
    alone = options.self_learn == "no"
    seed = choose_seed(*vocabularies, spaces, lexicon, options.seed_from, options.seed, alone)
    chosen = plan(options, seed)
    logger.info(chosen.reason)
    judge = partial(likely_pairs, vocabularies, k=options.k, device=options.device)
    fitter = Fitter(spaces, options, judge)
    fitted = fit(fitter, seed, chosen)
    again = partial(refit, replace(fitter, spaces=spaces.frequent(VOCABULARY)), seed, fitted)
    return seed, fitted, _rankers(vocabularies, spaces, seed, again, options)


def _side(name: str, vectors: Embedder, table: WordVectors, fitted: SideMap, options: Options) -> Side:
    """One language, its vocabulary mapped from the table at hand rather than composed from subwords again."""
    to_shared = fitted.of_typical_length_one(table.matrix)
    kept = table if isinstance(vectors, WordVectors) else vectors
    return Side(name, kept, options.limit, to_shared, to_shared.apply_to(table))


def _rankers(
    vocabularies: tuple[WordVectors, WordVectors],
    spaces: Spaces,
    seed: Seed,
    refit: Callable[[Indices], Maps],
    options: Options,
) -> tuple[Learnt, Learnt]:
    """Rankers of both directions: the general one, adapted where there is dictionary enough for it."""
    if not options.rerank:
        return Learnt(None), Learnt(None)
    if not seed.adapts:
        return Learnt(Ranker.general()), Learnt(Ranker.general())
    return learn_rankers(vocabularies, spaces, seed.rows, refit, options.k, options.seed, options.device)


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

    if options.compose_oov and all(isinstance(side, WordVectors) for side in sides):
        logger.warning("no word can be composed: neither file holds subwords, as a fastText .bin does")
    words = (lexicon.sources(), lexicon.targets()) if lexicon else ((), ())
    return with_rest(sides[0], tables[0], words[0]), with_rest(sides[1], tables[1], words[1])


def _record(
    options: Options,
    lexicon: Lexicon | None,
    seed: Seed,
    fitted: Fitted,
    learnt: tuple[Learnt, Learnt],
    agreement: Agreement,
) -> dict[str, Any]:
    warnings = list(_doubts(seed, fitted, agreement))
    for sentence in warnings:
        logger.warning(sentence)
    return {
        "arguments": asdict(options),
        "method": {**asdict(fitted.plan), "tried": [dict(one) for one in fitted.tried]},
        "seed": {
            "origin": seed.origin,
            "reason": seed.reason,
            "pairs": len(seed.rows),
            "coverage": seed.coverage,
            "following": seed.following,
        },
        "dictionary": _provenance(lexicon),
        "rankers": [one.name for one in learnt],
        "ranking": [one.metrics for one in learnt] if learnt[0].metrics else None,
        "metrics": asdict(agreement),
        "warnings": warnings,
        "history": [dict(step) for step in fitted.maps.history],
        "versions": versions("bli-translator", "numpy", "scipy"),
    }


def _doubts(seed: Seed, fitted: Fitted, agreement: Agreement) -> Iterator[str]:
    """What is wrong with the map or the dictionary, as far as that shows; or that nothing tells."""
    if agreement.warning:
        yield agreement.warning
    if seed.doubt:
        yield seed.doubt
    if agreement.consistency is None and not seed.trusted:
        yield "too few words are each other's best translation to tell whether this is a translation map"
    if seed.coverage is not None and seed.coverage < COVERED:
        yield f"only {seed.coverage:.0%} of the dictionary pairs are inside both vocabularies"
    if fitted.tried and (best := max(one["held_out_mrr"] for one in fitted.tried)) < POOR:
        yield (
            "probably no translation map: next to none of the dictionary words that it was not told are "
            f"translated rightly (mean reciprocal rank {best:.3f}); is the dictionary one of these languages?"
        )


def _provenance(lexicon: Lexicon | None) -> dict[str, str | int | None] | None:
    if lexicon is None:
        return None
    file = {"path": str(lexicon.path.absolute()), "sha256": lexicon.sha256} if lexicon.path else {}
    return {**file, "pairs": len(lexicon)}


def _names(source: Embedder, target: Embedder) -> tuple[str, str]:
    """What to call the two, told apart if they would be called the same."""
    first, second = language_names(source.path or Path(), target.path or Path())
    return (first, second) if first != second else (f"{first}-1", f"{second}-2")
