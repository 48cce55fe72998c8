"""From two spaces, and a dictionary if there is one, to an alignment: the main job."""

from __future__ import annotations

import logging
import platform
from dataclasses import asdict, dataclass
from functools import partial
from importlib.metadata import PackageNotFoundError, version
from typing import Any, Literal, get_args

import numpy as np

from translator.affine import SideMap
from translator.alignment import Alignment, Side
from translator.errors import DataError
from translator.lexicon import Lexicon
from translator.maps import CLOSED_FORM
from translator.maps.base import Maps, Spaces
from translator.maps.rcsls import rcsls
from translator.maps.self_learning import ROUNDS, VOCABULARY, self_learning
from translator.normalize import DEFAULT_RECIPE, Normalizer, Step, parse_recipe, unit_rows
from translator.retrieval import NEIGHBOURHOOD, Neighbourhoods, mutual, neighbourhoods
from translator.seeds import Seed, SeedChoice, choose_seed
from translator.vectors import Embedder, Indices, WordVectors, extended

logger = logging.getLogger(__name__)

Start = Literal["auto", "procrustes", "whitening"]
Refine = Literal["auto", "free", "spectral", "none"]
Switch = Literal["auto", "yes", "no"]

REFINABLE = 30  # fewer dictionary pairs teach RCSLS nothing that holds for other words
MOST_STEPS = 30  # of RCSLS when held-out pairs say where to stop
UNCHECKED_STEPS = 8  # of RCSLS when there are too few pairs to hold any out
FEWEST_HELD = 50  # held-out words below which their score is noise
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
    :param steps: most RCSLS steps; None lets the held-out pairs decide.
    :param step: size of an RCSLS step; None takes it from the number of pairs.
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
    steps: int | None = None
    step: float | None = None
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
        for name in ("k", "steps", "step", "self_learning_vocabulary", "self_learning_rounds"):
            value = getattr(self, name)
            if value is not None and not value > 0:
                raise DataError(f"{name}={getattr(self, name)}: expected more than 0")
        if self.limit is not None and self.limit < 1:
            raise DataError(f"limit={self.limit}: expected more than 0, or None for all words")


@dataclass(frozen=True)
class Plan:
    """What :class:`Options` come to for one seed, and the reason, for the user."""

    start: Literal["procrustes", "whitening"]
    self_learn: bool
    refine: Literal["free", "spectral", "none"]
    reason: str


def plan(options: Options, seed: Seed) -> Plan:
    """Settle every ``auto``: docs/methods.md has the measurements behind these choices."""
    start = "procrustes" if options.start == "auto" else options.start
    learn = options.self_learn != "no"
    refine = options.refine
    if refine == "auto":
        refine = "free" if seed.origin != "structure" and len(seed.rows) >= REFINABLE else "none"
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
    seed = choose_seed(vocabularies[0], vocabularies[1], spaces, lexicon, options.seed_from, options.seed)
    chosen = plan(options, seed)
    logger.info(chosen.reason)
    maps = _fit(spaces, seed, chosen, options)
    sides = [
        Side(
            _name(vectors, role),
            vectors,
            options.limit,
            SideMap(normalizer, matrix).of_typical_length_one(table.matrix),
        )
        for role, vectors, normalizer, table, matrix in (
            ("source", source, normalizers[0], tables[0], maps.source),
            ("target", target, normalizers[1], tables[1], maps.target),
        )
    ]
    means = neighbourhoods(sides[0].mapped.matrix, sides[1].mapped.matrix, options.k, device=options.device)
    agreement = _mutual_share(sides, means, options)
    return Alignment(sides[0], sides[1], means, _record(options, seed, chosen, maps, agreement))


def _fit(spaces: Spaces, seed: Seed, chosen: Plan, options: Options) -> Maps:
    """The start on the training share, the number of RCSLS steps on the held-out share, then all pairs."""
    train, held = _hold_out(seed.rows, options) if chosen.refine != "none" else (seed.rows, None)
    start = _start(spaces, train, seed.origin != "structure", chosen, options)
    if chosen.refine == "none":
        return start
    refine = partial(
        rcsls,
        spaces,
        start=start,
        variant=chosen.refine,
        k=options.k,
        step=options.step,
        device=options.device,
    )
    if held is None:
        return refine(seed.rows, steps=options.steps or UNCHECKED_STEPS)
    trial = refine(train, validation=held, steps=options.steps or MOST_STEPS)
    scores = [float(step["held_out_mrr"]) for step in trial.history if step["method"] == "rcsls"]
    taken = int(np.argmax(scores))
    logger.info("held-out MRR %.3f before RCSLS, %.3f after %d steps", scores[0], scores[taken], taken)
    final = refine(seed.rows, steps=taken)
    trials = [{**step, "pairs": "training share"} for step in trial.history[len(start.history) :]]
    return Maps(final.source, final.target, (*start.history, *trials, *final.history[len(start.history) :]))


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
