"""Exact nearest neighbours: one blocked scan under every criterion.

Each criterion ranks targets y for a query x by an inner product plus a bias that depends on y alone, because
a term that depends on x alone cannot change the ranking:

====================  ===========================================  ==============================
criterion             score(x, y), rows of unit length             bias(y)
====================  ===========================================  ==============================
``cosine``            x.y                                          0
``csls``              2 x.y - r_T(x) - r_S(y)                      -r_S(y) / 2
``inverted-softmax``  b x.y - log sum_x' exp(b x'.y)               -log sum_x' exp(b x'.y) / b
====================  ===========================================  ==============================

r_T(x) is the mean cosine of x with its k nearest targets, r_S(y) that of y with its k nearest
sources (Lample et al. 2018, section 2.3); b is an inverse temperature (Smith et al. 2017).
"""

from translator.retrieval.csls import NEIGHBOURHOOD, Neighbourhoods, csls_bias, csls_both, neighbourhoods
from translator.retrieval.exact import Neighbours, reciprocal, search, search_both
from translator.retrieval.index import BETA, CRITERIA, Criterion, Index
from translator.retrieval.metrics import ranks, reciprocal_ranks
from translator.retrieval.problem import MEMORY

__all__ = [
    "BETA",
    "CRITERIA",
    "MEMORY",
    "NEIGHBOURHOOD",
    "Criterion",
    "Index",
    "Neighbourhoods",
    "Neighbours",
    "csls_bias",
    "csls_both",
    "neighbourhoods",
    "ranks",
    "reciprocal",
    "reciprocal_ranks",
    "search",
    "search_both",
]
