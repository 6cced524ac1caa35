"""Every filter has golden cases in a file of its name: before, completion, after, and why."""

import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from penchant_lsp.extent import multi_line
from penchant_lsp.filters.chain import FILTERS, filtered
from penchant_lsp.filters.surroundings import Surroundings, around
from penchant_lsp.filters.tail import replaced

GOLDEN = Path(__file__).parents[2] / "golden" / "filters"


def cases() -> list[Any]:
    return [
        pytest.param(path.stem, case, id=f"{path.stem}: {case['why']}")
        for path in sorted(GOLDEN.glob("*.toml"))
        for case in tomllib.loads(path.read_text("utf-8"))["case"]
    ]


def surroundings(case: dict[str, Any]) -> Surroundings:
    before, after = case["before"], case.get("after", "")
    left, right = before.rpartition("\n")[2], after.partition("\n")[0]
    return around(
        before,
        after,
        many=multi_line(left, right),
        language=case.get("language", "python"),
        path=case.get("path", ""),
        cut_off=case.get("cut_off", False),
    )


@pytest.mark.parametrize(("name", "case"), cases())
def test_golden(name: str, case: dict[str, Any]) -> None:
    place = surroundings(case)
    shown = filtered(case["completion"], place)
    assert shown == case.get("shown", case["completion"])
    if "shown" in case:
        without = filtered(case["completion"], place, without={name})
        assert without != shown, "another filter does this already"


def test_every_filter_has_cases_for_and_against_it() -> None:
    golden = {path.stem: tomllib.loads(path.read_text()) for path in GOLDEN.glob("*.toml")}
    assert set(golden) == set(FILTERS)
    assert sum(len(each["case"]) for each in golden.values()) >= 200
    for name, each in golden.items():
        kinds = {"shown" in case for case in each["case"]}
        assert kinds == {True, False}, name


TEXT = st.text(alphabet="ab(){}[]'\"#:., \n\t", max_size=60)


@given(TEXT, TEXT, TEXT, st.booleans(), st.booleans(), st.sets(st.sampled_from(sorted(FILTERS))))
def test_nothing_is_added_but_blanks(
    text: str, prefix: str, suffix: str, many: bool, cut_off: bool, without: set[str]
) -> None:
    place = around(prefix, suffix, many=many, cut_off=cut_off, language="python")
    kept = iter(text)
    shown = filtered(text, place, without)
    assert all(character in kept for character in shown if not character.isspace())


@given(TEXT, TEXT)
def test_what_is_replaced_stands_in_the_text(text: str, right: str) -> None:
    size = replaced(text, right)
    kept = iter(text)
    assert all(character in kept for character in right[:size])
    assert not any(character.isalnum() for character in right[:size])
