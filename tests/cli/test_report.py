"""``translator report``: the page as a whole, its numbers, what it survives, and what it refuses."""

from __future__ import annotations

import json
import re
import shutil
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from reading import HOSTILE, Reader
from toys import rotated

from translator import Alignment, load_lexicon, save_vectors
from translator.diagnosis import advice, advise, bands, diagnose
from translator.vectors import WordVectors

TOPICS = [
    *("summary", "coverage", "accuracy", "hubness", "isomorphism", "conditioning", "learning"),
    *("calibration", "landscape", "suspects", "record"),
]

Full = tuple[str, dict[str, Any]]  # a page, and its numbers


@pytest.fixture(scope="module")
def ranked(run: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with an alignment that has rankers, its vectors, and two dictionaries."""
    place = tmp_path_factory.mktemp("ranked")
    for name, vectors in zip(("en", "de"), rotated(700, 20, noise=1.0), strict=True):
        save_vectors(vectors, place / f"{name}.npz")
    for name, numbers in (("train", range(600)), ("test", range(600, 700))):
        text = "".join(f"s{number}\tt{number}\n" for number in numbers)
        (place / f"{name}.txt").write_text(text, "utf-8")
    files = (place / "en.npz", place / "de.npz")
    done = run("align", *files, "--dict", place / "train.txt", "-o", place / "en-de", "--rerank")
    assert done.exit_code == 0, done.output
    return place


def written(run: Any, *arguments: object) -> str:
    """Run the command in the current directory and read its page."""
    result = run("report", *arguments, "-o", "page.html")
    assert result.exit_code == 0, result.output
    return Path("page.html").read_text("utf-8")


def check_page(page: str) -> Reader:
    """What holds for every page: whole, alone, in order, with a name for each picture."""
    read = Reader(page)
    tags = Counter(tag for tag, _ in read.elements)
    assert tags["script"] == tags["img"] == tags["link"] == tags["iframe"] == tags["object"] == 0
    addresses = [
        given[name] for _, given in read.elements for name in ("src", "href", "data") if name in given
    ]
    assert addresses and all(address and address.startswith("#") for address in addresses)
    assert "http://" not in page and "https://" not in page and "@import" not in page
    assert all(target.startswith("#") for target in re.findall(r"url\(([^)]*)\)", page))
    ids = [given["id"] for _, given in read.elements if "id" in given]
    assert len(ids) == len(set(ids)) and {str(address)[1:] for address in addresses} <= set(ids)
    assert [given["id"] for tag, given in read.elements if tag == "section"] == TOPICS
    assert tags["h1"] == 1 and tags["h2"] == len(TOPICS) == len(re.findall('<li><a href="#', page))
    for tag, given in read.elements:
        if tag == "svg":
            assert given["role"] == "img" and given["aria-label"]
        assert not [name for name in given if name.startswith("on")]
    assert "nan" not in read.text.lower().split() and "None" not in read.text
    assert '<meta name="viewport"' in page and "Content-Security-Policy" in page
    return read


@pytest.fixture(scope="module")
def full(run: Any, ranked: Path) -> Full:
    """The page of an alignment with a ranker on a test dictionary, and its JSON."""
    line = ["report", ranked / "en-de", "--test", ranked / "test.txt", "-o", ranked / "page.html", "--json"]
    result = run(*line)
    assert result.exit_code == 0, result.output
    return (ranked / "page.html").read_text("utf-8"), json.loads(result.stdout)


def test_a_page_with_a_ranker_and_a_test_dictionary(full: Full) -> None:
    read = check_page(full[0])
    assert sum(tag == "svg" for tag, _ in read.elements) == 6
    expected = (
        "en → de",
        "re-ranked",
        "calibration error",
        "100 of the 100",
        "ridge -> ",
    )
    assert all(text in read.text for text in expected)
    assert len(full[0]) < 400_000


@pytest.mark.parametrize("test", [True, False])
def test_a_page_of_a_small_dictionary(
    run: Any, made: Path, files: Path, here: Path, test: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bands, "ENDS", (150, 200))
    read = check_page(written(run, made, *(("--test", files / "test.txt") if test else ())))
    labels = [given["aria-label"] for tag, given in read.elements if tag == "svg"]
    assert any(str(label).startswith("P@1 by frequency") for label in labels) == test
    assert ("No test dictionary was given" in read.text) != test
    assert "Add 10 or more: probabilities are fitted to dictionaries of 100 or more" in read.text


def test_a_page_of_a_ranker_without_a_test_dictionary(run: Any, ranked: Path, here: Path) -> None:
    read = check_page(written(run, ranked / "en-de"))
    ranking = Alignment.from_pretrained(ranked / "en-de").record.rankers[0].held_out
    assert ranking is not None
    assert f"{100 * ranking.reranked_p_at_1:.1f}" in read.text
    assert "to see whether they are calibrated" in read.text


def test_json_is_what_the_library_says(ranked: Path, full: Full) -> None:
    value = dict(full[1])
    assert value.pop("file") == str(ranked / "page.html") and value.pop("note") == ""
    assert value.pop("alignment") == str(ranked / "en-de")
    assert set(value.pop("inputs")) == {"source", "target", "dictionary"}
    alignment = Alignment.from_pretrained(ranked / "en-de")
    found = diagnose(alignment, load_lexicon(ranked / "train.txt"), load_lexicon(ranked / "test.txt"))
    assert [one["topic"] for one in value.pop("advice")] == [one.topic for one in advise(found)]
    assert value == json.loads(json.dumps(found.as_dict()))


def test_the_page_is_the_same_twice(run: Any, ranked: Path, full: Full, here: Path) -> None:
    assert written(run, ranked / "en-de", "--test", ranked / "test.txt") == full[0]


def test_people_see_the_main_numbers_and_the_advice(run: Any, made: Path, files: Path, here: Path) -> None:
    result = run("report", made, "--test", files / "test.txt")
    assert "P@1, map alone" in result.stdout and "Written to src-tgt.html" in result.stdout
    assert "- The dictionary translates 90 source words." in result.stdout
    assert (here / "src-tgt.html").is_file()


def test_all_advice_leads_to_a_section() -> None:
    topics = set(re.findall(r'Advice\(\s*"(\w+)"', Path(advice.__file__).read_text("utf-8")))
    assert len(topics) > 5 and topics <= set(TOPICS)


def test_hostile_words_are_shown_and_do_nothing(run: Any, here: Path) -> None:
    odd = [
        *HOSTILE,
        "$x$",
        "שלום",
        "مرحبا",
        "水",
        "\u202eabc",
        "a\u0301",
        "\\",
        "{}",
        "%s",
        "\N{GRINNING FACE}",
    ]
    for name, vectors in zip(("<b>src", "tgt"), rotated(80, 8, noise=0.3), strict=True):
        places = range(10, 10 + len(odd)) if name == "tgt" else range(20, 20 + len(odd))
        words = list(vectors.words)
        for place, text in zip(places, odd, strict=True):
            words[place] = text
        save_vectors(WordVectors(words, vectors.matrix), here / f"{name}.npz")
    pairs = "".join(f"{text}\tt{20 + number}\n" for number, text in enumerate(odd))
    pairs += "".join(f"{text}\tt{number}\n" for number, text in enumerate(odd))  # all of these are wrong
    pairs += "".join(f"s{number}\t{text}\n" for number, text in enumerate(odd[:10], 10))
    (here / "d.txt").write_text("word\ttranslation\n" + pairs, "utf-8")
    done = run("align", "<b>src.npz", "tgt.npz", "-d", "d.txt", "-o", "x", "--refine", "none")
    assert done.exit_code == 0, done.output
    read = check_page(written(run, "x", "--test", "d.txt"))
    assert not {"b", "script", "img"} & {tag for tag, _ in read.elements}
    value = json.loads(run("report", "x", "--json", "-o", "y.html").stdout)
    shown = {hub["word"] for hub in value["hubness"]["worst"]}
    shown |= {one["source"]["word"] for one in value["landscape"]["neighbourhoods"]}
    shown |= {one[key] for one in value["suspects"][:40] for key in ("source", "target", "best_target")}
    assert len(shown & set(odd)) > 5
    assert all(text in read.text for text in shown)
    assert "<b>src → tgt" in read.text


def test_without_matplotlib(run: Any, made: Path, here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    result = run("report", made)
    assert result.exit_code == 1 and "pip install 'bli-translator[report]'" in result.stderr
    assert not list(here.iterdir())


def damaged(made: Path, here: Path, **changed: object) -> Path:
    """A copy of the folder with another record; what is to be ``...`` is left out."""
    shutil.copytree(made, here / "x")
    config = json.loads((here / "x/config.json").read_text("utf-8"))
    record = config["record"] | changed
    config["record"] = {name: value for name, value in record.items() if value is not ...}
    (here / "x/config.json").write_text(json.dumps(config), "utf-8")
    return here / "x"


@pytest.mark.parametrize(
    "name", ["history", "agreement", "dictionary", "versions", "arguments", "seed_pairs", "warnings"]
)
def test_a_damaged_record_is_reported_in_plain_words(run: Any, made: Path, here: Path, name: str) -> None:
    for value in (..., 7):
        result = run("report", damaged(made, here, **{name: value}))
        assert result.exit_code == 1 and result.stderr.startswith("Error: "), result.output
        assert "damaged" in result.stderr and isinstance(result.exception, SystemExit)
        assert not list(here.glob("*.html"))
        shutil.rmtree(here / "x")


def test_a_dictionary_that_is_gone_or_named(run: Any, made: Path, files: Path, here: Path) -> None:
    known = json.loads((made / "config.json").read_text("utf-8"))["record"]["dictionary"]
    folder = damaged(made, here, dictionary={**known, "path": "gone.txt"})
    read = check_page(written(run, folder))
    assert "gone.txt, was not found. Pass it as --dict." in read.text
    value = json.loads(run("report", folder, "--dict", files / "train.txt", "--json").stdout)
    assert (value["suspects"], value["note"]) == ([], "")


def test_a_page_of_an_alignment_made_without_a_dictionary(run: Any, here: Path) -> None:
    source, target = rotated(260, 12)
    save_vectors(source, here / "a.npz")
    save_vectors(WordVectors(source.words, target.matrix), here / "b.npz")
    assert run("align", "a.npz", "b.npz", "-o", "x").exit_code == 0
    read = check_page(written(run, "x"))
    assert "made without a dictionary" in read.text and "as --dict: " in read.text
    rounds = Alignment.from_pretrained(here / "x").record.rounds
    rows = "".join(f"{one.round}{one.pairs:,}{one.expected:,.0f}" for one in rounds)
    assert rounds and f"expected to be right{rows}RCSLS" in "".join(read.text.split("\n"))


def test_nothing_that_is_read_is_overwritten(run: Any, ranked: Path, here: Path) -> None:
    for name in (
        "en.npz",
        "de.npz",
        "train.txt",
        "test.txt",
        "en-de/config.json",
        "en-de/model.safetensors",
        "en-de",
    ):
        before = (ranked / name).read_bytes() if (ranked / name).is_file() else b""
        result = run("report", ranked / "en-de", "--test", ranked / "test.txt", "-o", ranked / name)
        assert result.exit_code == 1 and result.stderr.startswith("Error: "), name
        assert before == ((ranked / name).read_bytes() if (ranked / name).is_file() else b"")
    assert run("report", ranked / "en-de", "-o", "no/where.html").exit_code == 1


@pytest.mark.parametrize("error", [KeyboardInterrupt(), OSError(28, "No space left on device")])
def test_what_breaks_leaves_the_old_page(
    run: Any, made: Path, here: Path, monkeypatch: pytest.MonkeyPatch, error: BaseException
) -> None:
    def breaking(*_: object) -> None:
        raise error

    (here / "page.html").write_text("old")
    monkeypatch.setattr("translator_cli.pages.page.page", breaking)
    result = run("report", made, "-o", "page.html")
    assert result.exit_code == (130 if isinstance(error, KeyboardInterrupt) else 1)
    assert [path.name for path in here.iterdir()] == ["page.html"]
    assert (here / "page.html").read_text() == "old"


@pytest.mark.parametrize("text", ["nothing\twhere\n", "one\n", ""])
def test_a_test_dictionary_that_tests_nothing(run: Any, made: Path, here: Path, text: str) -> None:
    (here / "bad.txt").write_text(text, "utf-8")
    result = run("report", made, "--test", "bad.txt")
    assert result.exit_code == 1 and "Error: " in result.stderr and not list(here.glob("*.html"))
