"""What is good and bad about an alignment, in numbers, and what to do next, in words."""

from translator.diagnosis.advice import Advice, advise
from translator.diagnosis.examination import diagnose
from translator.diagnosis.result import Diagnosis

__all__ = ["Advice", "Diagnosis", "advise", "diagnose"]
