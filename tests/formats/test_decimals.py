"""Numbers read many at once equal those of ``float``, one by one."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from translator.formats.decimals import is_number, parse_decimals

ODD_NUMBERS = ["0", "-0", "-0.00", ".5", "-.5", "5.", "+1.5", "1e3", "1E-05", "9" * 15, "9" * 16]
ODD_NUMBERS += ["-0." + "9" * 13, "12345678901234567.5", "nan", "-inf", "1e99"]
NO_NUMBERS = ["-", ".", "-.", "1.2.3", "1-2", "--1", "1,5", "abc", "0x10", "e5", "1_0", "١"]


@given(
    st.lists(
        st.one_of(
            st.from_regex(r"-?[0-9]{1,9}[.]?[0-9]{0,9}", fullmatch=True),
            st.floats(width=32, allow_nan=False, allow_infinity=False).map(str),
            st.floats(allow_nan=False, allow_infinity=False).map(str),
            st.sampled_from(ODD_NUMBERS + NO_NUMBERS),
        ),
        max_size=12,
    ),
    st.binary(max_size=20),
)
def test_numbers_equal_float(numbers: list[str], noise: bytes) -> None:
    block, starts, ends = noise, [], []
    for number in numbers:
        starts.append(len(block))
        block += number.encode()
        ends.append(len(block))
        block += b" "
    with np.errstate(over="ignore"):
        expected = np.array([slow_number(number) for number in numbers], np.float32)
    values = parse_decimals(block, np.array(starts, np.int64), np.array(ends, np.int64))
    np.testing.assert_array_equal(values, expected)
    numeric = ~np.isnan(expected)
    np.testing.assert_array_equal(np.signbit(values[numeric]), np.signbit(expected[numeric]))  # of zeros too


def slow_number(text: str) -> float:
    return math.nan if text in NO_NUMBERS else float(text)


@pytest.mark.parametrize("text", ODD_NUMBERS + NO_NUMBERS)
def test_what_is_a_number(text: str) -> None:
    assert is_number(text.encode()) == (text in ODD_NUMBERS)
