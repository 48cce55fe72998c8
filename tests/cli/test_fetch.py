"""``translator fetch``, and ``translator align`` with codes of languages, from an empty machine."""

from __future__ import annotations

import json
import signal
import subprocess
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from data_server import DICTIONARY, VECTORS, WIKI, Server, serving, vec
from running import command
from toys import rotated

from translator import save_vectors


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    """Publishes a space as en and its rotation as ka and, in the other collection, ab."""
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    monkeypatch.setenv("TRANSLATOR_CACHE", str(tmp_path / "cache"))
    with serving() as state:
        for path, vectors in zip((VECTORS.format("en"), VECTORS.format("ka")), rotated(300, 20), strict=True):
            save_vectors(vectors, tmp_path / "published.vec")
            state.publish(path, (tmp_path / "published.vec").read_bytes())
        state.publish(WIKI.format("ab"), (tmp_path / "published.vec").read_bytes())
        (tmp_path / "published.vec").unlink()
        for end in ("", ".0-5000", ".5000-6500"):
            state.publish(DICTIONARY.format(f"en-fi{end}"), b"s1 t1\ns2 t2\n")
        monkeypatch.setenv("TRANSLATOR_MIRROR", state.address)
        yield state


def test_codes_instead_of_files(run: Any, here: Path, server: Server) -> None:
    missing = run("align", "en", "ka")
    assert missing.exit_code == 1 and server.requests == []
    assert "no vectors of English and Georgian in the cache" in missing.stderr
    assert "translator fetch en ka, or add --fetch" in missing.stderr

    done = run("fetch", "en", "ka", "--limit", 200)
    assert done.exit_code == 0, done.output
    assert "200 of 300 words, about" in done.stderr and "translator align en ka" in done.stdout
    aligned = run("align", "en", "ka", "--limit", 250)
    assert aligned.exit_code == 0, aligned.output
    assert "the cache has the 200 most frequent words of en" in aligned.stderr
    assert "Written to en-ka/" in aligned.stdout and len(server.requests) == 2
    assert "t5" in run("translate", "en-ka", "s5").stdout


def test_align_downloads_what_is_missing_if_asked(run: Any, here: Path, server: Server) -> None:
    aligned = run("align", "en", "ab", "--fetch")
    assert aligned.exit_code == 0, aligned.output
    assert server.requests == [VECTORS.format("en"), WIKI.format("ab")]
    assert "Written to en-ab/" in aligned.stdout
    assert run("align", "ka", "en", "--fetch", "--limit", 100).exit_code == 0
    assert len(server.requests) == 3


def test_a_file_wins_over_a_code(run: Any, here: Path, server: Server) -> None:
    (here / "en").write_bytes(b"not vectors\n")
    done = run("align", "en", "ka", "--fetch")
    assert done.exit_code == 1 and "en:1" in done.stderr


@pytest.mark.parametrize("name", ["fin", "Finnish"])
def test_an_unknown_code_is_no_file_either(run: Any, here: Path, server: Server, name: str) -> None:
    done = run("align", "ka", name, "--fetch")
    assert done.exit_code == 1 and server.requests == []
    assert f"{name}: no such file, and no vectors are published" in done.stderr
    assert "fi (Finnish)" in done.stderr


def test_a_missing_file_is_reported_before_anything_is_downloaded(
    run: Any, here: Path, server: Server
) -> None:
    for arguments in (["ka", "fi.vec"], ["en", "ka", "--dict", "mine.txt"], ["en", "ka", "--dict", "en-ka"]):
        done = run("align", *arguments, "--fetch")
        assert done.exit_code == 1 and "no such file" in done.stderr
    assert server.requests == []


