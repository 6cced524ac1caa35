"""What stands around the cursor, as the filters see it. Pure; knows no filter."""

from dataclasses import dataclass

NEAR_LINES = 60


@dataclass(frozen=True, slots=True)
class Surroundings:
    """The text around the cursor.

    ``left`` and ``right`` are the cursor's line before and after it, without its end; ``above`` and
    ``below`` are the other lines. ``many`` says whether several lines may be shown, ``cut_off``
    whether the engine stopped for length rather than by itself.
    """

    left: str = ""
    right: str = ""
    above: str = ""
    below: str = ""
    many: bool = True
    language: str = ""
    path: str = ""
    cut_off: bool = False

    @property
    def begins_line(self) -> bool:
        """Whether nothing but indentation stands left of the cursor."""
        return not self.left.strip()

    @property
    def line_above(self) -> str:
        """The nearest line above with something in it, without blanks at its end."""
        return next((line for line in reversed(self.lines_above) if line.strip()), "").rstrip()

    @property
    def lines_above(self) -> list[str]:
        """The nearest lines above, top to bottom."""
        return self.above.split("\n")[-NEAR_LINES:]

    @property
    def lines_below(self) -> list[str]:
        """The lines below with something in them, without blanks at their ends."""
        return [line.rstrip() for line in self.below.split("\n")[:NEAR_LINES] if line.strip()]


def around(prefix: str, suffix: str, **more: object) -> Surroundings:
    """Return the surroundings of a cursor between ``prefix`` and ``suffix``."""
    above, _, left = prefix.rpartition("\n")
    right, _, below = suffix.partition("\n")
    return Surroundings(left, right, above, below, **more)  # type: ignore[arg-type]


def indentation(line: str) -> int:
    """Return how many blanks and tabs a line begins with."""
    return len(line) - len(line.lstrip(" \t"))
