"""Published files from a server on this machine, which misbehaves in every way that servers do."""

from __future__ import annotations

import gzip
import hashlib
import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from data_server import DICTIONARY, MODEL, VECTORS, WIKI, Server, serving, vec
from full_disk import file_size_limit

from translator import DataError, fetch_dictionary, fetch_vectors, load_lexicon, load_vectors
from translator.fetching import fetched, vectors_of
from translator.fetching.catalogue import HOST, dictionary_pairs, languages
from translator.progress import drawing


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("TRANSLATOR_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture
def server(cache: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    with serving() as state:
        monkeypatch.setenv("TRANSLATOR_MIRROR", state.address)
        yield state


def kept(cache: Path) -> list[str]:
    """Names of all files in the cache."""
    return sorted(file.name for file in cache.rglob("*") if file.is_file())


def refusal(call: Any, *arguments: Any, **options: Any) -> DataError:
    with pytest.raises(DataError) as caught:
        call(*arguments, **options)
    assert "\n" not in caught.value.message and caught.value.hint.count(". ") == 0
    return caught.value


def first(content: bytes, words: int) -> bytes:
    """The oracle: a header and the first words, with fastText's line break among them."""
    lines = content.splitlines(keepends=True)
    return b"%d %s" % (words + 1, lines[0].split(b" ")[1]) + b"".join(lines[1 : words + 2])


@pytest.mark.parametrize("path", [VECTORS, WIKI])
def test_the_most_frequent_words_are_read_and_no_more(server: Server, cache: Path, path: str) -> None:
    content = vec(30_000)
    server.publish(path.format("fi"), content)
    server.pause = 0.001
    said: list[str] = []
    collection: Any = "wiki" if path == WIKI else "crawl"
    file = fetch_vectors("fi", limit=2000, collection=collection, announce=said.append)
    assert file == cache / "vectors" / collection / "fi.vec"
    assert file.read_bytes() == first(content, 2000)
    assert len(load_vectors(file).words) == 2000
    assert server.sent < 0.8 * len(server.files[path.format("fi")])
    assert len(said) == 1 and "2,000 of 30,000 words" in said[0] and server.address in said[0]
    record = json.loads((file.parent / "fi.vec.json").read_text("utf-8"))
    assert record["sha256"] == hashlib.sha256(file.read_bytes()).hexdigest()
    assert record["words"] == 2000 and record["address"] == server.address + path.format("fi")
    assert kept(cache) == ["fi.vec", "fi.vec.json"]


def test_more_words_are_fetched_and_fewer_are_there(server: Server, cache: Path) -> None:
    content = vec(300)
    server.publish(VECTORS.format("fi"), content)
    for limit, words, requests in (
        (100, 100, 1),
        (50, 100, 1),
        (200, 200, 2),
        (300, None, 3),
        (None, None, 3),
    ):
        file = fetch_vectors("fi", limit=limit)
        record = fetched(vectors_of("fi"))
        assert record is not None and record.words == words
        assert len(server.requests) == requests
    assert file.read_bytes() == content
    file.write_bytes(content[:-9])  # not what was fetched
    assert fetched(vectors_of("fi")) is None
    assert fetch_vectors("fi", limit=None).read_bytes() == content


def test_a_model_is_fetched_whole(server: Server, cache: Path, model_path: Path) -> None:
    server.publish(MODEL.format("fi"), model_path.read_bytes())
    said: list[str] = []
    file = fetch_vectors("fi", subwords=True, announce=said.append)
    assert file.name == "fi.bin" and file.read_bytes() == model_path.read_bytes()
    assert "the fastText model" in said[0] and "on disk" in said[0]
    assert kept(cache) == ["fi.bin", "fi.bin.json"]


def test_a_dictionary_and_its_splits(server: Server, cache: Path) -> None:
    for split, end in (("full", ""), ("train", ".0-5000"), ("test", ".5000-6500")):
        server.publish(DICTIONARY.format(f"en-fi{end}"), f"cat kissa\ndog {split}\n".encode())
        chosen: Any = split
        file = fetch_dictionary("en-fi", split=chosen)
        assert load_lexicon(file).pairs[1] == ("dog", split)
    fetch_dictionary("en-fi")
    assert len(server.requests) == 3


@pytest.mark.parametrize("cut", [1, 5, 3000, 150_000])
def test_a_broken_connection_is_continued(server: Server, cache: Path, cut: int) -> None:
    content = vec(5000)
    server.publish(VECTORS.format("fi"), content)
    server.cut = cut
    error = refusal(fetch_vectors, "fi", limit=None)
    assert "ended after" in error.message and "continues" in error.hint
    assert kept(cache) == ["fi.vec.part", "fi.vec.part.json"]
    assert (cache / "vectors" / "crawl" / "fi.vec.part").stat().st_size == cut
    server.cut, server.sent = None, 0
    assert fetch_vectors("fi", limit=None).read_bytes() == content
    assert server.sent == len(server.files[VECTORS.format("fi")]) - max(0, cut - 1)
    assert server.requests[1].endswith(f"bytes={cut - 1}-") or cut < 2
    assert kept(cache) == ["fi.vec", "fi.vec.json"]


@pytest.mark.parametrize("change", ["content", "shorter", "no ranges", "no version"])
def test_what_cannot_be_continued_starts_again(server: Server, cache: Path, change: str) -> None:
    server.publish(VECTORS.format("fi"), vec(5000))
    server.cut, server.tagged = 150_000, change != "no version"
    refusal(fetch_vectors, "fi", limit=None)
    content = vec(5000 if change != "shorter" else 50, seed=1)
    server.publish(VECTORS.format("fi"), content)
    server.cut, server.ranges = None, change != "no ranges"
    assert fetch_vectors("fi", limit=None).read_bytes() == content


def test_a_complete_part_is_used(server: Server, cache: Path) -> None:
    content = vec(5000)
    server.publish(VECTORS.format("fi"), content)
    server.cut = 150_000
    refusal(fetch_vectors, "fi", limit=None)
    (cache / "vectors" / "crawl" / "fi.vec.part").write_bytes(server.files[VECTORS.format("fi")])
    server.cut, server.sent = None, 0
    assert fetch_vectors("fi", limit=None).read_bytes() == content
    assert server.sent == 1


def test_a_part_of_another_mirror_is_not_continued(server: Server, cache: Path) -> None:
    server.publish(VECTORS.format("fi"), vec(5000))
    server.cut = 150_000
    refusal(fetch_vectors, "fi", limit=None)
    server.cut = None
    fetch_vectors("fi", limit=None, mirror=server.address + "/")  # the same address
    (cache / "vectors" / "crawl" / "fi.vec").unlink()
    assert server.requests[-1].endswith("-")
    server.cut = 150_000
    refusal(fetch_vectors, "fi", limit=None)
    with serving() as other:
        other.publish(VECTORS.format("fi"), vec(40))
        assert fetch_vectors("fi", limit=None, mirror=other.address).read_bytes() == vec(40)
        assert other.requests == [VECTORS.format("fi")]


def test_a_slow_server(server: Server, cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("translator.fetching.download.TIMEOUT", 0.2)
    content = vec(5000)
    server.publish(VECTORS.format("fi"), content)
    server.stall = 100_000
    error = refusal(fetch_vectors, "fi", limit=None)
    assert "nothing arrived for 0.2 s after 100.0 kB" in error.message and "continues" in error.hint
    server.stall = None
    assert fetch_vectors("fi", limit=None).read_bytes() == content


@pytest.mark.parametrize("path", [VECTORS, WIKI, MODEL, DICTIONARY])
@pytest.mark.parametrize("kind", ["text/html; charset=utf-8", "application/octet-stream"])
def test_a_login_page(server: Server, cache: Path, path: str, kind: str) -> None:
    code = "en-fi" if path == DICTIONARY else "fi"
    server.files[path.format(code)] = b"<!DOCTYPE html>\n<html>Please log in</html>\n"
    server.kind = kind
    fetch = fetch_dictionary if path == DICTIONARY else fetch_vectors
    chosen: dict[str, dict[str, Any]] = {MODEL: {"subwords": True}, WIKI: {"collection": "wiki"}}
    error = refusal(fetch, code, **chosen.get(path, {}))
    assert "expected the published file" in error.message and "proxy" in error.hint
    assert kept(cache) == []


@pytest.mark.parametrize("path", [VECTORS, MODEL])
def test_other_content_in_gzip(server: Server, cache: Path, path: str) -> None:
    server.publish(path.format("fi"), b"hello\nworld\n")
    error = refusal(fetch_vectors, "fi", subwords=path == MODEL)
    assert "begins with b'hello" in error.message
    assert kept(cache) == []


def test_damaged_and_cut_off_gzip(server: Server, cache: Path) -> None:
    path, content = VECTORS.format("fi"), vec(5000)
    packed = gzip.compress(content)
    for damaged in (packed[:200_000] + bytes(100) + packed[200_100:], packed[:200_000]):
        server.files[path] = damaged
        error = refusal(fetch_vectors, "fi", limit=None)
        assert "damaged gzip data" in error.message and "()" not in error.message and "again" in error.hint
        assert kept(cache) == []
    server.files[path], server.sized, server.cut = (
        packed,
        False,
        100_000,
    )  # nothing says what is missing
    assert "damaged gzip data" in refusal(fetch_vectors, "fi", limit=None).message
    server.cut = None
    assert fetch_vectors("fi", limit=None).read_bytes() == content


def test_fewer_words_than_the_header_says(server: Server, cache: Path) -> None:
    content = vec(500)
    server.publish(VECTORS.format("fi"), content.replace(b"500 20\n", b"600 20\n", 1))
    error = refusal(fetch_vectors, "fi")
    assert "500 entries, but the header says at least 600" in error.message
    assert kept(cache) == []
    assert fetch_vectors("fi", limit=100).read_bytes() == first(content, 100)
    server.publish(VECTORS.format("fi"), content.removesuffix(b"\n"))  # no line feed at the end
    assert fetch_vectors("fi", limit=None).read_bytes() == content.removesuffix(b"\n")


@pytest.mark.parametrize(("status", "said"), [(403, "no such file"), (404, "no such file"), (503, "503")])
def test_refusals(server: Server, cache: Path, status: int, said: str) -> None:
    server.status = status
    assert said in refusal(fetch_vectors, "fi").message
    assert kept(cache) == []


def test_offline(cache: Path) -> None:
    error = refusal(fetch_vectors, "fi", mirror="http://127.0.0.1:9")
    assert "127.0.0.1:9: cannot be reached" in error.message
    assert "http://127.0.0.1:9/fasttext/vectors-crawl/cc.fi.300.vec.gz" in error.hint
    assert "begins with http" in refusal(fetch_vectors, "fi", mirror="file:///etc").message


@pytest.mark.parametrize(
    ("code", "similar"),
    [("fin", "fi (Finnish)"), ("finnish", "fi (Finnish)"), ("fi-FI", "fi (Finnish)"), ("EN", "en (English)")],
)
def test_an_unknown_code_is_answered_by_similar_ones(cache: Path, code: str, similar: str) -> None:
    assert similar in refusal(fetch_vectors, code, mirror="http://127.0.0.1:9").hint


def test_an_unknown_pair_is_answered_by_pairs_of_its_language(cache: Path) -> None:
    assert "en-fi, fi-en" in refusal(fetch_dictionary, "fi-sv").hint


def test_a_full_disk(server: Server, cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    content = vec(5000)
    server.publish(VECTORS.format("fi"), content)
    with file_size_limit(300_000):  # the draft, unpacked, is longer than the part
        error = refusal(fetch_vectors, "fi", limit=None)
    assert "the disk is full" in error.message and "Free some room" in error.hint
    assert kept(cache) == ["fi.vec.part", "fi.vec.part.json"]
    with file_size_limit(10_000):
        assert "the disk is full" in refusal(fetch_dictionary_of, server).message
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=200_000))
    error = refusal(fetch_vectors, "fi", limit=None)
    assert "200.0 kB free, expected about" in error.message and "TRANSLATOR_CACHE" in error.hint
    monkeypatch.undo()
    monkeypatch.setenv("TRANSLATOR_CACHE", str(cache))
    assert fetch_vectors("fi", limit=None, mirror=server.address).read_bytes() == content


def fetch_dictionary_of(server: Server) -> Path:
    server.publish(DICTIONARY.format("en-fi"), b"cat kissa\n" * 2000)
    return fetch_dictionary("en-fi")


def test_two_processes_do_not_fetch_the_same_file(server: Server, cache: Path) -> None:
    server.publish(VECTORS.format("fi"), vec(5000))
    inside: list[DataError] = []
    fetch_vectors("fi", announce=lambda _: inside.append(refusal(fetch_vectors, "fi")))
    assert "another process" in inside[0].message


def test_the_catalogue_is_that_of_the_documentation() -> None:
    assert sum("crawl" in collections for _, collections in languages().values()) == 158
    assert sum("wiki" in collections for _, collections in languages().values()) == 294
    assert len(dictionary_pairs()) == 108
    assert vectors_of("ab").path == "fasttext/vectors-wiki/wiki.ab.vec"  # in this collection alone
    address = vectors_of("fi", subwords=True).address(HOST)
    assert address == "https://dl.fbaipublicfiles.com/fasttext/vectors-crawl/cc.fi.300.bin.gz"


def test_progress_is_counted_in_megabytes(
    server: Server, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    loops: list[tuple[int, str, str]] = []

    def draw(items: Any, label: str, unit: str) -> Any:
        loops.append((len(items), label, unit))
        return items

    content = np.random.default_rng(0).bytes(1_500_000).replace(b"\n", b" ").replace(b"\r", b" ")
    server.publish(WIKI.format("fi"), b"2 1\na 1\n" + content + b"\n")
    with drawing(draw):
        fetch_vectors("fi", collection="wiki")
    assert loops == [(2, "wiki.fi.vec", "MB")]
