"""Diagnose an alignment: what is good and bad about it, in numbers, and what to do next, in words."""

from translator.diagnosis.advice import Advice, advise
from translator.diagnosis.examination import diagnose
from translator.diagnosis.result import Diagnosis

__all__ = ["Advice", "Diagnosis", "advise", "diagnose"]
