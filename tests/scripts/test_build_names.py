"""Names are taken from the files of CLDR where they are one word, for things that enough languages name."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from scripts import build_names
from scripts.build_names import build, is_word, written


def write(file: Path, content: Any) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(content), "utf-8")


def locale(cldr: Path, name: str, territories: dict[str, str], emoji: dict[str, str], monday: str) -> None:
    """The files of one locale."""
    display = {"languages": {"xx": "xx", "fi": "Finnish"}, "territories": territories, "scripts": {}}
    for kind, names in display.items():
        content = {"main": {name: {"localeDisplayNames": {kind: names}}}}
        write(cldr / "cldr-localenames-full" / "main" / name / f"{kind}.json", content)
    forms = {form: {"wide": {"mon": monday}} for form in ("format", "stand-alone")}
    calendar = {"months": forms, "days": forms, "dayPeriods": forms}
    dates = {"calendars": {"gregorian": calendar}}
    write(cldr / "cldr-dates-full" / "main" / name / "ca-gregorian.json", {"main": {name: {"dates": dates}}})
    captions = {character: {"tts": [text], "default": ["keyword"]} for character, text in emoji.items()}
    annotations = {"annotations": {"annotations": captions}}
    write(cldr / "cldr-annotations-full" / "annotations" / name / "annotations.json", annotations)


def test_a_small_repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(build_names, "FEWEST_NAMES", 1)
    monkeypatch.setattr(build_names, "FEWEST_LANGUAGES", 2)
    locale(
        tmp_path, "en", {"US": "United States", "FI": "Finland", "FI-alt-x": "Suomi"}, {"🐶": "dog"}, "Monday"
    )
    locale(tmp_path, "fi", {"FI": "Suomi", "US": "Yhdysvallat"}, {"🐶": "koira"}, "Mon")
    locale(tmp_path, "fi-SE", {"FI": "Finlandia"}, {"🐶": "koira"}, "maanantai")
    (tmp_path / "cldr-localenames-full" / "main" / "und").mkdir()
    dates = {
        "calendars": {
            "gregorian": {
                kind: {form: {"wide": {"mon": "Mon"}} for form in ("format", "stand-alone")}
                for kind in ("months", "days", "dayPeriods")
            }
        }
    }
    write(
        tmp_path / "cldr-dates-full" / "main" / "und" / "ca-gregorian.json",
        {"main": {"und": {"dates": dates}}},
    )
    alias = {"fin": {"_replacement": "fi"}, "xxx": {"_replacement": "yy"}, "als": {"_replacement": "fi"}}
    aliases = {"supplemental": {"metadata": {"alias": {"languageAlias": alias}}}}
    write(tmp_path / "cldr-core" / "supplemental" / "aliases.json", aliases)
    content = build(tmp_path)
    names = {
        language: dict(zip(content["keys"], cells, strict=True))
        for language, cells in content["names"].items()
    }
    assert (
        names["en"]["territories FI"] == "Finland|Suomi"
        and names["fi"]["territories FI"] == "Suomi|Finlandia"
    )
    assert names["en"]["emoji 🐶"] == "dog" and names["fi"]["days mon"] == "maanantai"
    assert "territories US" not in content["keys"] and "languages xx" not in content["keys"]
    assert content["aliases"] == {"fin": "fi", "finnish": "fi"}


@pytest.mark.parametrize(
    ("name", "word"),
    [
        *(("Guinea-Bissau", True), ("п’ять", True), ("1月", False), ("New York", False), ("-", False)),
        *(("ญี่ปุ่น", True), ("تک\u200cشاخ", True), ("D.C.", False), ("", False)),
    ],
)
def test_what_a_word_is(name: str, word: bool) -> None:
    assert is_word(name) is word


def test_vowel_signs_are_left_out_and_letters_composed() -> None:
    assert written("فُک") == "فک" and written("שָׁלוֹם") == "שלום" and written(" e\u0301te\u0301 ") == "été"
    assert written("दाँत") == "दाँत" and written("أ") == "أ"
