"""The section on isomorphism: how alike the two spaces are before anything is mapped."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .markup import Html, Section, figure, key, listing, paragraph, section, table
from .svg import SOURCE, TARGET, drawing, inline

if TYPE_CHECKING:
    from translator.diagnosis import Diagnosis
    from translator.diagnosis.isomorphism import Isomorphism


def spaces(found: Diagnosis) -> Section:
    """Both measures beside what they are for known pairs, and both spectra."""
    return section(
        "isomorphism",
        "How alike the two spaces are",
        paragraph("A linear map can only turn and stretch; it works as far as both spaces have one shape."),
        listing(_meaning(found.isomorphism)),
        _known(found.isomorphism),
        _spectra(found),
    )


def _meaning(own: Isomorphism) -> list[str]:
    """What the measures are, and what is low and high."""
    from translator.diagnosis.isomorphism import GRAPH

    texts = [
        "Eigenvalue divergence (Søgaard et al. 2018) compares the graphs of nearest neighbours of the "
        f"{own.graph_words:,} most frequent words a side. It is 0 for a space and its rotation, and grows "
        "where words crowd together in one language and not in the other. Of the known pairs below, the one "
        "that is translated best has the lowest.",
        "Singular value gap (Dubossarsky et al. 2020) compares how both spaces spread over their directions, "
        f"for {own.spectrum_words:,} words a side. It does not put the known pairs in the order of their "
        "accuracy, so nothing is advised from it.",
    ]
    if own.graph_words != GRAPH:
        texts.append(
            f"The known pairs were measured on {GRAPH:,} words a side; with {own.graph_words:,} the "
            "eigenvalue divergence does not compare with theirs."
        )
    return texts


def _known(own: Isomorphism) -> Html:
    from translator.diagnosis.isomorphism import REFERENCES

    rows = [("these two", f"{own.eigenvalue_divergence:,.0f}", f"{own.singular_value_gap:.2f}", "")]
    for one in REFERENCES:
        right = "" if one.p_at_1 is None else f"{100 * one.p_at_1:.1f}"
        rows.append((one.pair, f"{one.divergence:,.0f}", f"{one.gap:.2f}", right))
    return table(("spaces", "eigenvalue divergence", "singular value gap", "P@1 of the map, %"), rows)


def _spectra(found: Diagnosis) -> Html:
    own = found.isomorphism.spectra
    from matplotlib.ticker import NullFormatter

    narrow = max(map(max, own)) < 10 * min(map(min, own))  # so narrow that few powers of ten lie within
    with drawing() as (canvas, axes):
        for values, colour, line in zip(own, (SOURCE, TARGET), ("-", "--"), strict=True):
            axes.semilogy(range(1, len(values) + 1), values, line, color=colour)
        axes.yaxis.set_major_formatter("{x:g}")
        axes.yaxis.set_minor_formatter("{x:g}" if narrow else NullFormatter())
        axes.set_xlabel("direction, the widest first")
        axes.set_ylabel("singular value")
        picture = inline(canvas, "spectra", "Singular values of both normalised spaces, the largest first")
    names = key("source", found.source.name), key("target", found.target.name)
    return figure(picture, *names, "singular values of the normalised spaces, by the root of the words")
