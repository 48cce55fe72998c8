"""``translator align-many``: what single runs write, failures alone, going on, and ends of all kinds."""

from __future__ import annotations

import csv
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from running import command
from toys import rotated
from translator_cli.align import align
from translator_cli.folder import claimed
from translator_cli.many import align_many
from translator_cli.many.workers import threads

from translator import WordVectors, load_vectors, save_vectors
from translator.vectors.normalize import unit_rows

HEADER = "source\ttarget\tdictionary\tname"
SLOW = ("slow-source.npz", "slow-target.npz", "slow.txt")  # takes some seconds


@pytest.fixture(scope="module")
def data(files: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The toy files, some bad ones, and a pair that takes its time."""
    folder = tmp_path_factory.mktemp("data")
    for name in ("src.vec", "tgt.vec", "train.txt"):
        shutil.copy(files / name, folder)
    (folder / "bad.vec").write_text("2 3\nword 1 2\n", "utf-8")
    (folder / "foreign.txt").write_text("Haus\tmaison\n", "utf-8")
    for name, vectors in zip(SLOW[:2], rotated(4000, 100, noise=1), strict=True):
        save_vectors(vectors, folder / name)
    (folder / SLOW[2]).write_text("".join(f"s{number}\tt{number}\n" for number in range(600)), "utf-8")
    return folder


def table(data: Path, place: Path, *rows: Sequence[str]) -> Path:
    """A table of pairs; its files lie in ``data``."""
    lines = ["\t".join([*(str(data / cell) if cell else "" for cell in row[:3]), row[3]]) for row in rows]
    file = place / "pairs.tsv"
    file.write_text("\n".join([HEADER, *lines, ""]), "utf-8")
    return file


def quick(name: str) -> tuple[str, str, str, str]:
    return ("src.vec", "tgt.vec", "train.txt", name)


def summary(folder: Path) -> dict[str, dict[str, str]]:
    with (folder / "summary.tsv").open(newline="") as file:
        return {row["name"]: row for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)}


def states(folder: Path) -> dict[str, str]:
    if not (folder / "summary.tsv").exists():
        return {}
    return {name: row["state"] for name, row in summary(folder).items()}


def content(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def children(parent: int) -> list[int]:
    """The alignments that a process runs."""
    listed = subprocess.run(
        ["ps", "-A", "-o", "pid=,ppid=,args="], capture_output=True, text=True, check=True
    )
    fields = [line.split(maxsplit=2) for line in listed.stdout.splitlines()]
    return [
        int(child) for child, its, line in fields if int(its) == parent and "translator_cli align " in line
    ]


@contextmanager
def running(*arguments: object) -> Iterator[subprocess.Popen[str]]:
    heard = partial(signal.signal, signal.SIGINT, signal.SIG_DFL)  # a job in the background ignores it
    with subprocess.Popen(
        command(["align-many", *arguments]), stderr=subprocess.PIPE, text=True, preexec_fn=heard
    ) as process:
        try:
            yield process
        finally:
            process.terminate()


def eventually(condition: Any) -> Any:
    for _ in range(600):
        if found := condition():
            return found
        time.sleep(0.05)
    raise AssertionError("it never came to be")


def test_every_option_of_align_is_one_of_this() -> None:
    ours = {option.name: option.opts for option in align_many.params}
    own = {"source", "target", "lexicon", "languages", "fetch"}
    assert {
        option.name: option.opts for option in align.params if option.name not in own
    }.items() <= ours.items()


@pytest.fixture(scope="module")
def aligned(data: Path, tmp_path_factory: pytest.TempPathFactory, run: Any) -> Path:
    """``pairs.tsv`` and ``out`` with two pairs; only to be read, or copied."""
    place = tmp_path_factory.mktemp("aligned")
    pairs = table(data, place, quick("one"), ("tgt.vec", "src.vec", "", "back"))
    result = run("align-many", pairs, "-o", place / "out", "--jobs", 2, "--refine", "none")
    assert result.exit_code == 0, result.output
    return place


@pytest.fixture
def again(aligned: Path, tmp_path: Path) -> Path:
    """A copy of ``out`` that may be changed."""
    return Path(shutil.copytree(aligned / "out", tmp_path / "out"))


def test_folders_are_those_of_single_runs(aligned: Path, data: Path, process: Any) -> None:
    single = aligned / "single"
    single.mkdir()
    environment = {**os.environ, **threads(max(1, len(os.sched_getaffinity(0)) // 2))}
    for line in (
        ["src.vec", "tgt.vec", "--dict", data / "train.txt", "-o", single / "one"],
        ["tgt.vec", "src.vec", "-o", single / "back"],
    ):
        vectors = [data / name for name in line[:2]]
        done = process("align", *vectors, *line[2:], "--refine", "none", cwd=aligned, env=environment)
        assert done.returncode == 0, done.stderr
    for name in ("one", "back"):
        assert content(aligned / "out" / name) == content(single / name)
    assert {path.name for path in (aligned / "out").iterdir()} == {"one", "back", "summary.tsv"}


def test_flags_reach_every_pair(data: Path, here: Path, run: Any) -> None:
    flags = "--start whitening --no-self-learn --refine none --normalize unit,center,unit --limit 90"
    more = "--steps 3 --step-size 2.5 --seed 4 --compose-oov --no-rerank --csls-k 5"
    flags = [*flags.split(), *more.split()]
    files = [data / name for name in ("src.vec", "tgt.vec")]
    assert run("align", *files, "--dict", data / "train.txt", "-o", "single", *flags).exit_code == 0
    result = run("align-many", table(data, here, quick("one")), "-o", "out", *flags)
    assert result.exit_code == 0, result.output
    assert content(here / "single")["config.json"] == content(here / "out" / "one")["config.json"]


def test_one_that_fails_fails_alone(data: Path, here: Path, run: Any) -> None:
    rows = ("bad.vec", "tgt.vec", "train.txt", "bad"), ("src.vec", "tgt.vec", "foreign.txt", "foreign")
    pairs = table(data, here, *rows, quick("fine"))
    result = run("align-many", pairs, "-o", "out", "--refine", "none")
    assert result.exit_code == 1
    assert "2 of 3 pairs failed\nbad: " in result.stderr and "bad.vec:2: " in result.stderr
    assert "foreign: none of the 1 dictionary pairs is inside both vocabularies" in result.stderr
    assert states(here / "out") == {"bad": "failed", "foreign": "failed", "fine": "done"}
    assert "Haus" in summary(here / "out")["foreign"]["warning"]
    assert {path.name for path in (here / "out").iterdir()} == {"fine", "summary.tsv"}
    assert "3 pairs: 1 done, 0 skipped, 2 failed" in result.stdout


def test_warnings_of_a_process_are_kept(data: Path, here: Path, run: Any) -> None:
    (here / "turned.txt").write_text("s1\tt1\nt2\ts2\nt3\ts3\n", "utf-8")
    pairs = table(data, here, ("src.vec", "tgt.vec", str(here / "turned.txt"), "one"))
    result = run("align-many", pairs, "-o", "out", "--refine", "none", "--json")
    assert result.exit_code == 0, result.output
    assert "Exchange the columns of the dictionary" in summary(here / "out")["one"]["warning"]


def test_the_same_again_skips_all(aligned: Path, again: Path, run: Any) -> None:
    before = {path: path.stat().st_mtime_ns for path in again.rglob("*") if path.name != "summary.tsv"}
    result = run("align-many", aligned / "pairs.tsv", "-o", again, "--refine", "none")
    assert result.exit_code == 0, result.output
    assert {path: path.stat().st_mtime_ns for path in before} == before
    assert states(again) == {"one": "skipped", "back": "skipped"}
    figures = ("seed_pairs", "consistency")
    old, new = summary(aligned / "out"), summary(again)
    assert all(new[name][figure] == old[name][figure] != "" for name in new for figure in figures)


@pytest.mark.parametrize("damage", ["gone", "tensors gone", "cut short", "draft only"])
def test_what_is_half_written_is_made_again(aligned: Path, again: Path, run: Any, damage: str) -> None:
    folder = again / "one"
    if damage == "tensors gone":
        (folder / "model.safetensors").unlink()
    elif damage == "cut short":
        os.truncate(folder / "model.safetensors", 500)
    else:
        draft = again / ".one.aside-abcd1234"
        draft.mkdir()
        folder.rename(draft / "one") if damage == "draft only" else shutil.rmtree(folder)
    result = run("align-many", aligned / "pairs.tsv", "-o", again, "--refine", "none", "--jobs", 2)
    assert result.exit_code == 0, result.output
    assert states(again) == {"one": "done", "back": "skipped"}
    assert content(folder) == content(aligned / "out" / "one")
    assert {path.name for path in again.iterdir()} == {"one", "back", "summary.tsv"}


def test_other_inputs_are_refused_or_aligned_again(data: Path, again: Path, here: Path, run: Any) -> None:
    (here / "new.txt").write_text((data / "train.txt").read_text("utf-8") + "s150\tt150\n", "utf-8")
    rows = ("src.vec", "tgt.vec", str(here / "new.txt"), "one"), ("tgt.vec", "src.vec", "", "back")
    line = ["align-many", table(data, here, *rows), "-o", again, "--refine", "none"]
    before = content(again / "one")
    result = run(*line)
    assert result.exit_code == 1
    assert f"{again / 'one'}: exists, made with another dictionary\n" in result.stderr
    assert "back" not in result.stderr and "--overwrite" in result.stderr
    assert content(again / "one") == before
    assert run(*line, "--overwrite").exit_code == 0
    assert states(again) == {"one": "done", "back": "skipped"}
    assert content(again / "one")["config.json"] != before["config.json"]
    assert run(*line).exit_code == 0


def test_other_arguments_are_refused(aligned: Path, again: Path, run: Any) -> None:
    result = run("align-many", aligned / "pairs.tsv", "-o", again, "--seed", 5)
    assert result.exit_code == 1
    assert result.stderr.count("refine 'none' instead of 'free', random_state 0 instead of 5") == 2


def test_what_is_no_alignment_stays(aligned: Path, again: Path, run: Any) -> None:
    shutil.rmtree(again / "one")
    (again / "one").mkdir()
    (again / "one" / "thesis.tex").write_text("years of work", "utf-8")
    result = run("align-many", aligned / "pairs.tsv", "-o", again, "--overwrite", "--seed", 5)
    assert result.exit_code == 1 and "stays untouched" in result.stderr
    assert (again / "one" / "thesis.tex").read_text("utf-8") == "years of work"
    assert content(again / "back") == content(aligned / "out" / "back")


@pytest.mark.parametrize(
    ("row", "message"),
    [
        (("none.vec", "tgt.vec", "", "x"), "pairs.tsv:3: source: "),
        (("src.vec", "tgt.vec", "none.txt", "x"), "none.txt: no such file"),
        (("src.vec", "tgt.vec", "", "fine"), "like the pair in line 2"),
    ],
)
def test_a_bad_table_is_reported_before_anything_runs(
    data: Path, here: Path, run: Any, row: tuple[str, ...], message: str
) -> None:
    result = run("align-many", table(data, here, quick("fine"), row), "-o", "out")
    assert result.exit_code == 1 and message in result.stderr
    assert not (here / "out").exists()


@pytest.mark.parametrize("place", ["no/such/place", "file"])
def test_a_place_that_cannot_be(data: Path, here: Path, run: Any, place: str) -> None:
    (here / "file").write_text("mine", "utf-8")
    result = run("align-many", table(data, here, quick("one")), "-o", place)
    assert result.exit_code == 1 and "Error: " in result.stderr
    assert (here / "file").read_text("utf-8") == "mine"


def test_two_do_not_work_in_one_folder(aligned: Path, again: Path, run: Any) -> None:
    line = ["align-many", aligned / "pairs.tsv", "-o", again, "--refine", "none"]
    with claimed(again):
        result = run(*line)
        assert result.exit_code == 1 and "another command is running in this folder" in result.stderr
    assert run(*line).exit_code == 0


@pytest.mark.parametrize(("retry", "state"), [(1, "done"), (0, "failed")])
def test_a_killed_process_takes_nothing_with_it(data: Path, tmp_path: Path, retry: int, state: str) -> None:
    pairs = table(data, tmp_path, (*SLOW, "slow"), quick("fine"))
    flags = ["--jobs", 2, "--retry", retry, "--no-rerank", "--quiet"]
    with running(pairs, "-o", tmp_path / "out", *flags) as process:
        eventually(lambda: "done" in states(tmp_path / "out").values())
        (victim,) = children(process.pid)
        os.kill(victim, signal.SIGKILL)
        said = process.communicate()[1]
    assert process.returncode == (0 if state == "done" else 1), said
    assert states(tmp_path / "out") == {"slow": state, "fine": "done"}
    assert said == "" if state == "done" else "slow: Killed (signal 9, try 1)" in said
    assert (tmp_path / "out" / "slow").exists() == (state == "done")


def test_an_interrupt_leaves_no_process_and_all_that_is_done(data: Path, tmp_path: Path) -> None:
    pairs = table(data, tmp_path, quick("fine"), (*SLOW, "slow"), (*SLOW, "slower"), quick("never"))
    with running(pairs, "-o", tmp_path / "out", "--jobs", 2) as process:
        eventually(lambda: "done" in states(tmp_path / "out").values())
        victims = eventually(lambda: len(found := children(process.pid)) == 2 and found)
        process.send_signal(signal.SIGTERM)
        said = process.communicate()[1]
    assert process.returncode == 130
    assert said.endswith("Interrupted.\nFinished pairs are kept; the same command aligns the rest.\n")
    assert "Traceback" not in said
    for victim in victims:
        with pytest.raises(ProcessLookupError):
            os.kill(victim, 0)
    assert {path.name for path in (tmp_path / "out").iterdir()} == {"fine", "summary.tsv"}
    assert states(tmp_path / "out")["never"] == "waiting"


@pytest.fixture(scope="module")
def cluster() -> Iterator[Any]:
    """A Dask cluster within this process: one worker of two places."""
    distributed = pytest.importorskip("distributed", reason="the extra dask")
    with distributed.LocalCluster(
        n_workers=1, threads_per_worker=2, processes=False, dashboard_address=None
    ) as made:
        yield made


def test_a_dask_cluster_makes_the_same(
    cluster: Any, aligned: Path, tmp_path: Path, run: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, count in threads(max(1, len(os.sched_getaffinity(0)) // 2)).items():
        monkeypatch.setenv(name, count)  # as the worker's: there, jobs have the threads that it has
    line = ["align-many", aligned / "pairs.tsv", "-o", tmp_path / "out", "--refine", "none"]
    result = run(*line, "--scheduler", cluster.scheduler_address)
    assert result.exit_code == 0, result.output
    for name in ("one", "back"):
        assert content(tmp_path / "out" / name) == content(aligned / "out" / name)
    assert set(states(tmp_path / "out").values()) == {"done"}


def test_an_interrupt_reaches_a_dask_cluster(
    cluster: Any, data: Path, tmp_path: Path, run: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The summary is what breaks here, once the quick pair is done."""

    def interrupted(*_: object) -> None:
        victims.extend(eventually(lambda: children(os.getpid())))
        raise KeyboardInterrupt

    victims: list[int] = []

    monkeypatch.setattr("translator_cli.many.Summary.put", interrupted)
    pairs = table(data, tmp_path, quick("fine"), (*SLOW, "slow"), (*SLOW, "slower"))
    result = run("align-many", pairs, "-o", tmp_path / "out", "--scheduler", cluster.scheduler_address)
    assert result.exit_code == 130
    assert victims and not children(os.getpid())
    assert {path.name for path in (tmp_path / "out").iterdir()} == {"fine", "summary.tsv"}


def test_nobody_at_the_address(data: Path, here: Path, run: Any) -> None:
    dask = pytest.importorskip("dask", reason="the extra dask")
    with dask.config.set({"distributed.comm.timeouts.connect": "0.5s"}):
        result = run(
            "align-many", table(data, here, quick("one")), "-o", "out", "--scheduler", "tcp://127.0.0.1:1"
        )
    assert result.exit_code == 1
    assert "tcp://127.0.0.1:1: no Dask scheduler answers" in result.stderr


def test_without_dask(data: Path, here: Path, run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    result = run("align-many", table(data, here, quick("one")), "-o", "out", "--scheduler", "tcp://x:1")
    assert result.exit_code == 1 and "pip install 'bli-translator[dask]'" in result.stderr


@pytest.mark.parametrize(
    "flags",
    [["--jobs", "0"], ["--retry", "-1"], ["--jobs", "2", "--scheduler", "tcp://x:1"], ["--steps", "0"]],
)
def test_a_wrong_command_line(data: Path, here: Path, run: Any, flags: list[str]) -> None:
    result = run("align-many", table(data, here, quick("one")), "-o", "out", *flags)
    assert result.exit_code == 2
    assert not (here / "out").exists()


def test_several_languages_in_the_space_of_one(data: Path, here: Path, run: Any) -> None:
    third = load_vectors(data / "src.vec").table()
    save_vectors(WordVectors(third.words, third.matrix[:, ::-1]), here / "third.vec")
    rows = [f"{file}\t{data / 'train.txt'}" for file in (data / "src.vec", "third.vec")]
    (here / "sources.tsv").write_text("\n".join(["source\tdictionary", *rows, ""]), "utf-8")
    line = ["align-many", "sources.tsv", "-o", "out", "--into", data / "tgt.vec"]
    done = run(*line)
    assert done.exit_code == 0, done.output
    assert "out/src-tgt.vec, out/third-tgt.vec" in done.stderr
    target = unit_rows(load_vectors(data / "tgt.vec").table().matrix)
    for name in ("src", "third"):
        mapped = unit_rows(load_vectors(here / f"out/{name}-tgt.vec").table().matrix)
        assert (np.argmax(mapped @ target.T, axis=1) == np.arange(300)).all()
    written = (here / "out/src-tgt.vec").stat().st_mtime_ns
    assert run(*line).exit_code == 0
    assert (here / "out/src-tgt.vec").stat().st_mtime_ns == written
    (here / "out/src-tgt.vec").unlink()
    assert run(*line).exit_code == 0 and (here / "out/src-tgt.vec").is_file()


def test_a_table_with_targets_has_no_pivot(data: Path, here: Path, run: Any) -> None:
    done = run("align-many", table(data, here, quick("a")), "-o", "out", "--into", data / "tgt.vec")
    assert done.exit_code == 1 and "pairs.tsv:1: a column 'target'" in done.stderr
    assert "or leave out --into" in done.stderr
    assert run("align-many", "pairs.tsv", "-o", "out", "--into", "nowhere.vec").exit_code == 1
