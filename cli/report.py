"""``translator report``: an HTML page on the quality of an alignment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from .console import Console, speaking
from .folder import check_file, chosen, inputs, opened
from .hints import in_flags
from .options import FILE, device_option, folder_argument, moved_vectors
from .pages.summary import headline
from .pages.svg import check_plotting
from .render import table

if TYPE_CHECKING:
    from translator import Alignment, Lexicon
    from translator.diagnosis import Advice, Diagnosis


@click.command()
@folder_argument
@click.option(
    "-o", "--output", type=FILE, metavar="FILE", help="Where to write the page. [default: FOLDER.html]"
)
@click.option(
    "--test",
    type=FILE,
    metavar="FILE",
    help="Test dictionary of held-out pairs, for accuracy: source<tab>target.",
)
@click.option(
    "-d",
    "--dict",
    "seed_dictionary",
    type=FILE,
    metavar="FILE",
    help="The dictionary that the alignment was made with. [default: the recorded file, if unchanged]",
)
@device_option
@moved_vectors
@speaking
def report(
    console: Console,
    /,
    folder: Path | None,
    output: Path | None,
    test: Path | None,
    seed_dictionary: Path | None,
    device: str,
    moved: Mapping[str, Path | None],
) -> None:
    """Write a report on the quality of an alignment, and what to do next.

    The report is one self-contained HTML file. It shows coverage, accuracy by word frequency, hubness, how
    similar the two spaces are, how the map was trained, whether the probabilities are calibrated, and pairs
    of the dictionary that look wrong. This takes half a minute with vocabularies of 20,000 words, and needs
    matplotlib: pip install 'bli-translator[report]'

    FOLDER is optional if the current directory has one alignment.

    \b
    Example:
      translator report en-de --test test.txt -o report.html
    """
    check_plotting()
    folder = chosen(folder)
    file = output or Path(f"{folder.resolve().name}.html")
    from translator import load_lexicon
    from translator.diagnosis import advise, diagnose
    from translator.writing import replacing

    from .pages.page import page

    tested = load_lexicon(test) if test is not None else None
    console.phase(f"reading {folder}")
    alignment = opened(folder, moved)
    seed_lexicon, note = _seed_dictionary(alignment, folder, seed_dictionary)
    lexicons = [one.path for one in (seed_lexicon, tested) if one is not None and one.path is not None]
    check_file(file, [*inputs(alignment), folder, *lexicons])
    console.phase("diagnosing")
    diagnosis = diagnose(alignment, seed_lexicon, tested, device=device)
    advice = [replace(one, text=in_flags(one.text)) for one in advise(diagnosis)]
    files = _inputs(folder, diagnosis)
    console.phase(f"writing {file}")
    with replacing(file) as draft:
        draft.write_text(page(diagnosis, advice, files, note), encoding="utf-8", errors="replace")
    notes = {"advice": [asdict(one) for one in advice], "inputs": files, "note": note}
    value = {"alignment": str(folder), "file": str(file), **notes, **diagnosis.as_dict()}
    console.summary(_text(diagnosis, advice, file), value)


def _seed_dictionary(alignment: Alignment, folder: Path, file: Path | None) -> tuple[Lexicon | None, str]:
    """Load the given or else the recorded seed dictionary, or say why there is none."""
    from translator import load_lexicon
    from translator.diagnosis.dictionary import recorded_dictionary

    if file is not None:
        return load_lexicon(file), ""
    lexicon, note = recorded_dictionary(alignment.record.dictionary, folder)
    return lexicon, in_flags(note)


def _inputs(folder: Path, diagnosis: Diagnosis) -> dict[str, dict[str, str]]:
    """Return the files that the alignment was made from, with their hashes."""
    from translator.alignment.artefact import read_config

    config, dictionary = read_config(folder), diagnosis.record.dictionary
    files = {
        role: {"path": side.path, "sha256": side.sha256}
        for role, side in (("source", config.source), ("target", config.target))
    }
    if dictionary is not None and dictionary.path is not None:
        files["dictionary"] = {"path": dictionary.path, "sha256": str(dictionary.sha256)}
    return files


def _text(diagnosis: Diagnosis, advice: Sequence[Advice], file: Path) -> str:
    lines = [table(headline(diagnosis)), "", *(f"- {one.text}" for one in advice), "", f"Written to {file}"]
    return "\n".join(lines)
