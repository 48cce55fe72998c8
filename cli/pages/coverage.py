"""The section on coverage: how much of each dictionary the vocabularies hold."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .markup import Html, Section, joined, paragraph, percent, section, table, words

if TYPE_CHECKING:
    from translator.diagnosis import Diagnosis
    from translator.diagnosis.bands import Band
    from translator.diagnosis.coverage import Coverage, Words


def coverage(found: Diagnosis, note: str) -> Section:
    """Both dictionaries side by side, what is missing, and where the seed lies.

    :param note: why there is no seed dictionary, if there is none.
    """
    there = [(name, one) for name, one in (("seed", found.seed), ("test", found.test)) if one is not None]
    parts: list[str] = [paragraph(note)] if note else []
    if there:
        parts.append(_overview(found, dict(there)))
        parts += [_missing(name, one) for name, one in there if one.found < one.pairs]
        parts.append(_bands(dict(there), found.source.words))
    if found.test is None:
        parts.append(paragraph("No test dictionary was given, so there is no accuracy either: see --test."))
    return section("coverage", "Coverage of the dictionaries", *parts)


def _overview(found: Diagnosis, there: dict[str, Coverage]) -> Html:
    rows = [
        (f"{name}, {what}", f"{held:,}", f"{total:,}", percent(held / total))
        for name, one in there.items()
        for what, held, total in (
            ("pairs", one.found, one.pairs),
            (f"words of {found.source.name}", one.source.found, one.source.words),
            (f"words of {found.target.name}", one.target.found, one.target.words),
        )
    ]
    return joined(
        paragraph("Only pairs whose words both vocabularies hold can teach or test anything."),
        table(("dictionary", "found", "of", "share"), rows),
    )


def _missing(name: str, one: Coverage) -> Html:
    return joined(
        *(_words(name, role, side) for role, side in (("source", one.source), ("target", one.target)))
    )


def _words(name: str, role: str, side: Words) -> Html:
    if side.found == side.words:
        return joined()
    why = [
        f"{count:,} {text}"
        for count, text in (
            (side.recased, "of them are there in another letter case"),
            (side.phrases, "are of more than one word"),
        )
        if count
    ]
    return paragraph(
        f"Missing {role} words of the {name} dictionary: {side.words - side.found:,}",
        f" ({'; '.join(why)})" if why else "",
        ", such as ",
        words(side.examples),
        ".",
    )


def _bands(there: dict[str, Coverage], vocabulary: int) -> Html:
    first = next(iter(there.values()))
    rows = [
        (
            places(known.band),
            *(f"{one.bands[row].words:,}" for one in there.values()),
            *(percent(one.bands[row].words / _size(one.bands[row].band)) for one in there.values()),
        )
        for row, known in enumerate(first.bands)
    ]
    header = [*(f"{name} words" for name in there), *(f"share known to {name}" for name in there)]
    return joined(
        paragraph(f"Where their words stand among the {vocabulary:,} source words by frequency:"),
        table(("place", *header), rows),
    )


def _size(band: Band) -> int:
    return band.last - band.first + 1


def places(band: Band) -> str:
    """A band of frequency in words."""
    return f"{band.first:,}\N{WORD JOINER}\N{EN DASH}\N{WORD JOINER}{band.last:,}"
