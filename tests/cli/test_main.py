"""The program as a whole: the lines people type first, its help, its exit statuses, its interrupts."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import safetensors.torch
import torch
from full_disk import file_size_limit
from running import command
from toys import rotated
from translator_cli.group import terminable
from translator_cli.main import main

import translator
from translator import load_vectors, save_vectors
from translator.vectors.normalize import unit_rows

COMMANDS = sorted(main.commands)


def test_two_files_to_a_plain_torch_layer(process: Any, files: Path, tmp_path: Path) -> None:
    for name in ("src.vec", "tgt.vec"):
        shutil.copy(files / name, tmp_path)
    assert process("align", "src.vec", "tgt.vec", cwd=tmp_path).returncode == 0
    assert process("export", "--torch", cwd=tmp_path).returncode == 0

    layers = {}
    for role, name in (("source", "src-tgt.safetensors"), ("target", "src-tgt.target.safetensors")):
        layers[role] = torch.nn.Linear(20, 20)
        layers[role].load_state_dict(safetensors.torch.load_file(tmp_path / name))
    with torch.no_grad():
        source, target = (
            unit_rows(layers[role](torch.from_numpy(load_vectors(tmp_path / name).matrix)).numpy())
            for role, name in (("source", "src.vec"), ("target", "tgt.vec"))
        )
    assert (np.argmax(source @ target.T, axis=1) == np.arange(300)).all()


def test_help_loads_nothing_but_click(tmp_path: Path) -> None:
    program = (
        "import sys\n"
        "from translator_cli.main import main\n"
        f"for command in {[[], *([name] for name in COMMANDS)]}:\n"
        "    main([*command, '--help'], standalone_mode=False)\n"
        "    heavy = {'numpy', 'scipy', 'torch', 'safetensors', 'translator'} & set(sys.modules)\n"
        "    assert not heavy, (command, heavy)\n"
        "    print('END OF HELP')\n"
    )
    result = subprocess.run([sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True)
    assert (result.returncode, result.stderr) == (0, "")
    helps = result.stdout.split("END OF HELP\n")[:-1]
    assert len(helps) == len(COMMANDS) + 1 and all("Example" in text for text in helps)


def test_every_command_takes_the_short_help_and_the_common_options(run: Any) -> None:
    for name in COMMANDS:
        text = run(name, "-h").stdout
        assert all(option in text for option in ("--json", "--quiet", "--verbose"))


def test_version(run: Any) -> None:
    assert run("--version").stdout.startswith("translator, version ")


def test_shell_completion_knows_the_commands(process: Any, tmp_path: Path) -> None:
    words = {"_TRANSLATOR_COMPLETE": "bash_complete", "COMP_WORDS": "translator al", "COMP_CWORD": "1"}
    assert "align" in process(cwd=tmp_path, env={**os.environ, **words}).stdout


@pytest.mark.parametrize(
    ("arguments", "status"),
    [
        (["info", "nowhere"], 1),
        (["align", "nowhere.vec", "nowhere.vec"], 1),
        (["lexicon"], 1),
        (["align", "one.vec"], 2),
        (["align", "a.vec", "b.vec", "--steps", "0"], 2),
        (["align", "a.vec", "b.vec", "--normalize", "shake"], 2),
        (["align", "a.vec", "b.vec", "-k", "0"], 2),
        (["evaluate", "x"], 2),
        (["nonsense"], 2),
    ],
)
def test_exit_statuses(run: Any, here: Path, arguments: list[str], status: int) -> None:
    result = run(*arguments)
    assert result.exit_code == status
    assert "Error: " in result.stderr and result.stdout == ""
    assert not list(here.iterdir())


def test_an_interrupted_alignment_leaves_nothing(tmp_path: Path) -> None:
    for name, vectors in zip(("src", "tgt"), rotated(4000, 100, noise=1), strict=True):
        save_vectors(vectors, tmp_path / f"{name}.npz")
    (tmp_path / "d.txt").write_text("".join(f"s{number}\tt{number}\n" for number in range(600)), "utf-8")
    arguments = command(["align", "src.npz", "tgt.npz", "-d", "d.txt", "--verbose"])
    heard = partial(signal.signal, signal.SIGINT, signal.SIG_DFL)  # a job in the background ignores it
    with subprocess.Popen(
        arguments, cwd=tmp_path, stderr=subprocess.PIPE, text=True, preexec_fn=heard
    ) as running:
        assert running.stderr is not None
        assert "600 of 600 dictionary pairs" in running.stderr.readline()  # logged before learning begins
        running.send_signal(signal.SIGINT)
        rest = running.stderr.read()
    assert running.returncode == 130
    assert rest.endswith("Interrupted.\n") and "Traceback" not in rest
    assert {path.name for path in tmp_path.iterdir()} == {"src.npz", "tgt.npz", "d.txt"}


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_other_ends_interrupt_too(number: signal.Signals) -> None:
    before = signal.signal(number, signal.SIG_DFL)  # whatever started the tests may ignore it
    try:
        with pytest.raises(KeyboardInterrupt), terminable():
            os.kill(os.getpid(), number)
            time.sleep(5)
        assert signal.getsignal(number) == signal.SIG_DFL
    finally:
        signal.signal(number, before)


def test_a_signal_that_is_ignored_stays_so() -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with terminable():
            os.kill(os.getpid(), signal.SIGHUP)
    finally:
        signal.signal(signal.SIGHUP, before)


@pytest.mark.parametrize(
    "error", [KeyboardInterrupt(), MemoryError(), OSError(28, "No space left on device")]
)
def test_what_breaks_while_writing_leaves_nothing(
    run: Any, files: Path, here: Path, monkeypatch: pytest.MonkeyPatch, error: BaseException
) -> None:
    def breaking(*_: object) -> None:
        raise error

    monkeypatch.setattr("translator.alignment.model_card", breaking)
    result = run("align", files / "src.vec", files / "tgt.vec", "-d", files / "train.txt", "--refine", "none")
    assert result.exit_code == (130 if isinstance(error, KeyboardInterrupt) else 1)
    assert len(result.stderr.splitlines()) <= 2
    assert not list(here.iterdir())


@pytest.mark.parametrize("what", [["--vec"], ["--torch"], ["--npz"]])
def test_a_full_disk_is_reported_in_plain_words(run: Any, made: Path, here: Path, what: list[str]) -> None:
    with file_size_limit(999):
        result = run("export", made, *what)
    assert result.exit_code == 1 and isinstance(result.exception, SystemExit)
    assert result.stderr.startswith("Error: ")
    assert not list(here.iterdir())


def test_a_reader_that_leaves_early_is_no_error(made: Path, tmp_path: Path) -> None:
    arguments = command(["lexicon", made, "-k", "300"])
    with subprocess.Popen(arguments, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as running:
        assert running.stdout is not None and running.stderr is not None
        running.stdout.readline()
        running.stdout.close()
        assert running.stderr.read() == b""
    assert running.returncode == 0


@pytest.mark.parametrize(
    "config",
    [
        "",
        "[]",
        "{}",
        "\udcff",
        '{"format": 1, "source": {}, "target": {}}',
        '{"format": 99, "source": 1, "target": 1}',
    ],
)
@pytest.mark.parametrize(
    "arguments",
    [["info"], ["translate", "word"], ["gloss", "a text"], ["export", "--torch"], ["lexicon"], ["report"]],
)
def test_a_damaged_folder_is_reported_in_plain_words(
    run: Any, here: Path, config: str, arguments: list[str]
) -> None:
    (here / "x").mkdir()
    (here / "x" / "config.json").write_text(config, "utf-8", "surrogateescape")
    result = run(arguments[0], "./x", *arguments[1:])
    assert result.exit_code == 1
    assert isinstance(result.exception, SystemExit)
    assert result.stderr.startswith("Error: ")


def test_json_is_all_there_is_on_stdout(run: Any, made: Path, files: Path, here: Path) -> None:
    lines = [
        ["align", files / "src.vec", files / "tgt.vec", "--dict", files / "train.txt"],
        ["info", made],
        ["translate", made, "s1", "nothing"],
        ["gloss", made, "s1 nothing"],
        ["lexicon", made],
        ["lexicon", made, "-o", "x.tsv"],
        ["evaluate", made, "--dict", files / "test.txt"],
        ["export", made, "--torch", "--vec"],
        ["report", made],
    ]
    for line in lines:
        result = run(*line, "--json")
        assert result.exit_code == 0, result.output
        assert isinstance(json.loads(result.stdout), dict)


def test_quiet_keeps_to_results(run: Any, made: Path, files: Path, here: Path) -> None:
    result = run("align", files / "src.vec", files / "tgt.vec", "-d", files / "train.txt", "--quiet")
    assert result.output == ""
    result = run("translate", made, "s1", "-q")
    assert result.stderr == "" and result.stdout.startswith("s1")


def test_a_bug_is_not_hidden(run: Any, made: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(translator, "induce_lexicon", broken)
    assert isinstance(run("lexicon", made).exception, ZeroDivisionError)
