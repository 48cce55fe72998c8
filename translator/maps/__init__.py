"""Methods that map one space onto another; one method a file."""

from collections.abc import Callable

from translator.maps.base import Maps, Spaces
from translator.maps.procrustes import procrustes
from translator.maps.whitening import whitening
from translator.vectors import Indices

ClosedForm = Callable[[Spaces, Indices], Maps]  # both spaces and pairs of rows, int64 [p, 2] -> maps

CLOSED_FORM: dict[str, ClosedForm] = {"procrustes": procrustes, "whitening": whitening}

__all__ = ["CLOSED_FORM", "ClosedForm", "procrustes", "whitening"]
