"""Write the sources of many alignments in the space of their common target."""

from __future__ import annotations

from pathlib import Path

from ..console import Console
from .summary import Summary


def export_into(console: Console, summary: Summary, output: Path, pivot: Path) -> None:
    """Write the source of each finished pair to ``NAME.vec``, mapped into the raw space of the pivot.

    A file that was written after its alignment is kept.

    :param output: the folder of the alignments.
    :raises DataError: a map cannot be exported into the target's space, or a file cannot be written.
    """
    from translator import Alignment, export_vectors
    from translator.alignment.artefact import TENSORS
    from translator.progress import track

    names = [row.name for row in summary.rows.values() if row.state != "failed"]
    console.phase(f"writing {len(names)} languages in the space of {pivot}")
    for name in track(names, "languages"):
        folder, file = output / name, output / f"{name}.vec"
        if not file.is_file() or file.stat().st_mtime_ns < (folder / TENSORS).stat().st_mtime_ns:
            export_vectors(Alignment.from_pretrained(folder), file, "source", "target")
    files = ", ".join(str(output / f"{name}.vec") for name in names[:5]) + (", ..." if names[5:] else "")
    console.note(f"In the space of {pivot}: {files}" if names else f"Nothing is in the space of {pivot}.")
