"""Recall after training in float32 and in bfloat16, in paired runs.

    python -m benchmarks.studies.precision --data DIR --words DIR --dictionaries DIR --work DIR [--seeds 10]

The folders are those of ``benchmarks/studies/recipes.py``, and so are the models: monolingual, and *one for
all*. Two runs of the same random seed differ only in precision. Each run is saved in the work folder, and an
interrupted study continues from there. Results go to ``benchmarks/results/precision.json``.
"""

from __future__ import annotations

from collections.abc import Iterator

from benchmarks.studies.recipes import OTHERS, PIVOT, Setting, run_all


def main() -> None:
    """Run all settings."""
    run_all(list(settings()), "precision", 10, __doc__)


def settings() -> Iterator[Setting]:
    """Yield a monolingual model of each language and one for all, in both precisions (the group)."""
    for precision in ("float32", "bfloat16"):
        options = {"precision": precision}
        for code in (PIVOT, *OTHERS):
            yield Setting(precision, "monolingual", (code,), options=options)
        yield Setting(precision, "one for all", (PIVOT, *OTHERS), "bli", options=options)


if __name__ == "__main__":
    main()
