"""What is going to be replayed: which commits, which places, which side of the border, which rungs.

Everything that can be said without a model, so that ``--dry-run`` says it. Holds places (the
author's code) in memory; what ``header`` returns holds none.
"""

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from penchant_core import __version__
from penchant_trainer.history.repository import Repository
from penchant_trainer.replay.division import NEAR, SHARE, Division, divide
from penchant_trainer.replay.policy import Policy
from penchant_trainer.replay.rungs import Rung, chosen
from penchant_trainer.replay.walk import Place, Walk, busiest_other, walk


@dataclass(frozen=True, slots=True)
class Journey:
    """A planned replay; ``other`` are the control author's places, all older than the border."""

    repository: str
    head: str
    authors: tuple[str, ...]
    control: str
    walked: Walk
    division: Division
    other: tuple[Place, ...]
    rungs: tuple[Rung, ...]
    policy: Policy
    most: int
    seed: int

    def identity(self) -> dict[str, Any]:
        """Return what two calls must share to go on from one another's work."""
        return {
            "head": self.head,
            "authors": list(self.authors),
            "control": self.control,
            "most": self.most,
            "seed": self.seed,
            "policy": self.policy.as_json(),
            "places": self._digest(),
        }

    def _digest(self) -> str:
        """Return a digest of the places: another release may walk the same commits otherwise."""
        names = [
            [place.id for place in side] for side in (self.division.past, self.division.future)
        ]
        return hashlib.sha256(repr(names).encode()).hexdigest()[:16]

    def header(self) -> dict[str, Any]:
        """Return what a report says of the journey: names, counts and dates."""
        past, future = self.division.past, self.division.future
        return {
            "penchant": __version__,
            "repository": self.repository,
            **self.identity(),
            "journey": {
                "commits": self.walked.commits,
                "places": len(self.walked.places),
                "left_out": self.walked.left_out,
                "from": _day(self.walked.places, 0),
                "to": _day(self.walked.places, -1),
                "past": len(past),
                "future": len(future),
                "future_share": SHARE,
                "future_commits": len({place.commit for place in future}),
                "future_files": len({place.group for place in future}),
                "border": _day(future, 0),
                "purged": self.division.purged,
                "purge_rate": round(self.division.purge_rate, 4),
                "purged_from": NEAR,
                "control_places": len(self.other),
                "kinds": dict(Counter("block" if "\n" in p.truth else "line" for p in future)),
            },
            "ladder": [rung.name for rung in self.rungs],
        }


def plan(
    repository: Repository,
    authors: Sequence[str],
    *,
    control: str | None,
    names: Sequence[str],
    most: int,
    seed: int,
    policy: Policy | None = None,
) -> Journey:
    """Walk the history and divide it; raise TrainError when it cannot be read."""
    rungs = chosen(names)
    walked = walk(repository, authors, most=most)
    division = divide(walked.places)
    against = control or busiest_other(repository, authors) or ""
    other: tuple[Place, ...] = ()
    if against and any(rung.needs_other for rung in rungs):
        found = walk(repository, [against], most=most, before=division.border)
        other = found.places[-len(division.past) :]
    return Journey(
        repository.root.name,
        repository.head,
        tuple(authors),
        against,
        walked,
        division,
        other,
        rungs,
        policy or Policy(),
        most,
        seed,
    )


def _day(places: Sequence[Place], index: int) -> str:
    if not places:
        return ""
    return datetime.fromtimestamp(places[index].at, UTC).strftime("%Y-%m-%d")
