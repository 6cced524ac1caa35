"""What a measurement says: figures per persona, the matrix, and which targets were met.

Pure functions of figures. Knows nothing of how they were made or are printed.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from penchant_trainer.personas.measuring import Shown
from penchant_trainer.personas.parsing import Parsing
from penchant_trainer.personas.people import Kind
from penchant_trainer.personas.sparing import ACCEPTANCE, RETAINED, SHOWN, Spared, Sparing
from penchant_trainer.style.card import style_card
from penchant_trainer.style.tally import tally_from_json

PREFERRED, PARSE_LOSS, PERPLEXITY_RISE = 0.90, 0.01, 0.02
"""The targets: preferred style at least, parse rate lost at most, perplexity risen at most."""

REFUSED = ("refused", "waiting")


@dataclass(frozen=True, slots=True)
class Result:
    """One training of one persona, measured; shares from 0 to 1, ``perplexity`` a ratio to base.

    ``after`` and what hangs on it are None where the run left no adapter.
    """

    persona: str
    kind: Kind
    events: int
    status: str
    reasons: tuple[str, ...]
    method: str
    outcomes: Mapping[str, int]
    before: Shown
    after: Shown | None
    own: Shown
    perplexity: float | None
    seconds: float
    parsing: Parsing | None = None

    @property
    def style(self) -> tuple[str, ...]:
        """The style card in words."""
        if self.after is None:
            return ()
        before, after, own = (tally_from_json(s.tally) for s in (self.before, self.after, self.own))
        return style_card(before, after, own).sentences

    @property
    def parse_change(self) -> float | None:
        """By how much the parse rate changed against the base model, at the most places known."""
        if self.parsing is not None:
            return self.parsing.change
        return None if self.after is None else self.after.parse_rate - self.before.parse_rate

    @property
    def breaks(self) -> bool:
        """Whether more lines fail to parse than a point, or one line where that is more."""
        judged = self.parsing.judged if self.parsing else self.before.parses[1]
        tolerance = max(PARSE_LOSS, 1 / max(1, judged))
        return (self.parse_change or 0.0) < -tolerance - 1e-9

    def as_json(self) -> dict[str, Any]:
        """Return it as plain values, shares included."""
        shown = {"before": self.before, "after": self.after, "own": self.own}
        apart = {*shown, "parsing"}
        data = {k: getattr(self, k) for k in self.__dataclass_fields__ if k not in apart}
        sides: dict[str, Any] = {k: _side(s) if s else None for k, s in shown.items()}
        sides["parsing"] = self.parsing.as_json() if self.parsing else None
        return data | sides | {"style": list(self.style), "parse_change": self.parse_change}


@dataclass(frozen=True, slots=True)
class Results:
    """Every result, and the matrix: row persona → adapter's persona → preferred style share."""

    at: int
    results: tuple[Result, ...]
    matrix: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    sparing: Sparing | None = None

    def last(self, kind: Kind) -> list[Result]:
        """Return the results of one kind of persona at the number of events that counts."""
        return [r for r in self.results if r.kind == kind and r.events == self.at]

    @property
    def targets(self) -> dict[str, dict[str, Any]]:
        """Each target with whether it was met, and the figures that say so."""
        filtered = {"show filter": _filter(self.sparing.pooled)} if self.sparing else {}
        return (self._trained() if self.results else {}) | filtered

    def _trained(self) -> dict[str, dict[str, Any]]:
        styled, hostile = self.last("style"), self.last("adversary")
        learned = [r.persona for r in styled if r.after and r.after.share >= PREFERRED]
        broken = [r.persona for r in styled if r.breaks]
        forgot = [r.persona for r in styled if (r.perplexity or 1.0) > 1 + PERPLEXITY_RISE]
        promoted = [r.persona for r in hostile if r.status not in REFUSED]
        blurred = [row for row in self.matrix if not self.right_is_best(row)]
        enough = max(0, len(styled) - 1)
        return {
            "preferred style": _target(
                bool(styled) and len(learned) >= enough,
                f"{len(learned)} of {len(styled)} reach {PREFERRED:.0%} (all but one must)",
            ),
            "parse rate": _target(not broken, _named("lost more than a point", broken)),
            "neutral perplexity": _target(not forgot, _named("rose more than 2 %", forgot)),
            "adversaries": _target(
                not promoted, f"{len(promoted)} of {len(hostile)} promoted", promoted
            ),
            "right against wrong": _target(not blurred, _named("rows without a lead", blurred)),
        }

    def right_is_best(self, row: str) -> bool:
        """Whether a persona's own adapter shows more of its style than every other one."""
        shares = self.matrix[row]
        others = [share for name, share in shares.items() if name != row]
        return row in shares and all(shares[row] > share for share in others)

    def as_json(self) -> dict[str, Any]:
        """Return it as plain values."""
        return {
            "events": self.at,
            "results": [result.as_json() for result in self.results],
            "matrix": {row: dict(shares) for row, shares in self.matrix.items()},
            "filter": self.sparing.as_json() if self.sparing else None,
            "targets": self.targets,
        }


def _side(shown: Shown) -> dict[str, Any]:
    data = asdict(shown)
    data.pop("tally")
    return data | {
        "share": round(shown.share, 4),
        "occasions": shown.occasions,
        "reach": round(shown.reach, 4),
        "parse_rate": round(shown.parse_rate, 4),
    }


def _filter(found: Spared) -> dict[str, Any]:
    words = (
        f"shown {found.shown.value:+.0%} (at most {SHOWN:+.0%}), acceptance "
        f"{found.acceptance.value:+.0%} (at least {ACCEPTANCE:+.0%}), retained characters "
        f"{found.retained.value:+.0%} (at least {RETAINED:+.0%})"
    )
    return _target(found.met, words)


def _target(met: bool, words: str, names: Sequence[str] = ()) -> dict[str, Any]:
    return {"met": met, "words": words + (f" ({', '.join(names)})" if names else "")}


def _named(words: str, names: Sequence[str]) -> str:
    return f"{words}: {', '.join(names) or 'none'}"
