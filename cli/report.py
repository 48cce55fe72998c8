"""``translator report``: a page on what is good and bad about an alignment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from .console import Console, speaking
from .folder import check_file, chosen, inputs, opened
from .options import FILE, device_option, folder_argument, moved_vectors
from .pages.summary import headline
from .pages.svg import check_plotting
from .render import table

if TYPE_CHECKING:
    from translator import Alignment, Lexicon
    from translator.diagnosis import Advice, Diagnosis


@click.command()
@folder_argument
@click.option("-o", "--output", type=FILE, metavar="FILE", help="The page. [default: FOLDER.html]")
@click.option("--test", type=FILE, metavar="FILE", help="Test pairs, for accuracy: source<tab>target.")
@click.option(
    "-d",
    "--dict",
    "dictionary",
    type=FILE,
    metavar="FILE",
    help="The dictionary it was made with. [default: the recorded file, where it is unchanged]",
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
    dictionary: Path | None,
    device: str,
    moved: Mapping[str, Path | None],
) -> None:
    """Write a page that says how good an alignment is, why, and what to do next.

    Coverage, accuracy by kind of word, hubs, how alike the two spaces are, how the map was learnt, whether
    the probabilities hold, and pairs of the dictionary that look wrong. One HTML file, which needs nothing
    else. It takes half a minute with vocabularies of 20,000 words. Needs matplotlib: pip install
    'bli-translator[report]'
    FOLDER may be left out where there is one alignment in the current directory.

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
    seed, note = _seed(alignment, folder, dictionary)
    lexicons = [one.path for one in (seed, tested) if one is not None and one.path is not None]
    check_file(file, [*inputs(alignment), folder, *lexicons])
    console.phase("examining")
    found = diagnose(alignment, seed, tested, device=device)
    advice, made_from = advise(found), _inputs(folder, found)
    console.phase(f"writing {file}")
    with replacing(file) as draft:
        draft.write_text(page(found, advice, made_from, note), encoding="utf-8", errors="replace")
    told = {"advice": [asdict(one) for one in advice], "inputs": made_from, "note": note}
    value = {"alignment": str(folder), "file": str(file), **told, **found.as_dict()}
    console.summary(_text(found, advice, file), value)


def _seed(alignment: Alignment, folder: Path, named: Path | None) -> tuple[Lexicon | None, str]:
    """The dictionary that was named, or the recorded one; without it, why."""
    from translator import load_lexicon
    from translator.diagnosis.seed import recorded_dictionary

    if named is not None:
        return load_lexicon(named), ""
    return recorded_dictionary(alignment.record.dictionary, folder)


def _inputs(folder: Path, found: Diagnosis) -> dict[str, dict[str, str]]:
    """The files that the alignment was made from, with their hashes."""
    from translator.alignment.artefact import read_config

    config, dictionary = read_config(folder), found.record.dictionary
    files = {
        role: {"path": side.path, "sha256": side.sha256}
        for role, side in (("source", config.source), ("target", config.target))
    }
    if dictionary is not None and dictionary.path is not None:
        files["dictionary"] = {"path": dictionary.path, "sha256": str(dictionary.sha256)}
    return files


def _text(found: Diagnosis, advice: Sequence[Advice], file: Path) -> str:
    lines = [table(headline(found)), "", *(f"- {one.text}" for one in advice), "", f"Written to {file}"]
    return "\n".join(lines)
