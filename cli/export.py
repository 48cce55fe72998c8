"""``translator export``: write an alignment for other programs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click
from click.core import ParameterSource

from .console import Console, speaking
from .folder import check_file, check_replaceable, chosen, is_alignment, label, opened
from .options import folder_argument, moved_vectors, space_option
from .render import table

if TYPE_CHECKING:
    from translator import Alignment
    from translator.alignment.artefact import Config
    from translator.export import SideName, Space

R = TypeVar("R")

LAYERS = ("torch", "onnx")  # made of the maps alone, without the vectors
WORDS = ("vec", "gensim", "npz")  # hold vectors of words and nothing else
UNIT_INPUT = "Note: a plain nn.Linear with these weights needs input rows of unit length (the normalisation)."


@dataclass(frozen=True)
class Export:
    """One file, or the folder of an index, to be written.

    :param format: a key of :data:`FORMATS`.
    :param side: the language it holds.
    """

    format: str
    side: SideName
    path: Path

    def check(self, keep: Iterable[Path]) -> None:
        """Check before any work that the file can be written and replaces nothing of the user's.

        :param keep: files and folders that are read.
        :raises DataError: it cannot be written, or would replace something.
        """
        if self.format == "index":
            from translator.export.index_folder import INDEX

            check_replaceable(self.path, INDEX, "--index")
        else:
            check_file(self.path, keep)


@dataclass(frozen=True)
class ExportFormat:
    """A kind of file, or of folder.

    :param suffixes: the ends of its names, the usual one first.
    """

    name: str
    suffixes: tuple[str, ...]
    help: str

    def plan(self, file: str, folder: Path, config: Config, sides: Sequence[SideName]) -> list[Export]:
        """Return one export for each side; a single one has the name that was given.

        :raises BadParameter: the name does not end as names of this format do.
        """
        name = str(Path(file)) if file else folder.resolve().name + self.suffixes[0]
        stem, suffix = self._split(name)
        parts = {side: f".{label(config, side)}" for side in sides}
        if self.name in LAYERS:
            parts = {side: "" if side == sides[0] else f".{side}" for side in sides}
        elif len(sides) == 1:
            parts = dict.fromkeys(sides, "")
        return [Export(self.name, side, Path(f"{stem}{parts[side]}{suffix}")) for side in sides]

    def _split(self, file: str) -> tuple[str, str]:
        from translator.writing import is_stream

        for suffix in sorted(self.suffixes, key=len, reverse=True):
            if not suffix or (file.endswith(suffix) and Path(file).name != suffix):
                return file.removesuffix(suffix), suffix
        if not Path(file).suffix and not is_stream(Path(file)):
            return file, self.suffixes[0]
        raise click.BadParameter(
            f"{file!r} does not end in {' or '.join(self.suffixes)}", param_hint=f"--{self.name}"
        )


FORMATS = {
    form.name: form
    for form in (
        ExportFormat("torch", (".safetensors",), "State dict of a plain torch.nn.Linear."),
        ExportFormat("vec", (".vec", ".vec.gz", ".txt", ".txt.gz"), "Aligned vectors as text."),
        ExportFormat("fasttext", (".bin",), "fastText model that gives aligned vectors for any string."),
        ExportFormat("onnx", (".onnx",), "The layer for ONNX runtimes."),
        ExportFormat("gensim", (".kv",), "Aligned vectors as gensim KeyedVectors."),
        ExportFormat("npz", (".npz",), "Aligned vectors for numpy."),
        ExportFormat("index", (".index", ""), "Folder for vector databases: inner products rank by CSLS."),
    )
}


def formats(function: Callable[..., R]) -> Callable[..., R]:
    """Add an option for each format, whose value, the file, may be left out."""
    for name, form in reversed(FORMATS.items()):
        place = "[FOLDER]" if name == "index" else "[FILE]"
        add = click.option(f"--{name}", name, is_flag=False, flag_value="", metavar=place, help=form.help)
        function = add(function)
    return function


@click.command()
@folder_argument
@formats
@space_option
@click.option(
    "--side",
    type=click.Choice(["source", "target", "both"]),
    help="Which language to export. [default: both; with --space target, the source; --index, the target]",
)
@click.option(
    "--all", "all_words", is_flag=True, help="Map every word of the file, not only those that were aligned."
)
@click.option(
    "--through-lexicon",
    is_flag=True,
    help="Write each source word as the mean of the raw vectors of its translations, by probability.",
)
@click.option("--ann", is_flag=True, help="With --index: add a graph of approximate neighbours, for usearch.")
@moved_vectors
@speaking
def export(
    console: Console,
    /,
    folder: Path | None,
    space: Space,
    side: str | None,
    all_words: bool,
    through_lexicon: bool,
    ann: bool,
    moved: Mapping[str, Path | None],
    **wanted: str | None,
) -> None:
    """Write aligned vectors, models and layers.

    Both languages move into the shared space, so both are written. With --space target the source moves
    all the way into the raw vectors of the target, whose own file is then the partner.
    Words beyond the --limit of the alignment are left out unless you give --all.
    With --through-lexicon a program that reads the target's own vectors understands source words, better
    than by mapped vectors.
    An index holds the words of one language, the target, and queries for the other.
    FOLDER may be left out where there is one alignment in the current directory, FILE always:

    \b
      --torch   en-de.safetensors (source), en-de.target.safetensors (target)
      --vec     en-de.en.vec, en-de.de.vec
      --index   en-de.index/vectors.npy, words.txt, queries.npy, queries.txt, config.json

    \b
    Example:
      translator export en-de --torch en-de.safetensors
      translator export --torch
    """
    asked = {name: file for name in FORMATS if (file := wanted[name]) is not None}
    if not asked:
        raise click.UsageError(f"Say what to write: {', '.join(f'--{name}' for name in FORMATS)}.")
    if ann and "index" not in asked:
        raise click.UsageError("--ann adds to an index: give --index.")
    if all_words and asked.keys().isdisjoint(WORDS):
        raise click.UsageError(f"--all is for formats of words: {', '.join(f'--{name}' for name in WORDS)}.")
    if through_lexicon:
        space, side = _through_lexicon(asked, space, side, all_words)
    folder = chosen(folder or _taken_for_file(asked))
    sides = {name: _sides(name, space, side) for name in asked}
    from translator.alignment.artefact import read_config
    from translator.files import located
    from translator.retrieval.ann import check_installed

    config = read_config(folder)
    if ann:
        check_installed()
    exports = [
        one for name, file in asked.items() for one in FORMATS[name].plan(file, folder, config, sides[name])
    ]
    vectors = [moved[side] or located(folder, config.side(side).path) for side in ("source", "target")]
    for one in exports:
        one.check([folder, *vectors])
    notes = _write(console, exports, folder, space, moved, all_words, through_lexicon, ann)
    console.summary("\n".join([_list(exports, config, space), *notes]), _value(folder, space, exports, notes))


def _through_lexicon(
    asked: Mapping[str, str], space: Space, side: str | None, all_words: bool
) -> tuple[Space, SideName]:
    """Return space and side of vectors through the lexicon: words of the source in the target's space."""
    if other := [f"--{name}" for name in asked if name not in WORDS]:
        raise click.UsageError(f"--through-lexicon is for formats of words, not for {other[0]}.")
    if side not in (None, "source") or all_words:
        raise click.UsageError(
            "--through-lexicon writes the aligned words of the source: leave --side and --all out."
        )
    given = click.get_current_context().get_parameter_source("space") is not ParameterSource.DEFAULT
    if given and space != "target":
        raise click.UsageError(
            "--through-lexicon writes vectors in the target's raw space: leave --space out."
        )
    return "target", "source"


