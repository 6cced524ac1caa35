"""A few questions a day, counted across processes, without content."""

import json
import os
from pathlib import Path

from penchant_core.question_budget import REMEMBERED, QuestionBudget

NOON = 1_800_000_000.0
DAY = 86_400.0


def test_a_day_has_so_many_questions(tmp_path: Path) -> None:
    budget = QuestionBudget(tmp_path / "state" / "questions.json")
    assert budget.left(3, now=NOON) == 3
    for name in ("c1", "c2", "c3"):
        budget.note(name, now=NOON)
    again = QuestionBudget(budget.path)
    assert again.left(3, now=NOON) == 0
    assert again.left(3, now=NOON + DAY) == 3
    assert again.left(0, now=NOON + DAY) == 0
    assert again.asked() == {"c1", "c2", "c3"}


def test_the_file_holds_dates_and_ids(tmp_path: Path) -> None:
    budget = QuestionBudget(tmp_path / "questions.json")
    budget.path.write_text(json.dumps({"asked": [["2026-01-01", "x"]] * (REMEMBERED + 5)}))
    budget.note("c1", now=NOON)
    kept = json.loads(budget.path.read_text())["asked"]
    assert len(kept) == REMEMBERED
    assert kept[-1][1] == "c1"
    assert budget.path.stat().st_mode & 0o077 == 0


def test_a_broken_file_uses_up_its_own_day_only(tmp_path: Path) -> None:
    budget = QuestionBudget(tmp_path / "questions.json")
    for broken in ("{", "[]", '{"asked": 3}', '{"asked": [1]}', "\0"):
        budget.path.write_text(broken)
        os.utime(budget.path, (NOON, NOON))
        assert budget.left(3, now=NOON) == 0, broken
        assert budget.left(3, now=NOON + DAY) == 3, broken
        assert budget.asked() == frozenset()
    budget.note("c1", now=NOON + DAY)
    assert budget.left(3, now=NOON + DAY) == 2
