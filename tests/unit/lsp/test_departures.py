"""Documents that are closed and come back under the same or another name."""

import pytest

from penchant_lsp.departures import TOLD_WAIT_S, WAIT_S, Departures
from penchant_lsp.followed import Followed

A, B = "file:///w/a.py", "file:///w/b.py"
CELL = "vscode-notebook-cell:/w/n.ipynb#a"


def _left(uri: str = A, text: str = "x = 1\n") -> Departures:
    departures = Departures()
    departures.left(uri, Followed(text, 0.0), 0.0)
    return departures


@pytest.mark.parametrize(
    ("old", "new", "text", "back"),
    [
        (A, B, "x = 1\n", True),
        (A, A, "x = 1\n", True),
        (A, B, "x = 2\n", False),
        (A, "git:/w/a.py", "x = 1\n", False),
        ("untitled:Untitled-1", A, "x = 1\n", True),
        (
            CELL,
            CELL + "b",
            "x = 1\n",
            False,
        ),
        (CELL, CELL, "x = 1\n", True),
    ],
)
def test_what_comes_back(old: str, new: str, text: str, back: bool) -> None:
    assert (_left(old).back(new, text) is not None) is back


def test_an_empty_document_is_nobody_in_particular() -> None:
    assert _left(text="\n").back(B, "\n") is None
    assert _left(text="\n").back(A, "\n") is not None


def test_it_is_waited_for_a_moment_and_longer_if_the_editor_says_so() -> None:
    departures = _left()
    assert departures.over(WAIT_S - 0.1) == []
    assert [each.uri for each in departures.over(WAIT_S)] == [A]
    assert departures.back(B, "x = 1\n") is None
    told = Departures()
    told.renamed("file:///w", "file:///v", 0.0)
    told.left(A, Followed("\n", 0.0), 0.0)
    assert told.over(TOLD_WAIT_S - 0.1) == []
    assert told.back("file:///v/a.py", "\n") is not None


def test_the_new_name_may_be_opened_first() -> None:
    departures = Departures()
    departures.opened(B, 1.0)
    texts = {B: Followed("x = 1\n", 1.0)}
    assert departures.successor(A, "x = 1\n", texts, 1.5) == B
    assert departures.successor(A, "x = 2\n", texts, 1.5) is None
    assert departures.successor(A, "x = 1\n", texts, 1.0 + WAIT_S) is None
