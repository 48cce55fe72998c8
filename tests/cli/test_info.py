"""``translator info``: a complete alignment and an incomplete one."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any


def test_info_says_how_an_alignment_was_made(run: Any, made: Path) -> None:
    text = run("info", made).stdout
    assert all(
        part in text for part in ("src -> tgt", "src.vec", "300 words", "center,unit", "RCSLS", "numpy")
    )
    assert "forward general; backward general" in text
    assert json.loads(run("info", made, "--json").stdout)["format"] == 1


def test_info_on_half_an_alignment(run: Any, made: Path, here: Path) -> None:
    tensors = Path(shutil.copytree(made, here / "half")) / "model.safetensors"
    tensors.write_bytes(tensors.read_bytes()[:-100])
    result = run("info", "half")
    assert result.exit_code == 1 and "model.safetensors" in result.stderr
