"""The real server asks for one line where several were sent away; asking by key goes by syntax."""

from pathlib import Path

import pytest
from broken.editor import INVOKED, Editor
from broken.gateway import Gateway

URI, SEVERAL = "untitled:habit", "alpha()\nbeta()"


@pytest.mark.parametrize(("by_habit", "then"), [("true", ["\n"]), ("false", None)])
def test_several_lines_sent_away_mean_one(
    tmp_path: Path, by_habit: str, then: list[str] | None
) -> None:
    settings = {"PENCHANT_COMPLETION__EXTENT_BY_HABIT": by_habit}
    with (
        Gateway(SEVERAL) as gateway,
        Editor(tmp_path, gateway.address, environment=settings) as editor,
    ):
        editor.open(URI, "")
        for number in range(4):
            assert editor.complete(URI, number, 0)[0]["insertText"] == SEVERAL
            assert gateway.requests[-1].get("stop") is None
            editor.insert(URI, number, 0, f"other_{number} = 1\n")
            editor.wait_status(lambda status: status["open"] == 0)
        editor.ask(URI, 4, 0)
        assert gateway.wait(lambda: len(gateway.requests) == 5)
        assert gateway.requests[-1].get("stop") == then
        editor.insert(URI, 4, 0, "last = 1\n")
        editor.ask(URI, 5, 0, INVOKED)
        assert gateway.wait(lambda: len(gateway.requests) > 5)
        assert gateway.requests[-1].get("stop") is None
