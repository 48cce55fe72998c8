"""Methods that map one space onto another; one method a file."""

from collections.abc import Callable

from translator.maps.base import Maps, Spaces
from translator.maps.pairs import WeightedPairs
from translator.maps.procrustes import procrustes
from translator.maps.ridge import ridge
from translator.maps.whitening import whitening

ClosedForm = Callable[[Spaces, WeightedPairs], Maps]

CLOSED_FORM: dict[str, ClosedForm] = {"ridge": ridge, "procrustes": procrustes, "whitening": whitening}

__all__ = ["CLOSED_FORM", "ClosedForm", "procrustes", "ridge", "whitening"]
