"""What is imported is checked whole before the first row is written."""

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from samples import signal

from penchant_core.errors import StoreError
from penchant_core.signal_export import export_lines, import_lines, json_schema
from penchant_core.signals import Rating
from penchant_core.store import SignalStore


@pytest.fixture
def line(store: SignalStore) -> dict[str, Any]:
    store.add(signal("a"))
    store.rate(Rating("a", 1.0, "direct", 1))
    (text,) = export_lines(store)
    store.erase()
    found: dict[str, Any] = json.loads(text)
    return found


def test_the_object_says_its_schema(line: dict[str, Any]) -> None:
    assert line["schema"] == 1
    assert line["completion"]["id"] == "a"
    assert line["outcome"]["kind"] == "accepted"
    assert line["ratings"][0]["value"] == 1


def test_import_tolerates_blank_lines_and_repeats(store: SignalStore, line: dict[str, Any]) -> None:
    text = json.dumps(line)
    assert import_lines(store, [text, "\n", text]) == (1, 1)
    assert len(store.ratings()) == 1


@pytest.mark.parametrize(
    "change",
    [
        {"schema": 2},
        {"schema": None},
        {"completion": None},
        {"completion": {"id": "a"}},
        {"outcome": {"kind": "odd"}},
        {"outcome": {"completion_id": "b", "kind": "accepted", "at": 1, "settled_at": 1}},
        {"ratings": [{"completion_id": "b", "at": 1, "kind": "direct"}]},
        {"ratings": [{"completion_id": "a", "at": 1, "kind": "odd"}]},
        {"ratings": None},
    ],
    ids=str,
)
def test_a_bad_line_imports_nothing_and_is_named(
    store: SignalStore, line: dict[str, Any], change: dict[str, object]
) -> None:
    good = json.dumps(line)
    line["completion"]["id"] = "canary"
    with pytest.raises(StoreError, match="line 2") as caught:
        import_lines(store, [good, json.dumps({**line, **change})])
    assert "canary" not in str(caught.value)
    assert len(store) == 0


@pytest.mark.parametrize("text", ["{", "[]", "null", "3", "[" * 100_000], ids=range(5))
def test_lines_that_are_no_objects(store: SignalStore, text: str) -> None:
    with pytest.raises(StoreError, match="line 1"):
        import_lines(store, [text])


def test_a_shown_candidate_that_does_not_exist(store: SignalStore, line: dict[str, Any]) -> None:
    line["completion"]["shown"] = 5
    with pytest.raises(StoreError):
        import_lines(store, [json.dumps(line)])


PUBLISHED = Path(__file__).parents[3] / "docs" / "signal-export.schema.json"


def test_the_published_schema_is_up_to_date() -> None:
    assert json.loads(PUBLISHED.read_text("utf-8")) == json_schema(), (
        "write it again: python -m penchant_core.signal_export > docs/signal-export.schema.json"
    )
    Draft202012Validator.check_schema(json_schema())


def test_the_schema_knows_a_line_from_something_else(line: dict[str, Any]) -> None:
    validator = Draft202012Validator(json.loads(PUBLISHED.read_text("utf-8")))
    validator.validate(line)
    for change in (
        {"schema": 2},
        {"completion": {}},
        {"outcome": {"kind": "odd"}},
        {"ratings": [{"value": 1}]},
    ):
        assert not validator.is_valid({**line, **change})


def test_what_is_given_twice_is_the_first(store: SignalStore, line: dict[str, Any]) -> None:
    other = {**line, "ratings": [], "completion": {**line["completion"], "prefix": "other"}}
    assert import_lines(store, [json.dumps(line), json.dumps(other)]) == (1, 1)
    assert [s.completion.prefix for s in store.signals()] == [line["completion"]["prefix"]]
