"""Ways to map one space onto another; each method in a file of its own."""

from translator.maps.procrustes import procrustes
from translator.maps.self_learning import Fit
from translator.maps.whitening import whitening

CLOSED_FORM: dict[str, Fit] = {"procrustes": procrustes, "whitening": whitening}

__all__ = ["CLOSED_FORM", "procrustes", "whitening"]
