"""The section on coverage: the share of each dictionary that is inside the vocabularies."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .markup import Html, Section, joined, paragraph, percent, section, table, words

if TYPE_CHECKING:
    from translator.diagnosis import Diagnosis
    from translator.diagnosis.bands import Band
    from translator.diagnosis.coverage import Coverage, Words


def coverage(diagnosis: Diagnosis, note: str) -> Section:
    """Show the coverage of both dictionaries, missing words, and the frequency of the covered ones.

    :param note: why there is no seed dictionary, or an empty string.
    """
    given = {"seed": diagnosis.seed_coverage, "test": diagnosis.test_coverage}
    measured = {name: one for name, one in given.items() if one is not None}
    parts: list[str] = [paragraph(note)] if note else []
    if measured:
        parts.append(_overview(diagnosis, measured))
        parts += [_missing(name, one) for name, one in measured.items() if one.found < one.pairs]
        parts.append(_bands(measured, diagnosis.source.words))
    if diagnosis.test_coverage is None:
        parts.append(paragraph("No test dictionary was given. Add one with --test."))
    return section("coverage", "Coverage of the dictionaries", *parts)


def _overview(diagnosis: Diagnosis, measured: dict[str, Coverage]) -> Html:
    rows = [
        (f"{name}, {unit}", f"{count:,}", f"{total:,}", percent(count / total))
        for name, one in measured.items()
        for unit, count, total in (
            ("pairs", one.found, one.pairs),
            (f"words of {diagnosis.source.name}", one.source.found, one.source.words),
            (f"words of {diagnosis.target.name}", one.target.found, one.target.words),
        )
    ]
    return joined(
        paragraph("Only pairs with both words in the vocabularies can be used for training or testing."),
        table(("dictionary", "found", "of", "share"), rows),
    )


def _missing(name: str, one: Coverage) -> Html:
    return joined(
        *(_words(name, role, side) for role, side in (("source", one.source), ("target", one.target)))
    )


def _words(name: str, role: str, side: Words) -> Html:
    if side.found == side.words:
        return joined()
    phrases = f" ({side.phrases:,} have more than one word)" if side.phrases else ""
    return paragraph(
        f"Missing {role} words of the {name} dictionary: {side.words - side.found:,}",
        phrases,
        ", such as ",
        words(side.examples),
        ".",
    )


def _bands(measured: dict[str, Coverage], vocabulary: int) -> Html:
    first = next(iter(measured.values()))
    rows = [
        (
            ranks(first.bands[row].band),
            *(f"{one.bands[row].words:,}" for one in measured.values()),
            *(percent(one.bands[row].words / _size(one.bands[row].band)) for one in measured.values()),
        )
        for row in range(len(first.bands))
    ]
    header = [*(f"words in {name}" for name in measured), *(f"share in {name}" for name in measured)]
    return joined(
        paragraph(
            f"Source words of the dictionaries by frequency, among the {vocabulary:,} words of the "
            "vocabulary:"
        ),
        table(("rank", *header), rows),
    )


def _size(band: Band) -> int:
    return band.last - band.first + 1


def ranks(band: Band) -> str:
    """Write a band of frequency, such as 1–2,000."""
    return f"{band.first:,}\N{WORD JOINER}\N{EN DASH}\N{WORD JOINER}{band.last:,}"