def _taken_for_file(asked: dict[str, str]) -> Path | None:
    """Return the alignment folder of ``export --torch en-de``, which click takes for the file to write."""
    for name, file in asked.items():
        if file and is_alignment(Path(file)):
            asked[name] = ""
            return Path(file)
    return None


def _sides(form: str, space: Space, side: str | None) -> tuple[SideName, ...]:
    if form == "index":
        if space == "target":
            raise click.UsageError("CSLS is defined in the shared space: with --index leave --space out.")
        side = side or "target"
    if space == "target":
        if side in ("target", "both"):
            raise click.UsageError(
                "With --space target only the source moves: leave --side out, and use the target's own file."
            )
        return ("source",)
    if side in (None, "both"):
        return ("source", "target")
    return ("source",) if side == "source" else ("target",)


def _write(
    console: Console,
    exports: Sequence[Export],
    folder: Path,
    space: Space,
    moved: Mapping[str, Path | None],
    all_words: bool,
    through_lexicon: bool,
    ann: bool,
) -> list[str]:
    """Write the files; return notes for the user."""
    from translator import LexiconVectors, save_vectors
    from translator.export import linear_map, subword_vectors

    alignment = None if all(one.format in LAYERS for one in exports) else opened(folder, moved)
    for one in exports:
        if one.format == "fasttext" and alignment:  # not every alignment has one: before anything is written
            subword_vectors(alignment, one.side)
    notes = []
    for one in exports:
        console.phase(f"writing {one.path}")
        if one.format in LAYERS:
            layer = linear_map(folder, one.side, space)
            layer.save(one.path)
            notes += [UNIT_INPUT] if layer.unit_input and one.format == "torch" else []
        elif alignment and through_lexicon:
            save_vectors(LexiconVectors(alignment).table(), one.path)
        elif alignment:
            _write_vectors(one, alignment, folder, space, all_words, ann)
            notes += [] if all_words or one.format not in WORDS else _left_out(alignment, one.side)
    return list(dict.fromkeys(notes))


def _left_out(alignment: Alignment, side: SideName) -> list[str]:
    """Say how many words of the vectors were not exported."""
    from translator.export import words_left_out

    exported = alignment.source if side == "source" else alignment.target
    if (count := words_left_out(exported)) == 0:
        return []
    left = "there may be more" if count is None else f"{count:,} others are left out"
    aligned = f"the {len(exported.mapped):,} most frequent words, which were aligned"
    return [f"Note: {exported.name}: {aligned}; {left}. --all exports every word."]


def _write_vectors(
    one: Export, alignment: Alignment, folder: Path, space: Space, all_words: bool, ann: bool
) -> None:
    from translator.alignment.artefact import TENSORS
    from translator.export import export_fasttext, export_index, export_vectors
    from translator.files import fingerprint

    if one.format == "index":
        export_index(alignment, one.path, one.side, ann=ann, fingerprint=fingerprint(folder / TENSORS))
    elif one.format == "fasttext":
        export_fasttext(alignment, one.path, one.side, space)
    else:
        export_vectors(alignment, one.path, one.side, space, all_words=all_words)


def _list(exports: list[Export], config: Config, space: Space) -> str:
    end = "shared space" if space == "shared" else f"raw space of {label(config, 'target')}"
    return table([(str(one.path), one.format, f"{label(config, one.side)} -> {end}") for one in exports])


def _value(folder: Path, space: Space, exports: list[Export], notes: list[str]) -> dict[str, Any]:
    files = [{"format": one.format, "side": one.side, "path": str(one.path)} for one in exports]
    return {"alignment": str(folder), "space": space, "files": files, "notes": notes}
