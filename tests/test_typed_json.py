"""JSON into dataclasses: what asdict writes comes back, and nothing else gets in."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from translator.errors import FormatError
from translator.typed_json import from_json


@dataclass(frozen=True)
class Dog:
    legs: int
    kind: Literal["dog"] = "dog"


@dataclass(frozen=True)
class Fish:
    length: float
    kind: Literal["fish"] = "fish"


@dataclass(frozen=True)
class House:
    name: str | None
    pets: tuple[Dog | Fish, ...]
    size: tuple[int, float]
    rooms: Mapping[str, bool]
    anything: Any = None


houses = st.builds(
    House,
    st.none() | st.text(),
    st.lists(st.builds(Dog, st.integers()) | st.builds(Fish, st.floats(allow_nan=False))).map(tuple),
    st.tuples(st.integers(), st.floats(allow_nan=False)),
    st.dictionaries(st.text(), st.booleans()),
    st.none() | st.integers(),
)


@given(houses)
def test_what_is_written_comes_back(house: House) -> None:
    assert from_json(House, json.loads(json.dumps(asdict(house)))) == house


GOOD: dict[str, Any] = {"name": "x", "pets": [{"legs": 4, "kind": "dog"}], "size": [1, 2], "rooms": {}}


def test_whole_numbers_are_floats_where_floats_are_expected() -> None:
    size = from_json(House, GOOD).size
    assert size == (1, 2.0) and [type(one) for one in size] == [int, float]


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("name", 3, "house.name: expected str, found 3"),
        ("pets", {}, "house.pets: expected tuple, found {}"),
        ("pets", [{"legs": 4, "kind": "cat"}], r"house.pets\[0\].kind: expected"),
        ("pets", [{"legs": True}], r"house.pets\[0\].legs: expected int, found True"),
        ("pets", [{}], r"house.pets\[0\].legs is missing"),
        ("size", [1], "house.size: expected 2 values, found 1"),
        ("size", [1.5, 2.0], r"house.size\[0\]: expected int, found 1.5"),
        ("rooms", {"kitchen": 1}, "house.rooms.kitchen: expected bool, found 1"),
        ("rooms", [], "house.rooms: expected"),
    ],
)
def test_what_does_not_fit_is_refused(field: str, value: object, message: str) -> None:
    with pytest.raises(FormatError, match=message):
        from_json(House, {**GOOD, field: value}, "house")


@pytest.mark.parametrize("value", [None, [], "x", 3])
def test_no_object_at_all(value: object) -> None:
    with pytest.raises(FormatError, match="house: expected House, found"):
        from_json(House, value, "house")
