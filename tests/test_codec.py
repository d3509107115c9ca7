from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnnviz.codec import from_json, to_json
from cnnviz.errors import InputError


@dataclass(frozen=True)
class Inner:
    size: tuple[int, int] = (1, 1)
    mode: Literal["a", "b"] | tuple[int, int] = "a"


@dataclass(frozen=True)
class Outer:
    name: str
    share: float = 0.5
    inner: tuple[Inner, ...] = ()
    maybe: Inner | None = None
    flag: bool = False


pairs = st.tuples(st.integers(), st.integers())
inners = st.builds(Inner, pairs, st.sampled_from(["a", "b"]) | pairs)
outers = st.builds(
    Outer,
    st.text(),
    st.floats(allow_nan=False, allow_infinity=False),
    st.lists(inners).map(tuple),
    st.none() | inners,
    st.booleans(),
)


@given(outers)
def test_what_was_written_is_read_back(value: Outer) -> None:
    assert from_json(Outer, json.loads(json.dumps(to_json(value)))) == value


def test_absent_fields_take_defaults_and_unknown_ones_are_passed_over() -> None:
    assert from_json(Outer, {"name": "x", "future": [1]}) == Outer("x")


@pytest.mark.parametrize(
    ("data", "place"),
    [
        ([], "top"),
        ({}, "top"),
        ({"name": 3}, "name"),
        ({"name": "x", "share": "much"}, "share"),
        ({"name": "x", "share": True}, "share"),
        ({"name": "x", "share": float("nan")}, "share"),
        ({"name": "x", "flag": 1}, "flag"),
        ({"name": "x", "inner": [{"size": [1, 2, 3]}]}, "inner[0].size"),
        ({"name": "x", "inner": [{}, {"size": [1, 2.5]}]}, "inner[1].size[1]"),
        ({"name": "x", "inner": {"size": 1}}, "inner"),
        ({"name": "x", "maybe": {"mode": "c"}}, "maybe"),
    ],
)
def test_damage_is_named_by_its_place(data: object, place: str) -> None:
    with pytest.raises(InputError) as caught:
        from_json(Outer, data)
    assert f"“{place}”" in str(caught.value)


def test_a_refused_value_is_told_as_it_is_in_the_file() -> None:
    with pytest.raises(InputError, match=r"“size” cannot be null\."):
        from_json(Inner, {"size": None})
    with pytest.raises(InputError, match=r"“share” cannot be “ja”\."):
        from_json(Outer, {"name": "a", "share": "ja"})
    with pytest.raises(InputError, match=r"“share” cannot be “j{40}…”\."):
        from_json(Outer, {"name": "a", "share": "j" * 99})
