"""Mutual nearest neighbours: the pairs that geometry alone suggests."""

from __future__ import annotations

from translator.maps.base import Maps, Spaces
from translator.retrieval import NEIGHBOURHOOD, csls_both, reciprocal
from translator.vectors import Indices


def mutual_pairs(spaces: Spaces, maps: Maps, device: str = "cpu") -> Indices:
    """Return the mutual nearest neighbours under CSLS in the shared space, int64 [p, 2]."""
    shared = spaces.mapped(maps)
    _, forward, backward = csls_both(shared.source, shared.target, 1, among=NEIGHBOURHOOD, device=device)
    return reciprocal(forward.indices[:, 0], backward.indices[:, 0])
