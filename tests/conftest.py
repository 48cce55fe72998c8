"""The options of the suite, a small fastText model trained once on text made here, a Hub on this machine."""

from __future__ import annotations

import random
import warnings
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import toys
from hub_stand_in import Handler, serving, uploading_to
from hypothesis import settings
from threadpoolctl import threadpool_limits

settings.register_profile("project", deadline=None)  # a busy machine is no failure
settings.load_profile("project")

WORDS = """\
the of house tree water river stone light café naïve déjà garçon Straße größe žluťoučký kůň año señor \
дом дерево вода река камень свет любовь ёлка мир 東京 日本語 水 木 火 言葉 中文 山 한국어 שלום γλώσσα 3.14\
"""


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--reorder",
        type=int,
        metavar="SEED",
        help="run the numerical tests alone: inputs and sums in another order, one thread",
    )


def pytest_configure(config: pytest.Config) -> None:
    toys.ORDER = config.getoption("reorder")
    if toys.ORDER is not None or hasattr(config, "workerinput"):  # the processes of -n share the cores
        import torch

        torch.set_num_threads(1)
        threadpool_limits(1, user_api="blas")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Start long tests first; under ``--reorder`` keep the modules that take inputs from ``toys``."""
    if toys.ORDER is None:
        items[:] = _long_first(items, getattr(config, "workerinput", {}).get("workercount", 1))
        return
    numerical = [item for item in items if _takes_toys(item)]
    config.hook.pytest_deselected(items=[item for item in items if item not in set(numerical)])
    items[:] = numerical


def _long_first(items: list[pytest.Item], workers: int) -> list[pytest.Item]:
    """Of the equal parts that the workers of ``--dist worksteal`` get, let each begin with its long tests."""
    long = [item for item in items if item.get_closest_marker("long")]
    rest = [item for item in items if not item.get_closest_marker("long")]
    bounds = [len(rest) * worker // workers for worker in range(workers + 1)]
    parts = (rest[start:stop] for start, stop in pairwise(bounds))
    return [item for worker, part in enumerate(parts) for item in [*long[worker::workers], *part]]


def _takes_toys(item: pytest.Item) -> bool:
    values = vars(item.module).values() if isinstance(item, pytest.Function) else ()
    return any(getattr(value, "__module__", None) == toys.__name__ for value in values)


@pytest.fixture(scope="session")
def train() -> Callable[..., Any]:
    """Train with stock fastText: ``train(method, text file, **arguments)``."""
    fasttext = pytest.importorskip("fasttext", reason="the stock fastText library is the oracle here")

    def trained(method: str, text: Path, **arguments: Any) -> Any:
        # Each thread fills a tenth of the input matrix (fastText#1341), an eleventh what the division left
        return getattr(fasttext, method)(str(text), thread=11, epoch=2, verbose=0, **arguments)

    return trained


@pytest.fixture(scope="session")
def load_stock() -> Callable[[Path], Any]:
    """Load a model with stock fastText."""
    fasttext = pytest.importorskip("fasttext", reason="the stock fastText library is the oracle here")

    def loaded(path: Path) -> Any:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return fasttext.load_model(str(path))

    return loaded


@pytest.fixture(scope="session")
def model_path(train: Callable[..., Any], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A skip-gram model of 16 dimensions with n-grams of 2 to 4 characters, in several scripts."""
    folder = tmp_path_factory.mktemp("fasttext")
    generator = random.Random(0)
    lines = [" ".join(generator.choices(WORDS.split(" "), k=8)) for _ in range(300)]
    (folder / "text.txt").write_text("\n".join(lines) + "\n", "utf-8")
    model = train("train_unsupervised", folder / "text.txt", dim=16, minn=2, maxn=4, bucket=2000, minCount=1)
    model.save_model(str(folder / "model.bin"))
    return folder / "model.bin"


@pytest.fixture(scope="session")
def stock(model_path: Path, load_stock: Callable[[Path], Any]) -> Any:
    """The same model in stock fastText."""
    return load_stock(model_path)


@pytest.fixture
def hub_server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[type[Handler]]:
    """The Hub on this machine, without a repository."""
    constants = pytest.importorskip("huggingface_hub.constants", reason="the client")
    with serving(constants, tmp_path / "hub-cache", monkeypatch) as handler:
        yield handler


@pytest.fixture
def hub_uploads(hub_server: type[Handler], monkeypatch: pytest.MonkeyPatch) -> type[Handler]:
    """The Hub on this machine, where uploads go too."""
    monkeypatch.setattr("huggingface_hub.HfApi", uploading_to(hub_server))
    return hub_server
