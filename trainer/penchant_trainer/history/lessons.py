"""What a git history teaches: its moments as events with one wanted example each.

The same filters hold as for signals: ignored files, secrets, vendored and generated code teach
nothing. Newer lines count more. Pure but for reading the repository. Knows nothing of runs.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from penchant_core.redaction import ignored, secret_in
from penchant_trainer import weights
from penchant_trainer.extent import ends_here
from penchant_trainer.history.blobs import Blobs
from penchant_trainer.history.moments import Moment, moments
from penchant_trainer.history.repository import Change, Commit, Repository
from penchant_trainer.pretrain.cleaning import refusal
from penchant_trainer.units import Event, Example

WEIGHT = 0.7
"""Weight of a line from history: it was written, but not in answer to a suggestion."""
LANGUAGES = {".py": "python", ".pyi": "python"}
Report = Callable[[float], None]


@dataclass(frozen=True, slots=True)
class Lessons:
    """Events, oldest first, and counts of what they came from and of what was left out."""

    events: tuple[Event, ...]
    commits: int
    files: int
    left_out: dict[str, int]


def lessons(
    repository: Repository,
    authors: Sequence[str],
    *,
    most: int,
    since: float = 0.0,
    report: Report = lambda _: None,
) -> Lessons:
    """Return what the newest ``most`` moments of these authors teach.

    Raises TrainError when the history cannot be read.
    """
    commits = repository.commits(authors, since=since)
    usual = repository.usual_size(commits)
    found: list[Event] = []
    left_out: dict[str, int] = {}
    used, files = 0, 0
    with repository.blobs() as blobs:
        for commit in reversed(commits):
            if len(found) >= most:
                break
            if repository.size(commit) > usual:
                left_out["giant commit"] = left_out.get("giant commit", 0) + 1
                continue
            learned, touched = _of_commit(repository, commit, blobs, left_out)
            found += reversed(learned)
            used, files = used + bool(learned), files + touched
            report(min(1.0, len(found) / most))
    newest = max((event.at for event in found), default=0.0)
    ordered = [_aged(event, newest) for event in reversed(found[:most])]
    report(1.0)
    return Lessons(tuple(ordered), used, files, left_out)


def _of_commit(
    repository: Repository, commit: Commit, blobs: Blobs, left_out: dict[str, int]
) -> tuple[list[Event], int]:
    found: list[Event] = []
    touched = 0
    for change in repository.changes(commit, tuple(LANGUAGES), blobs):
        why = refusal_of(change)
        if why is not None:
            left_out[why] = left_out.get(why, 0) + 1
            continue
        found += [_event(repository, moment) for moment in moments(change)]
        touched += 1
    return found, touched


def _event(repository: Repository, moment: Moment) -> Event:
    example = Example(
        moment.prefix,
        moment.suffix,
        (),
        moment.path,
        moment.truth,
        True,
        WEIGHT,
        (moment.id,),
        ends_here(moment.truth, moment.suffix),
    )
    suffix = "." + moment.path.rpartition(".")[2]
    return Event(
        moment.id,
        0,
        moment.at,
        f"git:{repository.root.name}",
        moment.path,
        LANGUAGES.get(suffix, ""),
        moment.prefix,
        moment.suffix,
        (),
        moment.truth,
        (),
        (example,),
    )


def refusal_of(change: Change) -> str | None:
    """Return why a changed file teaches nothing (``ignored``, ``secret`` …), or None."""
    if ignored(change.path):
        return "ignored"
    return refusal(change.path, change.after) or ("secret" if _secret(change) else None)


def _secret(change: Change) -> bool:
    return secret_in([change.before, change.after]) is not None


def _aged(event: Event, newest: float) -> Event:
    factor = weights.age_factor(event.at, newest)
    examples = tuple(replace(e, weight=round(e.weight * factor, 6)) for e in event.examples)
    return replace(event, examples=examples)
