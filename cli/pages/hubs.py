"""The section on hubness: targets that are near to too much."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .markup import Html, Section, figure, key, paragraph, percent, section, table, word
from .svg import AFTER, BEFORE, drawing, inline

if TYPE_CHECKING:
    from translator.diagnosis import Diagnosis
    from translator.diagnosis.hubness import Hubness


def hubs(found: Diagnosis) -> Section:
    """Skewness before and after CSLS, the distribution, and the worst hubs."""
    own = found.hubness
    both = (own.cosine, own.csls)
    rows = [
        ("skewness of the number of neighbours", *(f"{one.skewness:.2f}" for one in both)),
        ("source words near to the largest hub", *(f"{one.largest:,}" for one in both)),
        ("targets that are near to no source word", *(percent(one.never) for one in both)),
    ]
    looked = (
        f"For each of the {own.source_words:,} most frequent source words, its {own.k} nearest of the "
        f"{own.target_words:,} most frequent target words. A hub is a target that is among them for very "
        "many: it is offered as a translation of everything. CSLS, by which words are translated, takes hubs "
        "back. Skewness (Radovanović et al. 2010) is 0 where all targets are chosen alike often, and grows "
        "with hubs."
    )
    worst = [(word(hub.word), f"{hub.cosine:,}", f"{hub.csls:,}") for hub in own.worst]
    return section(
        "hubness",
        "Hubs",
        paragraph(looked),
        table(("", "cosine", "CSLS"), rows),
        _plot(own),
        table(
            ("target word", "near by cosine", "near by CSLS"),
            worst,
            f"The largest hubs by cosine, and how many source words have them among their {own.k} nearest",
        ),
    )


def _plot(own: Hubness) -> Html:
    most = max(len(own.cosine.counts), len(own.csls.counts))
    with drawing() as (canvas, axes):
        for shift, colour, one in ((-0.2, BEFORE, own.cosine), (0.2, AFTER, own.csls)):
            places = [number + shift for number in range(len(one.counts))]
            axes.bar(places, [100 * count / own.target_words for count in one.counts], 0.38, color=colour)
        axes.set_xticks(range(most), [str((1 << number) // 2) for number in range(most)])
        axes.set_xlabel("source words that a target is near to")
        axes.set_ylabel("targets in percent")
        axes.grid(visible=False, axis="x")
        label = "Targets by the number of source words they are near to, each class up to the next number"
        picture = inline(canvas, "hubs", label)
    return figure(picture, key("before", "cosine"), key("after", "CSLS"), label)
