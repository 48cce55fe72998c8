"""The embedded images are what their README says, and the script cuts such files out of a larger set."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from vse import data

BUILD = Path(__file__).parents[2] / "scripts" / "build_images.py"
FOLDER = data.path()
COUNTS = {"train": 904, "dev": 100, "test": 200}

each_split = pytest.mark.parametrize("split", COUNTS)
each_language = pytest.mark.parametrize("language", ["en", "fr"])


def lines(name: str) -> list[str]:
    return (FOLDER / name).read_text("utf-8").splitlines()


def captions(split: str, language: str) -> list[tuple[int, str, str]]:
    fields = [line.split("\t") for line in lines(f"{split}/captions.{language}.tsv")]
    return [(int(row), source, caption) for row, source, caption in fields]


@each_split
def test_features_are_finite_rows_one_an_image(split: str) -> None:
    features = np.load(FOLDER / split / "features.npy", mmap_mode="r", allow_pickle=False)
    assert features.dtype == np.float16
    assert features.shape == (len(lines(f"{split}/ids.txt")), 1280) == (COUNTS[split], 1280)
    assert np.isfinite(features).all()
    assert len(np.unique(features, axis=0)) == len(features), "two images look the same"


def test_no_image_is_in_two_splits() -> None:
    ids = [name for split in COUNTS for name in lines(f"{split}/ids.txt")]
    assert len(set(ids)) == len(ids)


@each_split
@each_language
def test_every_image_has_one_name_and_captions_name_rows(split: str, language: str) -> None:
    found = captions(split, language)
    rows = [row for row, source, _ in found if source == "name"]
    assert rows == list(range(COUNTS[split]))
    assert [row for row, _, _ in found] == sorted(row for row, _, _ in found)
    assert {row for row, _, _ in found} <= set(range(COUNTS[split]))
    assert {source for _, source, _ in found} == {"name", "keywords"}
    assert all(caption.strip() for _, _, caption in found)


def test_every_image_has_a_character() -> None:
    characters = dict(line.split("\t") for line in lines("chars.tsv"))
    ids = [name for split in COUNTS for name in lines(f"{split}/ids.txt")]
    assert list(characters) == ids
    assert all(name == f"u{ord(character):04x}" for name, character in characters.items())


def test_readme_states_the_counts() -> None:
    stated = re.findall(
        r"^\| `(\w+)` \| (\d+) \| ([\d,]+) \| ([\d,]+) \|", "\n".join(lines("README.md")), re.M
    )
    counts = {split: tuple(int(count.replace(",", "")) for count in rest) for split, *rest in stated}
    assert counts == {
        split: (count, len(captions(split, "en")), len(captions(split, "fr")))
        for split, count in COUNTS.items()
    }


def test_notice_names_the_licences() -> None:
    notice = "\n".join(lines("NOTICE"))
    for required in ("Unicode-DFS-2016", "Copyright © 1991-2022 Unicode, Inc.", "Apache-2.0", "OFL-1.1"):
        assert required in notice
    assert "THE DATA FILES AND SOFTWARE ARE PROVIDED" in notice
    assert "Google Inc." in notice


def test_the_files_stay_small() -> None:
    assert sum(file.stat().st_size for file in FOLDER.rglob("*") if file.suffix != ".pyc") < 3_500_000


def write(place: Path, name: str, text: str) -> None:
    (place / name).parent.mkdir(parents=True, exist_ok=True)
    (place / name).write_text(text, "utf-8")


def test_the_script_copies_the_splits_and_cuts_the_characters(tmp_path: Path) -> None:
    emoji, output = tmp_path / "emoji", tmp_path / "output"
    write(emoji, "chars.tsv", "u4\td\nu2\tb\nu3\tc\nu1\ta\n")
    write(emoji, "thumbs/u1.jpg", "a drawing")
    for split, ids in {"train": "u1\nu2\n", "dev": "u3\n", "test": ""}.items():
        write(emoji, f"{split}/ids.txt", ids)
        for language in ("en", "fr", "de"):
            write(emoji, f"{split}/captions.{language}.tsv", f"0\tname\t{split} {language}\n")
        np.save(emoji / split / "features.npy", np.ones((2, 3), np.float16))
    command = [sys.executable, str(BUILD), "--emoji", str(emoji), "--output", str(output)]
    subprocess.run(command, check=True, capture_output=True)
    files = ("ids.txt", "features.npy", "captions.en.tsv", "captions.fr.tsv")
    expected = {f"{split}/{name}" for split in COUNTS for name in files}
    written = {file.relative_to(output).as_posix() for file in output.rglob("*") if file.is_file()}
    assert written == expected | {"chars.tsv"}
    assert all((output / name).read_bytes() == (emoji / name).read_bytes() for name in expected)
    assert (output / "chars.tsv").read_text("utf-8") == "u1\ta\nu2\tb\nu3\tc\n"
