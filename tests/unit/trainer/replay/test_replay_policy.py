"""What the replayed author does with a suggestion: the whole table."""

import pytest

from penchant_core.signals import OutcomeKind
from penchant_trainer.metrics import kept_share
from penchant_trainer.replay.policy import Policy, judged

ACCEPTED, EDITED = OutcomeKind.ACCEPTED, OutcomeKind.ACCEPTED_EDITED
REJECTED = OutcomeKind.REJECTED


@pytest.mark.parametrize(
    ("suggestion", "written", "kind", "retained", "saved"),
    [
        ("return total", "return total", ACCEPTED, 12, 11),
        ("return total  ", "return total", ACCEPTED, 12, 11),
        # Right as far as it goes, up to the end of a word.
        ("return", "return total", ACCEPTED, 6, 5),
        ("retu", "return total", REJECTED, 0, 0),
        ("x =", "x = 1", EDITED, 3, 2),
        # What the author wrote after as many lines does not count against it.
        ("a = load()", "a = load()\nb = save()", ACCEPTED, 10, 9),
        ("a = load_rows(path, mode)\nb = 1", "a = load_rows(path, mode)", EDITED, 25, 18),
        ("return totals", "return total", EDITED, 12, 10),
        ("import os", "class Invoice:", REJECTED, 0, 0),
        ("", "return total", None, 0, 0),
        ("   ", "return total", None, 0, 0),
    ],
)
def test_every_row_of_the_table(
    suggestion: str, written: str, kind: OutcomeKind | None, retained: int, saved: int
) -> None:
    verdict = judged(suggestion, written, Policy())
    assert verdict.kind == kind
    assert (verdict.retained, verdict.saved) == (retained, saved)


def test_the_thresholds_are_the_policys() -> None:
    picky = Policy(edit_similarity=0.99, accept_chars=40, accept_keys=2)
    assert judged("return", "return total", picky).kind is REJECTED
    assert judged("return totals", "return total", picky).kind is REJECTED
    assert judged("return total", "return total", picky).saved == 10
    assert Policy().as_json() == {"accept_chars": 4, "edit_similarity": 0.6, "accept_keys": 1}


def test_an_edited_suggestion_keeps_a_share_of_its_tokens() -> None:
    verdict = judged("total = price * count", "total = price + count", Policy())
    assert verdict.kind is EDITED
    assert verdict.wanted == "total = price + count"
    assert verdict.kept == pytest.approx(4 / 5)
    assert kept_share("", "a") == 0.0
