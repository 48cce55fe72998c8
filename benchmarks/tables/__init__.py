"""Tables of ``docs/results.md`` and of the README, rendered from ``results/``."""
