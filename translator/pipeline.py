"""From two spaces, and a dictionary if there is one, to an alignment: the main job."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Unpack

import numpy as np

from translator.alignment import Alignment, Side
from translator.alignment.affine import SideMap
from translator.alignment.record import (
    DictionaryRecord,
    RankerRecord,
    Record,
    SeedPairsRecord,
)
from translator.cldr import cldr_lexicon, file_language, language_code
from translator.errors import DataError, kind_of
from translator.learning import LearnedMaps, MapLearner
from translator.learning.consistency import Agreement, agreement
from translator.learning.probable_pairs import probable_pairs
from translator.learning.seed_pairs import (
    ALONE,
    ENOUGH_IDENTICAL,
    FEWEST,
    SeedPairs,
    choose_seed_pairs,
    different_scripts,
)
from translator.lexicon import Lexicon, LexiconLike, identical
from translator.maps.base import Maps, Spaces
from translator.maps.pairs import WeightedPairs
from translator.options import Choices, Options
from translator.progress import with_progress
from translator.ranking.cross_fit import CROSS_FIT_WORDS, HeldOutScores, LearnedRanker, learn_rankers
from translator.ranking.ranker import Ranker
from translator.retrieval import NEIGHBOURHOOD, neighbourhoods
from translator.vectors import Embedder, Indices, WordVectors, extended
from translator.vectors.matrices import finite_rows
from translator.vectors.names import language_names
from translator.vectors.normalize import Normalizer
from translator.versions import versions

logger = logging.getLogger(__name__)

LOW_COVERAGE = 0.2  # share of the dictionary below which something is probably wrong with it
POOR = 0.02  # P@1 of held-out dictionary words; real maps had ten times as much and more
LARGE_NEIGHBOURHOOD = 0.05  # share of a vocabulary beyond which CSLS means are no longer local
LEARNING_WORDS = 200_000  # most frequent words a side; rarer ones are mapped, but teach a map little


@with_progress
def align(
    source: Embedder,
    target: Embedder,
    lexicon: LexiconLike | None = None,
    options: Options | None = None,
    *,
    languages: tuple[str, str] | None = None,
    show_progress: bool | None = None,
    **choices: Unpack[Choices],
) -> Alignment:
    """Map two languages into one space.

    :param source: word or subword vectors, the most frequent words first; ``target`` likewise, of the same
        width or another.
    :param lexicon: seed pairs (source word, target word), anything that :meth:`Lexicon.of` accepts; None
        takes names of CLDR where the languages are known, or finds them in the spaces.
    :param options: the defaults choose by the number of seed pairs.
    :param languages: codes of source and target; None takes them from the names of the files.
    :param show_progress: draw progress bars; None draws them on a terminal and in a notebook.
    :param choices: fields of :class:`translator.Options`, such as ``limit=5000``; they replace those of
        ``options``.
    :raises DataError: no seed pair is inside both vocabularies, a value in the vectors is not finite or all
        are zero, or an argument is of another kind.

    >>> import numpy as np
    >>> from translator import Lexicon, WordVectors
    >>> rows = np.random.default_rng(0).normal(size=(120, 8))
    >>> en, de = (WordVectors([f"{name}{n}" for n in range(120)], rows.astype("f")) for name in ("en", "de"))
    >>> align(en, de, Lexicon.of((f"en{n}", f"de{n}") for n in range(60)), limit=100)
    Alignment(source (100 words) -> target (100 words), 8 dimensions)
    """
    options = _options(options, choices)
    _check_kinds(source, target)
    codes = _language_codes(source, target, languages)
    lexicon = None if lexicon is None else Lexicon.of(lexicon)
    tables = _checked_tables(source, target, options)
    lexicon, why = _else_names(lexicon, tables, codes, options)
    normalizers = tuple(Normalizer.fit(table.matrix, options.normalization) for table in tables)
    vocabularies = _learning_vocabularies((source, target), tables, lexicon, options)
    seed_pairs, learned, rankers = _learn(vocabularies, normalizers, lexicon, options)
    seed_pairs = replace(seed_pairs, reason=why + seed_pairs.reason)
    first, second = _names(source, target, languages)
    sides = (
        _side(first, source, tables[0], SideMap(normalizers[0], learned.maps.source), options),
        _side(second, target, tables[1], SideMap(normalizers[1], learned.maps.target), options),
    )
    shared = Spaces(sides[0].mapped.matrix, sides[1].mapped.matrix)
    means = neighbourhoods(
        shared.source,
        shared.target,
        options.csls_k,
        sample=options.csls_sample,
        random_state=options.random_state,
        device=options.device,
    )
    agreed = agreement(shared, options.random_state, options.device)
    record = _record(options, lexicon, seed_pairs, learned, rankers, agreed)
    anchors, dictionary = (
        pairs[(pairs < shared.sizes).all(axis=1)] for pairs in (learned.anchors, seed_pairs.kept)
    )
    return Alignment(*sides, means, record, (rankers[0].ranker, rankers[1].ranker), anchors, dictionary)


def _options(options: Options | None, choices: Choices) -> Options:
    if options is not None and not isinstance(options, Options):
        raise DataError(
            f"options: {kind_of(options)}, expected Options",
            "Pass the choices as keywords, such as limit=5000.",
        )
    if unknown := sorted(choices.keys() - Choices.__annotations__.keys()):
        raise DataError(
            f"{unknown[0]}: no choice of align", f"Choices are {', '.join(Choices.__annotations__)}."
        )
    return replace(options or Options(), **choices)


def _check_kinds(source: object, target: object) -> None:
    """Check the arguments of callers without a type checker; files are easily mistaken for their vectors."""
    for name, given in (("source", source), ("target", target)):
        if not hasattr(given, "table"):
            raise DataError(
                f"{name}: {kind_of(given)}, expected word vectors",
                "Read a file with load_vectors(FILE).",
            )


def _language_codes(
    source: Embedder, target: Embedder, languages: tuple[str, str] | None
) -> tuple[str, str] | None:
    """Codes of the languages: those given, else those in the names of the files; None if one is unknown."""
    if languages is not None:
        return language_code(languages[0]), language_code(languages[1])
    first, second = (file_language(vectors.path) if vectors.path else None for vectors in (source, target))
    return (first, second) if first and second else None


def _checked_tables(source: Embedder, target: Embedder, options: Options) -> tuple[WordVectors, WordVectors]:
    """Return both vocabularies.

    :raises DataError: they hold a value that is not finite, or are all zeros.
    """
    tables = source.table(options.limit), target.table(options.limit)
    for role, table in zip(("source", "target"), tables, strict=True):
        if not finite_rows(table.matrix).all():
            raise DataError(f"the {role} vectors hold values that are not finite")
        if not table.matrix.any():
            raise DataError(f"the {role} vectors are all zeros", "Use a file of trained vectors.")
    first, second = tables
    if first.words == second.words and np.array_equal(first.matrix, second.matrix):
        logger.warning("source and target are the same vectors, so each word translates itself")
    if options.csls_k > max(NEIGHBOURHOOD, min(map(len, tables)) * LARGE_NEIGHBOURHOOD):
        logger.warning(
            "csls_k=%d is a large part of the vocabulary; %d is usual", options.csls_k, NEIGHBOURHOOD
        )
    return tables


def _else_names(
    lexicon: Lexicon | None,
    tables: tuple[WordVectors, WordVectors],
    languages: tuple[str, str] | None,
    options: Options,
) -> tuple[Lexicon | None, str]:
    """Return the dictionary, else names of CLDR if enough are in the vocabularies.

    Enough are a hundred, or 25 where there are too few words spelled alike to start from instead.

    :param languages: codes; None if one is unknown.
    :returns: the dictionary, and the reason why it consists of names, or an empty string.
    """
    if lexicon is None and options.seed_pairs == "auto" and languages and languages[0] != languages[1]:
        names, scripts = cldr_lexicon(*languages), different_scripts(*tables)
        spelled_alike = not scripts and len(identical(*tables)) >= ENOUGH_IDENTICAL
        if len(names.match(*tables).rows) >= (FEWEST if spelled_alike else ALONE):
            return names, f"no dictionary; {scripts}: " if scripts else "no dictionary; "
    return lexicon, ""


def _learn(
    vocabularies: tuple[WordVectors, WordVectors],
    normalizers: tuple[Normalizer, ...],
    lexicon: Lexicon | None,
    options: Options,
) -> tuple[SeedPairs, LearnedMaps, tuple[LearnedRanker, LearnedRanker]]:
    """Choose seed pairs, learn maps and rankers; the normalised spaces are freed afterwards."""
    spaces = Spaces(
        *(
            normalizer.space(vocabulary.matrix)
            for normalizer, vocabulary in zip(normalizers, vocabularies, strict=True)
        )
    )
    seed_pairs = choose_seed_pairs(
        *vocabularies,
        spaces,
        lexicon,
        options.seed_pairs,
        options.random_state,
        alone=not options.self_learn,
    )

    def find_pairs(shared: Spaces) -> WeightedPairs:
        return probable_pairs(vocabularies, shared, options.csls_k, options.device)

    learner = MapLearner(spaces, options, find_pairs)
    learned = learner.learn(seed_pairs)
    frequent = replace(learner, spaces=spaces.frequent(CROSS_FIT_WORDS))

    def refit(pairs: Indices) -> tuple[Maps, Indices]:
        again = frequent.refit(seed_pairs, learned, pairs)
        return again.maps, again.anchors

    return seed_pairs, learned, _rankers(vocabularies, spaces, seed_pairs, refit, options)


def _side(name: str, vectors: Embedder, table: WordVectors, to_shared: SideMap, options: Options) -> Side:
    """One language; its vocabulary is mapped from the table rather than composed from subwords again."""
    scaled = to_shared.of_typical_length_one(table.matrix)
    kept = table if isinstance(vectors, WordVectors) else vectors
    return Side(name, kept, options.limit, scaled, scaled.apply_to(table))


def _rankers(
    vocabularies: tuple[WordVectors, WordVectors],
    spaces: Spaces,
    seed_pairs: SeedPairs,
    refit: Callable[[Indices], tuple[Maps, Indices]],
    options: Options,
) -> tuple[LearnedRanker, LearnedRanker]:
    """Rankers of both directions: the general one, adapted where the dictionary is large enough."""
    if not options.rerank:
        return LearnedRanker(None), LearnedRanker(None)
    if not seed_pairs.adapts:
        return LearnedRanker(Ranker.general()), LearnedRanker(Ranker.general())
    return learn_rankers(
        vocabularies, spaces, seed_pairs.rows, refit, options.csls_k, options.random_state, options.device
    )


def _learning_vocabularies(
    sides: tuple[Embedder, Embedder],
    tables: tuple[WordVectors, WordVectors],
    lexicon: Lexicon | None,
    options: Options,
) -> tuple[WordVectors, WordVectors]:
    """The words that maps are learned from: the most frequent ones, and all those of the dictionary.

    With ``compose_oov`` these include words outside the vocabulary, composed from their subwords.
    """

    def with_dictionary(side: Embedder, table: WordVectors, words: Iterable[str]) -> WordVectors:
        frequent = table.table(LEARNING_WORDS)
        if options.compose_oov:
            return extended(frequent, words, side.embed)
        return extended(frequent, words, table.embed) if len(table) > LEARNING_WORDS else frequent

    if options.compose_oov and all(isinstance(side, WordVectors) for side in sides):
        logger.warning("no word can be composed: neither file holds subwords, as a fastText .bin does")
    words = (lexicon.sources(), lexicon.targets()) if lexicon else ((), ())
    return with_dictionary(sides[0], tables[0], words[0]), with_dictionary(sides[1], tables[1], words[1])


def _record(
    options: Options,
    lexicon: Lexicon | None,
    seed_pairs: SeedPairs,
    learned: LearnedMaps,
    rankers: tuple[LearnedRanker, LearnedRanker],
    agreed: Agreement,
) -> Record:
    warnings = tuple(_doubts(seed_pairs, rankers[0].held_out, agreed))
    for sentence in warnings:
        logger.warning(sentence)
    forward, backward = (RankerRecord(ranker.kind, ranker.held_out) for ranker in rankers)
    return Record(
        arguments=options,
        seed_pairs=SeedPairsRecord(
            seed_pairs.origin,
            seed_pairs.reason,
            len(seed_pairs.rows),
            seed_pairs.coverage,
            seed_pairs.consistency,
        ),
        dictionary=_dictionary(lexicon),
        rankers=(forward, backward),
        agreement=agreed,
        warnings=warnings,
        history=learned.maps.history,
        versions=versions("bli-translator", "numpy", "scipy"),
    )


def _doubts(seed_pairs: SeedPairs, held_out: HeldOutScores | None, agreed: Agreement) -> Iterator[str]:
    """Sentences on what is probably wrong with the map or the dictionary, or on too few pairs to tell.

    Where a dictionary is large enough to be tested itself, the agreement of the spaces is not needed.
    """
    if agreed.warning and not (seed_pairs.trusted and seed_pairs.consistency is not None):
        yield f"{agreed.warning}; a hundred dictionary pairs or more would help most"
    if seed_pairs.doubt:
        yield seed_pairs.doubt
    if seed_pairs.coverage is not None and seed_pairs.coverage < LOW_COVERAGE:
        yield (
            f"only {seed_pairs.coverage:.0%} of the dictionary pairs are inside both vocabularies; "
            "is the dictionary of other languages?"
        )
    if held_out is not None and held_out.map_p_at_1 < POOR:
        yield (
            "probably no translation map: almost no held-out word of the dictionary is translated correctly "
            f"(P@1 {held_out.map_p_at_1:.1%}); is the dictionary one of these languages?"
        )


def _dictionary(lexicon: Lexicon | None) -> DictionaryRecord | None:
    if lexicon is None:
        return None
    path = str(lexicon.path.absolute()) if lexicon.path else None
    return DictionaryRecord(len(lexicon), path, lexicon.sha256, languages=lexicon.languages)


def _names(source: Embedder, target: Embedder, languages: tuple[str, str] | None) -> tuple[str, str]:
    """Names of the two languages, numbered if they would be the same."""
    first, second = languages or language_names(source.path or Path(), target.path or Path())
    return (first, second) if first != second else (f"{first}-1", f"{second}-2")
