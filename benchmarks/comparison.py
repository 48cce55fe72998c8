"""Summaries of runs: accuracy by system and by subset of the words, and ours compared with the best peer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np
import numpy.typing as npt

from translator.diagnosis.bands import ENDS
from translator.diagnosis.calibration import calibration
from translator.evaluation import RERANKED, bootstrap
from translator.retrieval import reciprocal_ranks

OURS, MAP = "ours", "ours, map alone"
SIGN_FLIPS = 10_000

RUN = ("pair", "seeds", "draw", "system")  # these identify a run

Record = dict[str, Any]
Hits = npt.NDArray[np.float64]

NOTHING: Record = {"rows": [], "comparisons": [], "failed": []}


def summary(records: Sequence[Record], before: Record = NOTHING) -> Record:
    """Summarise runs for the tables.

    :param records: of ``benchmarks.studies.bli``, each with the rank of every test word.
    :param before: an earlier summary of other runs. Its rows stay unless a record replaces them; tasks with a
        new row are compared again.
    """
    new = [row(run) for record in records if "failed" not in record for run in split(record)]
    rows = by_run([*before["rows"], *new])
    failed = [{key: one[key] for key in (*RUN, "failed")} for one in records if "failed" in one]
    failures = by_run([*before["failed"], *failed])
    changed = {task(one) for one in new}
    measured = [one for one in rows.values() if task(one) in changed and "hits" in one]
    return {
        "rows": list(rows.values()),
        "comparisons": [
            *(one for one in before["comparisons"] if task(one) not in changed),
            *compare(measured),
        ],
        "failed": [one for run, one in failures.items() if run not in rows],
    }


def by_run(records: Sequence[Record]) -> dict[tuple[str | int, ...], Record]:
    """Sort records by run; of several records of a run, keep the last."""
    runs = {tuple(one[key] for key in RUN): one for one in records}
    return {run: runs[run] for run in sorted(runs)}


def task(one: Record) -> tuple[str, str]:
    """Return the task of a run or a comparison: size of the dictionary, and language pair."""
    return one["seeds"], one["pair"]


def split(record: Record) -> list[Record]:
    """Split a run of ours into two systems: the re-ranked lexicon, and the map alone under CSLS."""
    ranks = record["ranks"]
    plain = {**record, "ranks": np.array(ranks["csls"]), "nearest": np.array(ranks["cosine"])}
    if record["system"] != OURS:
        return [plain]
    return [{**plain, "ranks": np.array(ranks.get(RERANKED, ranks["csls"]))}, {**plain, "system": MAP}]


def row(run: Record) -> Record:
    """Compute the accuracy of one run, overall and by subset of the words."""
    ranks = run["ranks"]
    measures = bootstrap(np.stack([hits(ranks), (ranks > 0) & (ranks <= 5), reciprocal_ranks(ranks)]))
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
        **({"calibration": run_calibration(run)} if run["system"] == OURS and "probability" in run else {}),
    }


def run_calibration(run: Record) -> Record:
    """Measure the calibration of the probabilities of a run."""
    return asdict(calibration(np.array(run["probability"], np.float32), run["ranks"] == 1))


def part(ranks: npt.NDArray[Any], chosen: npt.NDArray[np.bool_]) -> Record:
    """Return P@1 of a subset of the words, and the number of words."""
    return {"words": int(chosen.sum()), "p_at_1": float(hits(ranks)[chosen].mean()) if chosen.any() else None}


def packed(right: npt.NDArray[np.bool_]) -> str:
    """Pack a bit per test word into hexadecimal, for comparison with later runs of other systems."""
    return np.packbits(right).tobytes().hex()


def unpacked(row: Record) -> Hits:
    """Return 1.0 for each test word whose first candidate was right, else 0.0."""
    bits = np.frombuffer(bytes.fromhex(row["hits"]), np.uint8)
    return np.unpackbits(bits, count=row["words"]).astype(np.float64)


def hits(ranks: npt.NDArray[Any]) -> Hits:
    """Return 1.0 where the first candidate is right, else 0.0."""
    first: Hits = (ranks == 1).astype(np.float64)
    return first


def compare(rows: Sequence[Record]) -> list[Record]:
    """Compare ours with the best peer of each task, on the same words and dictionaries."""
    comparisons = []
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
        comparisons += [{**about, "system": name, **paired(less[nearest][name])} for name in (OURS, MAP)]
    return comparisons


def differences(ours: Mapping[str, Sequence[Record]], theirs: Sequence[Record]) -> dict[str, Hits]:
    """Subtract a peer's hits from those of ours and of its map, averaged over the draws that both have."""
    draws = {row["draw"] for row in ours[OURS]} & {row["draw"] for row in theirs}
    peer, *mine = ([row for row in rows if row["draw"] in draws] for rows in (theirs, *ours.values()))
    if not draws:
        return {}
    return {name: mean_hits(rows) - mean_hits(peer) for name, rows in zip(ours, mine, strict=True)}


def mean_hits(rows: Sequence[Record]) -> Hits:
    """Average the hits of each test word over draws."""
    averaged: Hits = np.mean([unpacked(row) for row in rows], axis=0)
    return averaged


def paired(difference: Hits) -> Record:
    """Return the mean difference, its 95 % interval, and the two-sided p of a sign-flip permutation test."""
    rng = np.random.default_rng(0)
    signs = rng.choice([-1.0, 1.0], size=(SIGN_FLIPS, len(difference)))
    extreme = np.abs(signs @ difference) >= abs(difference.sum()) - 1e-9
    return {**asdict(bootstrap(difference[None])[0]), "p": float((extreme.sum() + 1) / (SIGN_FLIPS + 1))}
