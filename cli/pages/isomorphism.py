"""The section on isomorphism: how similar the two spaces are before they are mapped."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .markup import Html, Section, figure, key, listing, paragraph, section, table
from .svg import SOURCE, TARGET, drawing, inline

if TYPE_CHECKING:
    from translator.diagnosis import Diagnosis
    from translator.diagnosis.isomorphism import Isomorphism


def isomorphism(diagnosis: Diagnosis) -> Section:
    """Show both measures together with those of reference pairs, and both spectra."""
    return section(
        "isomorphism",
        "Isomorphism: how similar the two spaces are",
        paragraph(
            "A linear map can only rotate and stretch a space, so translation works if both spaces have a "
            "similar shape."
        ),
        listing(_explanation(diagnosis.isomorphism)),
        _references(diagnosis.isomorphism),
        _spectra(diagnosis),
    )


def _explanation(measured: Isomorphism) -> list[str]:
    """Explain both measures."""
    from translator.diagnosis.isomorphism import GRAPH_WORDS

    texts = [
        "Eigenvalue divergence (Søgaard et al. 2018) compares the graphs of nearest neighbours of the "
        f"{measured.graph_words:,} most frequent words per language. It is 0 for a space and its rotation, "
        "and grows if words form dense groups in one language only. In our measurements below, the pair of "
        "languages that was translated best had the lowest divergence.",
        "Singular value gap (Dubossarsky et al. 2020) compares the variance of both spaces along their "
        f"principal directions, for {measured.spectrum_words:,} words per language. In our measurements it "
        "was unrelated to accuracy, so no advice is based on it.",
    ]
    if measured.graph_words != GRAPH_WORDS:
        texts.append(
            f"The other pairs were measured on {GRAPH_WORDS:,} words per language. Their eigenvalue "
            f"divergence cannot be compared with one of {measured.graph_words:,} words."
        )
    return texts


def _references(measured: Isomorphism) -> Html:
    from translator.diagnosis.isomorphism import REFERENCES

    rows = [
        ("this alignment", f"{measured.eigenvalue_divergence:,.0f}", f"{measured.singular_value_gap:.2f}", "")
    ]
    for one in REFERENCES:
        accuracy = "" if one.p_at_1 is None else f"{100 * one.p_at_1:.1f}"
        rows.append((one.pair, f"{one.divergence:,.0f}", f"{one.gap:.2f}", accuracy))
    return table(("spaces", "eigenvalue divergence", "singular value gap", "P@1 of the map, %"), rows)


def _spectra(diagnosis: Diagnosis) -> Html:
    spectra = diagnosis.isomorphism.spectra
    from matplotlib.ticker import NullFormatter

    narrow = max(map(max, spectra)) < 10 * min(
        map(min, spectra)
    )  # the axis needs labels between powers of ten
    with drawing() as (canvas, axes):
        for values, colour, line in zip(spectra, (SOURCE, TARGET), ("-", "--"), strict=True):
            axes.semilogy(range(1, len(values) + 1), values, line, color=colour)
        axes.yaxis.set_major_formatter("{x:g}")
        axes.yaxis.set_minor_formatter("{x:g}" if narrow else NullFormatter())
        axes.set_xlabel("direction, the largest variance first")
        axes.set_ylabel("singular value")
        image = inline(canvas, "spectra", "Singular values of both normalised spaces, the largest first")
    names = key("source", diagnosis.source.name), key("target", diagnosis.target.name)
    return figure(
        image, *names, "singular values of the normalised spaces, divided by the root of the number of words"
    )
