"""Whether lines parse, at enough places to tell a point."""

from dataclasses import replace

from penchant_trainer.personas.desk import Place
from penchant_trainer.personas.parsing import DRAWS, Parsing, compared, enough

GOOD = Place("a.py", "x = ", "1", "\n", "double_quotes")
BAD = Place("a.py", "x = (", "1", "\n", "double_quotes")


def test_places_are_drawn_until_there_are_enough_different_ones() -> None:
    asked: list[int] = []

    def draw(seed: int) -> list[Place]:
        asked.append(seed)
        return [GOOD, BAD, replace(GOOD, prefix=f"y{seed // 2} = ")]

    found = enough(draw, 3, 4)
    assert [place.prefix for place in found] == ["x = ", "y1 = ", "y2 = ", "y3 = "]
    assert asked == [3, 4, 5, 6], "and no further"


def test_files_that_have_no_more_places_end_it() -> None:
    asked: list[int] = []
    assert enough(lambda seed: asked.append(seed) or [GOOD, BAD], 0, 9) == [GOOD]  # type: ignore[func-returns-value]
    assert len(asked) == DRAWS


def test_lines_are_compared_place_by_place() -> None:
    found = compared([GOOD] * 4, ["1", "(", "2", ")"], ["1", "2", "(", "3"])
    assert found == Parsing(judged=4, base=2, adapter=3, broken=1, mended=2)
    assert found.change == 0.25
    assert compared([], [], []).change == 0.0
