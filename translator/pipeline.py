"""From two spaces, and a dictionary if there is one, to an alignment: the main job."""

from __future__ import annotations

import logging
import platform
from dataclasses import asdict, dataclass
from importlib.metadata import PackageNotFoundError, version
from typing import Any, Literal, get_args

import numpy as np

from translator.affine import SideMap
from translator.alignment import Alignment, Side
from translator.errors import DataError
from translator.lexicon import Lexicon
from translator.maps import CLOSED_FORM
from translator.maps.base import Maps, Spaces
from translator.maps.rcsls import STEP, STEPS, rcsls
from translator.maps.self_learning import ROUNDS, VOCABULARY, self_learning
from translator.normalize import DEFAULT_RECIPE, Normalizer, Step, parse_recipe, unit_rows
from translator.retrieval import NEIGHBOURHOOD, Neighbourhoods, mutual, neighbourhoods
from translator.seeds import Seed, SeedChoice, choose_seed
from translator.vectors import Embedder, Floats, Indices, WordVectors, extended

logger = logging.getLogger(__name__)

Start = Literal["auto", "procrustes", "whitening"]
Refine = Literal["auto", "free", "spectral", "none"]
Switch = Literal["auto", "yes", "no"]

LARGE = 2500  # seed pairs from which the dictionary alone beats what self-learning adds
REFINABLE = 50  # fewer dictionary pairs cannot tell a better map from an over-fitted one
FEWEST_HELD = 20  # held-out words below which their score is noise
FREQUENT = 5000  # words a side whose mutual neighbours are counted
DOUBTFUL = 0.1  # share of frequent words with a mutual neighbour below which a map is hardly a translation


@dataclass(frozen=True)
class Options:
    """Every choice of :func:`align`; ``auto`` picks by the number of seed pairs.

    :param start: closed-form map: ``procrustes`` (orthogonal) or ``whitening`` (both sides).
    :param self_learn: add mutual neighbours to the seed and fit again.
    :param refine: RCSLS descent on the dictionary: ``free``, ``spectral`` or ``none``.
    :param seed_from: without a dictionary, ``identical`` strings or ``structure`` of the spaces.
    :param recipe: normalisation steps.
    :param limit: most frequent words a side that form the vocabulary; None for all.
    :param k: neighbourhood size of CSLS and RCSLS.
    :param steps: most RCSLS steps; ``step`` is the first step size.
    :param held_out: share of the seed's source words kept aside for early stopping, 0 to 0.5.
    :param self_learning_vocabulary: most frequent words a side among which pairs are sought.
    :param compose_oov: give dictionary words outside the vocabulary a vector from their subwords.
    :param seed: of every random choice.
    :param device: ``cpu`` or a torch device for the nearest-neighbour scans.
    """

    start: Start = "auto"
    self_learn: Switch = "auto"
    refine: Refine = "auto"
    seed_from: SeedChoice = "auto"
    recipe: tuple[Step, ...] = DEFAULT_RECIPE
    limit: int | None = 200_000
    k: int = NEIGHBOURHOOD
    steps: int = STEPS
    step: float = STEP
    held_out: float = 0.1
    self_learning_vocabulary: int = VOCABULARY
    self_learning_rounds: int = ROUNDS
    compose_oov: bool = False
    seed: int = 0
    device: str = "cpu"

    def __post_init__(self) -> None:
        for name, allowed in (
            ("start", Start),
            ("self_learn", Switch),
            ("refine", Refine),
            ("seed_from", SeedChoice),
        ):
            if getattr(self, name) not in get_args(allowed):
                raise DataError(
                    f"{name}={getattr(self, name)!r}: expected one of {', '.join(get_args(allowed))}"
                )
        parse_recipe(",".join(self.recipe))
        if not 0 <= self.held_out <= 0.5:
            raise DataError(f"held_out={self.held_out}: expected a share between 0 and 0.5")
        for name in ("k", "steps", "self_learning_vocabulary"):
            if getattr(self, name) < 1:
                raise DataError(f"{name}={getattr(self, name)}: expected at least 1")
        if self.limit is not None and self.limit < 1:
            raise DataError(f"limit={self.limit}: expected at least 1, or None for all words")
        if not self.step > 0:
            raise DataError(f"step={self.step}: expected a positive number")


