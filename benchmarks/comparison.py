"""Records of single runs, summed up: accuracy by system and by band, and ours against the best peer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np
import numpy.typing as npt

from translator.diagnosis.bands import ENDS
from translator.diagnosis.certainty import certainty
from translator.evaluation import RERANKED, bootstrap

OURS, MAP = "ours", "ours, map alone"
SIGN_FLIPS = 10_000

Record = dict[str, Any]
Hits = npt.NDArray[np.float64]


def summary(records: Sequence[Record]) -> dict[str, Any]:
    """Everything the tables need.

    :param records: of ``benchmarks.bli``, each with the rank of every test word.
    """
    runs = [row for record in records if "failed" not in record for row in split(record)]
    failed = [record for record in records if "failed" in record]
    return {
        "rows": [row(run) for run in runs],
        "comparisons": [*compare(runs)],
        "failed": [{key: record[key] for key in ("system", "pair", "seeds", "failed")} for record in failed],
    }


def split(record: Record) -> list[Record]:
    """A run of ours is two systems: the lexicon as a user gets it, and the map alone under CSLS."""
    ranks = record["ranks"]
    plain = {**record, "ranks": np.array(ranks["csls"]), "nearest": np.array(ranks["cosine"])}
    if record["system"] != OURS:
        return [plain]
    return [{**plain, "ranks": np.array(ranks.get(RERANKED, ranks["csls"]))}, {**plain, "system": MAP}]


def row(run: Record) -> Record:
    """Accuracy of one run, overall and in parts."""
    ranks = run["ranks"]
    reciprocal = np.divide(1.0, ranks, out=np.zeros(len(ranks)), where=ranks > 0)
    measures = bootstrap(np.stack([hits(ranks), (ranks > 0) & (ranks <= 5), reciprocal]))
    named = dict(zip(("p_at_1", "p_at_5", "mrr"), map(asdict, measures), strict=True))
    band = np.searchsorted(ENDS, np.array(run["rows"]), side="right")
    several = np.minimum(np.array(run["listed"]), 3)
    return {
        **{key: run[key] for key in ("system", "pair", "seeds", "draw", "cost")},
        **named,
        "gpu": run.get("gpu", False),
        "words": len(ranks),
        "bands": [part(ranks, band == place) for place in range(len(ENDS) + 1)],
        "listed": [part(ranks, several == number) for number in (1, 2, 3)],
        "nearest_p_at_1": float(hits(run["nearest"]).mean()),
        **({"certainty": sureness(run)} if run["system"] == OURS and "probability" in run else {}),
    }


def sureness(run: Record) -> Record:
    """Whether the probabilities of a run hold."""
    return asdict(certainty(np.array(run["probability"], np.float32), run["ranks"] == 1))


def part(ranks: npt.NDArray[Any], chosen: npt.NDArray[np.bool_]) -> Record:
    """P@1 of some of the words, and how many they are."""
    return {"words": int(chosen.sum()), "p_at_1": float(hits(ranks)[chosen].mean()) if chosen.any() else None}


def hits(ranks: npt.NDArray[Any]) -> Hits:
    """1.0 where the first candidate is right."""
    first: Hits = (ranks == 1).astype(np.float64)
    return first


def compare(runs: Sequence[Record]) -> list[Record]:
    """Ours against the peer that comes nearest, for each task: on the same words and dictionaries."""
    found = []
    for seeds, pair in dict.fromkeys((run["seeds"], run["pair"]) for run in runs):
        of_task = [run for run in runs if (run["seeds"], run["pair"]) == (seeds, pair)]
        systems = {name: [run for run in of_task if run["system"] == name] for name in names(of_task)}
        mine = {name: systems.pop(name, []) for name in (OURS, MAP)}
        less = {peer: both for peer, theirs in systems.items() if (both := differences(mine, theirs))}
        if not less:
            continue
        nearest = min(less, key=lambda name: less[name][OURS].mean())
        task = {"seeds": seeds, "pair": pair, "peer": nearest}
        found += [{**task, "system": name, **paired(less[nearest][name])} for name in (OURS, MAP)]
    return found


def names(runs: Sequence[Record]) -> list[str]:
    """The systems of some runs."""
    return list(dict.fromkeys(run["system"] for run in runs))


def differences(ours: Mapping[str, Sequence[Record]], theirs: Sequence[Record]) -> dict[str, Hits]:
    """Hits of ours and of its map less a peer's, by test word, averaged over the draws that both have."""
    draws = {run["draw"] for run in ours[OURS]} & {run["draw"] for run in theirs}
    peer, *own = ([run for run in runs if run["draw"] in draws] for runs in (theirs, *ours.values()))
    if not draws:
        return {}
    return {name: mean_hits(runs) - mean_hits(peer) for name, runs in zip(ours, own, strict=True)}


def mean_hits(runs: Sequence[Record]) -> Hits:
    """Hits of each test word, averaged over draws."""
    averaged: Hits = np.mean([hits(run["ranks"]) for run in runs], axis=0)
    return averaged


def paired(difference: Hits) -> Record:
    """Mean difference with its 95 % interval, and the two-sided p-value of a sign-flip permutation test."""
    rng = np.random.default_rng(0)
    signs = rng.choice([-1.0, 1.0], size=(SIGN_FLIPS, len(difference)))
    extreme = np.abs(signs @ difference) >= abs(difference.sum()) - 1e-9
    return {**asdict(bootstrap(difference[None])[0]), "p": float((extreme.sum() + 1) / (SIGN_FLIPS + 1))}
