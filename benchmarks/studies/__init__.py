"""Studies: each is run as ``python -m benchmarks.studies.NAME`` and writes one file of ``results/``."""
