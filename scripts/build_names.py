"""Build the names of Unicode CLDR that ship in ``translator/data``: any two languages are a dictionary.

    python -m scripts.build_names --cldr CLDR --output translator/data

CLDR holds the unpacked npm packages cldr-core, cldr-localenames-full, cldr-dates-full and
cldr-annotations-full, all 48.2.0, each in a folder of its name. Names of languages, territories, scripts,
months, weekdays, parts of the day and emoji are kept where they are one word. Cities of time zones are left
out: they added 0 to 8 pairs to 250 or more (vocabularies of 20,000 words). So are the keywords of emoji:
those of one emoji do not correspond one to one; of the keywords that co-occur best, a dictionary confirms
60 %, of names 80 % (English-Russian, XLING). The same input gives the same bytes.
"""

from __future__ import annotations

import argparse
import gzip
import json
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from translator.writing import replacing

FILE = "cldr.json.gz"
DISPLAY_NAMES = ("languages", "territories", "scripts")
ROOT = "und"  # the locale that all others inherit from: its names are placeholders
FEWEST_NAMES = 300  # of a language that is kept; those with fewer have hardly a name of an emoji
FEWEST_LANGUAGES = 40  # in which a name is one word, for the key to be kept
UNSPACED = {"dz", "ja", "km", "lo", "my", "shn", "th", "yue", "zh"}  # here every name looks like one word
TRANSLITERATIONS = {"en-Dsrt", "en-Shaw", "hi-Latn", "zh-Latn"}  # scripts that word vectors do not have
WRITTEN_AS = {"nb": "no"}  # codes with few names of their own, whose names CLDR has under another code
AMBIGUOUS = {"als"}  # Albanian in ISO 639-3, Alemannic in Wikipedia's and fastText's files
IN_WORDS = "-'’ʼ\u200c\u200d"  # next to letters and their marks: hyphen, apostrophes, joiners


def main() -> None:
    """Read the command line and build."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    for option in ("--cldr", "--output"):
        parser.add_argument(option, type=Path, required=True, metavar="DIR")
    arguments = parser.parse_args()
    content = json.dumps(build(arguments.cldr), ensure_ascii=False, separators=(",", ":"))
    with replacing(arguments.output / FILE) as draft:
        draft.write_bytes(gzip.compress(content.encode(), 9, mtime=0))


def build(cldr: Path) -> dict[str, Any]:
    """Return the keys, the names of each language in their order, and further codes of the languages.

    Names of one language are joined by ``|``; those of its regions and scripts are among them.
    """
    names = {
        language: of_language
        for language, of_language in sorted(names_by_language(cldr).items())
        if len(of_language) >= FEWEST_NAMES
    }
    spaced = Counter(key for language in names.keys() - UNSPACED for key in names[language])
    keys = sorted(key for key, count in spaced.items() if count >= FEWEST_LANGUAGES)
    return {
        "keys": keys,
        "names": {
            language: ["|".join(of_language.get(key, ())) for key in keys]
            for language, of_language in names.items()
        },
        "aliases": {
            code: language
            for code, language in sorted(aliases(cldr).items())
            if language in names and code not in names and code not in AMBIGUOUS
        },
    }


def names_by_language(cldr: Path) -> dict[str, dict[str, list[str]]]:
    """Return the single-word names of each key, by language and key."""
    names: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    placeholders = set(all_names(cldr, ROOT))
    locales = {folder.name for folder in (cldr / "cldr-localenames-full" / "main").iterdir()}
    for locale in sorted(locales - TRANSLITERATIONS - {ROOT}):
        for key, name in all_names(cldr, locale):
            word = written(name)
            code = locale.split("-")[0]
            cell = names[WRITTEN_AS.get(code, code)][key]
            if is_word(word) and word not in cell and (key, name) not in placeholders:
                cell.append(word)
    return {
        language: {key: cell for key, cell in of_language.items() if cell}
        for language, of_language in names.items()
    }


def all_names(cldr: Path, locale: str) -> Iterator[tuple[str, str]]:
    """Yield the names of a locale with their keys."""
    yield from display_names(cldr / "cldr-localenames-full" / "main" / locale, locale)
    yield from dates(cldr / "cldr-dates-full" / "main" / locale, locale)
    emoji = content(cldr / "cldr-annotations-full" / "annotations" / locale / "annotations.json")
    for character, texts in emoji.get("annotations", {}).get("annotations", {}).items():
        for name in texts.get("tts", ()):
            yield f"emoji {character}", name


def display_names(folder: Path, locale: str) -> Iterator[tuple[str, str]]:
    """Yield the names of languages, territories and scripts; a code in place of a name is left out."""
    for kind in DISPLAY_NAMES:
        if of_locale := content(folder / f"{kind}.json").get("main"):
            for code, name in of_locale[locale]["localeDisplayNames"][kind].items():
                if name != code:
                    yield f"{kind} {code.split('-alt-')[0]}", name


def dates(folder: Path, locale: str) -> Iterator[tuple[str, str]]:
    """Yield the names of months, weekdays, parts of the day, units of time, and days such as *today*."""
    if of_locale := content(folder / "ca-gregorian.json").get("main"):
        calendar = of_locale[locale]["dates"]["calendars"]["gregorian"]
        for kind in ("months", "days", "dayPeriods"):
            for form in ("stand-alone", "format"):
                for number, name in calendar[kind][form]["wide"].items():
                    yield f"{kind} {number.split('-alt-')[0]}", name
    if of_locale := content(folder / "dateFields.json").get("main"):
        for field, texts in of_locale[locale]["dates"]["fields"].items():
            for kind, name in texts.items():
                if (
                    "-" not in field
                    and isinstance(name, str)
                    and kind.startswith(("displayName", "relative"))
                ):
                    yield f"{field} {kind}", name


def aliases(cldr: Path) -> dict[str, str]:
    """Return deprecated and three-letter codes of languages, and English names, with the code CLDR uses."""
    metadata = content(cldr / "cldr-core" / "supplemental" / "aliases.json")["supplemental"]["metadata"]
    codes = {
        code: entry["_replacement"].split("-")[0]
        for code, entry in metadata["alias"]["languageAlias"].items()
        if "-" not in code
    }
    folder = cldr / "cldr-localenames-full" / "main" / "en"
    english = content(folder / "languages.json")["main"]["en"]["localeDisplayNames"]["languages"]
    return {name.lower(): code for code, name in english.items() if is_word(name)} | codes | WRITTEN_AS


def content(file: Path) -> dict[str, Any]:
    """Read a JSON file; empty where a locale has none."""
    loaded: dict[str, Any] = json.loads(file.read_text("utf-8")) if file.exists() else {}
    return loaded


def written(name: str) -> str:
    """Write a name as vectors have it: composed, without Hebrew and Arabic vowel signs and elongation."""
    plain = (c for c in name.strip() if not ("\u0591" <= c <= "\u05c7" and unicodedata.combining(c)))
    return unicodedata.normalize("NFC", "".join(c for c in plain if c not in VOWELS))


VOWELS = {"\u0640", "\u0670", *map(chr, range(0x064B, 0x0653))}  # hamza and madda, the next, stay


def is_word(name: str) -> bool:
    """Whether a name consists of letters with their marks, and what joins them within a word."""
    return any(c.isalpha() for c in name) and all(
        unicodedata.category(c)[0] in "LM" or c in IN_WORDS for c in name
    )


if __name__ == "__main__":
    main()