@dataclass(frozen=True)
class Plan:
    """What :class:`Options` come to for one seed, and the reason, for the user."""

    start: Literal["procrustes", "whitening"]
    self_learn: bool
    refine: Literal["free", "spectral", "none"]
    reason: str


def plan(options: Options, seed: Seed) -> Plan:
    """Settle every ``auto``: see docs/methods.md for the measurements behind the thresholds."""
    size, given = len(seed.rows), seed.origin == "dictionary"
    large = given and size >= LARGE
    start = options.start if options.start != "auto" else ("whitening" if large else "procrustes")
    learn = not large if options.self_learn == "auto" else options.self_learn == "yes"
    refine = options.refine
    if refine == "auto":
        refine = "free" if given and size >= REFINABLE else "none"
    steps = [start, *["self-learning"] * learn, *[f"RCSLS ({refine})"] * (refine != "none")]
    return Plan(start, learn, refine, f"{seed.reason}: {' -> '.join(steps)}")


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
    seed = choose_seed(vocabularies[0], vocabularies[1], spaces, lexicon, options.seed_from)
    chosen = plan(options, seed)
    logger.info(chosen.reason)
    maps = _fit(spaces, seed.rows, chosen, options)
    sides = [
        Side(
            _name(vectors, role),
            vectors,
            options.limit,
            SideMap(normalizer, _typical_length_one(rows, matrix)),
        )
        for role, vectors, normalizer, rows, matrix in (
            ("source", source, normalizers[0], spaces.source, maps.source),
            ("target", target, normalizers[1], spaces.target, maps.target),
        )
    ]
    means = neighbourhoods(sides[0].mapped.matrix, sides[1].mapped.matrix, options.k, device=options.device)
    agreement = _mutual_share(sides, means, options)
    return Alignment(sides[0], sides[1], means, _record(options, seed, chosen, maps, agreement))


def _fit(spaces: Spaces, seed: Indices, chosen: Plan, options: Options) -> Maps:
    train, held = _hold_out(seed, options) if chosen.refine != "none" else (seed, None)
    fit = CLOSED_FORM[chosen.start]
    if chosen.self_learn:
        start = self_learning(
            spaces,
            train,
            fit,
            vocabulary=options.self_learning_vocabulary,
            rounds=options.self_learning_rounds,
            device=options.device,
        )
    else:
        start = fit(spaces, train)
    if chosen.refine == "none":
        return start
    return rcsls(
        spaces,
        train,
        start,
        validation=held,
        variant=chosen.refine,
        k=options.k,
        step=options.step,
        steps=options.steps,
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


def _typical_length_one(rows: Floats, matrix: Floats) -> Floats:
    """Scale a map so that the words it maps have length 1 on average: lengths both sides share."""
    lengths = np.linalg.norm(rows @ matrix, axis=1)
    return matrix / np.float32(lengths.mean())


def _mutual_share(sides: list[Side], means: Neighbourhoods, options: Options) -> float:
    """Share of the source's frequent words that are mutual neighbours with a target word."""
    few = [side.mapped.matrix[:FREQUENT] for side in sides]
    cut = Neighbourhoods(means.source[:FREQUENT], means.target[:FREQUENT])
    return len(mutual(few[0], few[1], cut, device=options.device)) / len(few[0])


def _record(options: Options, seed: Seed, chosen: Plan, maps: Maps, agreement: float) -> dict[str, Any]:
    warnings = []
    if agreement < DOUBTFUL:
        warnings.append(
            f"only {agreement:.0%} of the frequent words have a mutual neighbour: this is probably no "
            "translation map; a dictionary of a few hundred pairs would help most"
        )
    for warning in warnings:
        logger.warning(warning)
    return {
        "arguments": asdict(options),
        "method": asdict(chosen),
        "seed": {
            "origin": seed.origin,
            "reason": seed.reason,
            "pairs": len(seed.rows),
            "coverage": seed.coverage,
        },
        "metrics": {"mutual_share": agreement},
        "warnings": warnings,
        "history": [dict(step) for step in maps.history],
        "versions": _versions(),
    }


def _versions() -> dict[str, str]:
    found = {"python": platform.python_version()}
    for package in ("bli-translator", "numpy", "scipy"):
        try:
            found[package] = version(package)
        except PackageNotFoundError:  # run from a checkout that is not installed
            found[package] = "not installed"
    return found


def _name(vectors: Embedder, role: str) -> str:
    return vectors.path.name.split(".")[0] if vectors.path else role
