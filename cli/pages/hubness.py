"""The section on hubness: targets that are near to very many source words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .markup import Html, Section, figure, key, paragraph, percent, section, table, word
from .svg import AFTER, BEFORE, drawing, inline

if TYPE_CHECKING:
    from translator.diagnosis import Diagnosis
    from translator.diagnosis.hubness import Hubness


def hubness(diagnosis: Diagnosis) -> Section:
    """Show the skewness by cosine and by CSLS, the distribution, and the largest hubs."""
    measured = diagnosis.hubness
    both = (measured.cosine, measured.csls)
    rows = [
        ("skewness of the number of neighbours", *(f"{one.skewness:.2f}" for one in both)),
        ("source words near to the largest hub", *(f"{one.largest:,}" for one in both)),
        ("targets that are near to no source word", *(percent(one.never) for one in both)),
    ]
    explanation = (
        f"The {measured.k} nearest of the {measured.target_words:,} most frequent target words were "
        f"searched for each of the {measured.source_words:,} most frequent source words. A hub is a target "
        "word that is near to very many source words, so that it is offered as a translation for all of "
        "them. CSLS, which the program uses to translate, reduces hubs. Skewness (Radovanović et al. 2010) "
        "is 0 if all targets are found equally often, and grows with hubs."
    )
    worst = [(word(hub.word), f"{hub.cosine:,}", f"{hub.csls:,}") for hub in measured.worst]
    return section(
        "hubness",
        "Hubs",
        paragraph(explanation),
        table(("", "cosine", "CSLS"), rows),
        _plot(measured),
        table(
            ("target word", "near by cosine", "near by CSLS"),
            worst,
            f"The largest hubs by cosine, and how many source words have them among their {measured.k} "
            "nearest",
        ),
    )


def _plot(measured: Hubness) -> Html:
    most = max(len(measured.cosine.counts), len(measured.csls.counts))
    with drawing() as (canvas, axes):
        for shift, colour, one in ((-0.2, BEFORE, measured.cosine), (0.2, AFTER, measured.csls)):
            places = [number + shift for number in range(len(one.counts))]
            axes.bar(
                places, [100 * count / measured.target_words for count in one.counts], 0.38, color=colour
            )
        axes.set_xticks(range(most), [str((1 << number) // 2) for number in range(most)])
        axes.set_xlabel("source words near to a target")
        axes.set_ylabel("targets in percent")
        axes.grid(visible=False, axis="x")
        label = "Targets by the number of source words near to them, each class up to the next number"
        image = inline(canvas, "hubness", label)
    return figure(image, key("before", "cosine"), key("after", "CSLS"), label)