def test_a_dictionary_by_its_codes(run: Any, here: Path, server: Server) -> None:
    save_vectors(rotated(300, 20)[0], here / "s.vec")
    (here / "en-fi").mkdir()  # the alignment folder that the first align makes
    align = ("align", "s.vec", "ka", "--fetch", "--dict", "en-fi")
    missing = run(*(part for part in align if part != "--fetch"))
    assert missing.exit_code == 1
    assert "translator fetch --dictionary en-fi, or add --fetch." in missing.stderr
    for requests in (2, 2):
        done = run(*align)
        assert "2 of 2 dictionary pairs" in done.stdout and len(server.requests) == requests
    other = run("align", "en", "ka", "--dict", "en-ka")
    assert "no dictionary is published for 'en-ka'" in other.stderr
    assert other.stderr.endswith("translator align en ka --dict cldr\n")


def test_codes_in_a_table_of_pairs(run: Any, here: Path, server: Server) -> None:
    (here / "sources.tsv").write_text("source\tdictionary\nka\t\nab\ten-fi\n")
    line = ("align-many", "sources.tsv", "--into", "en", "-o", "out", "--jobs", 1, "--refine", "none")
    missing = run(*line)
    assert missing.exit_code == 1 and "translator fetch ka en ab, or add --fetch." in missing.stderr
    done = run(*line, "--fetch")
    assert len(server.requests) == 4
    assert {file.name for file in (here / "out").glob("*.vec")} == {"ka-en.vec"}
    assert "xchange the columns of the dictionary" in done.stderr  # of en and fi, for ab and en
    assert run(*line, "--fetch").exit_code == 1 and len(server.requests) == 4


def test_dictionaries(run: Any, here: Path, server: Server) -> None:
    done = run("fetch", "--dictionary", "en-fi", "--json")
    files = json.loads(done.stdout)["files"]
    assert list(files) == ["en-fi full", "en-fi train", "en-fi test"]
    assert all(Path(file).read_bytes() == b"s1 t1\ns2 t2\n" for file in files.values())
    assert "translator align en fi --dict en-fi\n" in run("fetch", "--dictionary", "en-fi").stdout


def test_a_wrong_name_is_reported_before_anything_is_downloaded(run: Any, here: Path, server: Server) -> None:
    for arguments in (["en", "finnish"], ["en", "--dictionary", "fi-sv"], ["ab", "--subwords"]):
        assert run("fetch", *arguments).exit_code == 1
    assert run("fetch").exit_code == 2
    assert server.requests == []


def test_a_mirror_and_its_failure(
    run: Any, here: Path, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("TRANSLATOR_MIRROR")
    assert run("fetch", "en", "--mirror", server.address).exit_code == 0
    done = run("fetch", "fi", "--mirror", server.address)
    assert done.exit_code == 1
    assert done.stderr.count("\n") == 2 and "another server can be named as --mirror." in done.stderr


def test_the_list(run: Any, here: Path) -> None:
    listed = json.loads(run("fetch", "--list", "--json").stdout)
    assert listed["languages"]["ka"] == {"name": "Georgian", "collections": ["crawl", "wiki"]}
    assert "en-ja" in listed["dictionaries"]
    assert "Georgian" in run("fetch", "--list").stdout


def test_an_interrupted_download_is_continued(server: Server, tmp_path: Path) -> None:
    server.publish(VECTORS.format("fi"), vec(9_000))
    server.stall = 500_000
    heard = partial(signal.signal, signal.SIGINT, signal.SIG_DFL)  # a job in the background ignores it
    with subprocess.Popen(
        command(["fetch", "fi", "--limit", "0"]),
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=heard,
    ) as running:
        assert running.stderr is not None
        assert "9,000 of 9,000 words" in running.stderr.readline()
        running.send_signal(signal.SIGINT)
        rest = running.stderr.read()
    assert running.returncode == 130
    assert rest == "Interrupted.\nThe same command continues the download.\n"
    kept = {file.name for file in (tmp_path / "cache/vectors/crawl").iterdir()}
    assert kept == {"fi.vec.part", "fi.vec.part.json"}
