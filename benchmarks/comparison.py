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
from translator.retrieval import reciprocals

OURS, MAP = "ours", "ours, map alone"
SIGN_FLIPS = 10_000

RUN = ("pair", "seeds", "draw", "system")  # what tells one run from another

Record = dict[str, Any]
Hits = npt.NDArray[np.float64]

NOTHING: Record = {"rows": [], "comparisons": [], "failed": []}


def summary(records: Sequence[Record], before: Record = NOTHING) -> Record:
    """Everything the tables need.

    :param records: of ``benchmarks.studies.bli``, each with the rank of every test word.
    :param before: an earlier summary of other runs: its rows stay unless a record takes their place, and a
        task with a new row is compared anew.
    """
    new = [row(run) for record in records if "failed" not in record for run in split(record)]
    rows = by_run([*before["rows"], *new])
    failed = [{key: one[key] for key in (*RUN, "failed")} for one in records if "failed" in one]
    failures = by_run([*before["failed"], *failed])
    anew = {task(one) for one in new}
    measured = [one for one in rows.values() if task(one) in anew and "hits" in one]
    return {
        "rows": list(rows.values()),
        "comparisons": [*(one for one in before["comparisons"] if task(one) not in anew), *compare(measured)],
        "failed": [one for run, one in failures.items() if run not in rows],
    }


def by_run(found: Sequence[Record]) -> dict[tuple[str | int, ...], Record]:
    """Records in the order of what tells runs apart; of the same run, the last."""
    runs = {tuple(one[key] for key in RUN): one for one in found}
    return {run: runs[run] for run in sorted(runs)}


def task(one: Record) -> tuple[str, str]:
    """What a run or a comparison is about: the size of the dictionary, and the pair of languages."""
    return one["seeds"], one["pair"]


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
    measures = bootstrap(np.stack([hits(ranks), (ranks > 0) & (ranks <= 5), reciprocals(ranks)]))
    named = dict(zip(("p_at_1", "p_at_5", "mrr"), map(asdict, measures), strict=True))
    band = np.searchsorted(ENDS, np.array(run["rows"]), side="right")
    several = np.minimum(np.array(run["listed"]), 3)
    return {
        **{key: run[key] for key in ("system", "pair", "seeds", "draw", "cost")},
        **named,
        "gpu": run.get("gpu", False),
        "words": len(ranks),
        "hits": packed(ranks == 1),
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


def packed(right: npt.NDArray[np.bool_]) -> str:
    """A bit a test word, in hexadecimal: what later runs of other systems are compared with."""
    return np.packbits(right).tobytes().hex()


def unpacked(row: Record) -> Hits:
    """1.0 for each test word whose first candidate was right."""
    bits = np.frombuffer(bytes.fromhex(row["hits"]), np.uint8)
    return np.unpackbits(bits, count=row["words"]).astype(np.float64)


def hits(ranks: npt.NDArray[Any]) -> Hits:
    """1.0 where the first candidate is right."""
    first: Hits = (ranks == 1).astype(np.float64)
    return first


def compare(rows: Sequence[Record]) -> list[Record]:
    """Ours against the peer that comes nearest, for each task: on the same words and dictionaries."""
    found = []
    for seeds, pair in sorted({task(row) for row in rows}):
        of_task = [row for row in rows if task(row) == (seeds, pair)]
        names = dict.fromkeys(row["system"] for row in of_task)
        systems = {name: [row for row in of_task if row["system"] == name] for name in names}
        mine = {name: systems.pop(name, []) for name in (OURS, MAP)}
        less = {peer: both for peer, theirs in systems.items() if (both := differences(mine, theirs))}
        if not less:
            continue
        nearest = min(less, key=lambda name: less[name][OURS].mean())
        about = {"seeds": seeds, "pair": pair, "peer": nearest}
        found += [{**about, "system": name, **paired(less[nearest][name])} for name in (OURS, MAP)]
    return found


def differences(ours: Mapping[str, Sequence[Record]], theirs: Sequence[Record]) -> dict[str, Hits]:
    """Hits of ours and of its map less a peer's, by test word, averaged over the draws that both have."""
    draws = {row["draw"] for row in ours[OURS]} & {row["draw"] for row in theirs}
    peer, *own = ([row for row in rows if row["draw"] in draws] for rows in (theirs, *ours.values()))
    if not draws:
        return {}
    return {name: mean_hits(rows) - mean_hits(peer) for name, rows in zip(ours, own, strict=True)}


def mean_hits(rows: Sequence[Record]) -> Hits:
    """Hits of each test word, averaged over draws."""
    averaged: Hits = np.mean([unpacked(row) for row in rows], axis=0)
    return averaged


def paired(difference: Hits) -> Record:
    """Mean difference with its 95 % interval, and the two-sided p-value of a sign-flip permutation test."""
    rng = np.random.default_rng(0)
    signs = rng.choice([-1.0, 1.0], size=(SIGN_FLIPS, len(difference)))
    extreme = np.abs(signs @ difference) >= abs(difference.sum()) - 1e-9
    return {**asdict(bootstrap(difference[None])[0]), "p": float((extreme.sum() + 1) / (SIGN_FLIPS + 1))}
