from typing import Any

import pytest

from penchant_lsp.tolerance import AUTOMATIC, INVOKED, Tolerance


def _kind(tolerance: Tolerance, kind: Any) -> int:
    params = {"context": {"triggerKind": kind}, "position": {}}
    message = {"method": "textDocument/inlineCompletion", "params": params}
    return tolerance.mend(message)["params"]["context"]["triggerKind"]


@pytest.mark.parametrize(
    ("kind", "expected"),
    [(1, INVOKED), (2, AUTOMATIC), (3, AUTOMATIC), (-1, AUTOMATIC), ("x", AUTOMATIC),
     (None, AUTOMATIC), (True, AUTOMATIC), (False, AUTOMATIC)],
)  # fmt: skip
def test_kinds(kind: Any, expected: int) -> None:
    assert _kind(Tolerance(), kind) == expected


def test_a_client_that_counts_from_zero_is_remembered() -> None:
    tolerance = Tolerance()
    assert _kind(tolerance, 1) == INVOKED
    assert _kind(tolerance, 0) == INVOKED
    assert _kind(tolerance, 1) == AUTOMATIC


@pytest.mark.parametrize("params", [None, [], {"context": 3}, {}])
def test_what_has_no_context_gets_one(params: Any) -> None:
    message = Tolerance().mend({"method": "textDocument/inlineCompletion", "params": params})
    if isinstance(params, dict):
        assert message["params"]["context"] == {"triggerKind": AUTOMATIC}
    else:
        assert message["params"] is params


def test_other_messages_are_left_alone() -> None:
    message = {"method": "textDocument/hover", "params": {"context": 3}}
    assert Tolerance().mend(dict(message)) == message
