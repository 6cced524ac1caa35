"""What the dashboard and the editor's side view tell of this machine: counts, runs, consent.

The gateway's page and the language server both ask here, so that both show the same. Holds figures,
names and reasons, never a developer's text. Reads files; writes none. Knows nothing of engines and
of how it is drawn.
"""

import time
from datetime import date, timedelta

from pydantic import BaseModel, ConfigDict

from penchant_core import days
from penchant_core.config import Config
from penchant_core.consent import TEXT, ConsentRecord, Decision
from penchant_core.errors import StoreError
from penchant_core.rebuild import pending_rebuild, runs_directory
from penchant_core.run_history import past_runs
from penchant_core.signals import Counts

SCHEMA = 1
"""Raised when a reader of an older answer would misread a newer one."""

DAYS = 30
MOST_RUNS = 12
MOST_VERSIONS = 40


class _Told(BaseModel):
    """Base of what is told: immutable, and no key beside the named ones."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Figures(_Told):
    """How suggestions fared; ``keystrokes_saved`` is 0 or more."""

    shown: int = 0
    accepted: int = 0
    rejected: int = 0
    retained_chars: int = 0
    keystrokes_saved: int = 0


class DayFigures(Figures):
    """One local day, ``2026-11-21``."""

    day: str


class VersionFigures(_Told):
    """One adapter version (``dev/ada/v0001``, or ``base``); ``kept_share`` from 0 to 1."""

    name: str
    shown: int
    accepted: int
    rejected: int
    retained_chars: int
    kept_share: float | None


class Statistics(_Told):
    """``days`` holds 30 days, oldest first, without gaps; ``problem`` says why there are none."""

    today: Figures
    month: Figures
    days: list[DayFigures]
    versions: list[VersionFigures]
    signals: int
    problem: str | None = None


class RunTold(_Told):
    """One training run; see ``run_history.PastRun``."""

    id: str
    status: str
    phase: str
    started: float
    updated: float
    version: str
    reasons: list[str]


class RebuildTold(_Told):
    """A rebuild that is due, because what a version had learned from was erased."""

    at: float
    reason: str


class DecisionTold(_Told):
    """What was decided for one workspace, which only its id names."""

    workspace: str
    level: str
    at: float
    via: str


class ConsentTold(_Told):
    """Every decision in force, newest first, and the words of each level."""

    words: dict[str, str]
    workspaces: list[DecisionTold]


class Storage(_Told):
    """Where signals lie and how long they stay."""

    signal_log: str
    exists: bool
    retention_days: int


class Local(_Told):
    """What is known on this machine whether or not a gateway runs; ``at`` in epoch seconds."""

    at: float
    developer: str
    statistics: Statistics
    runs: list[RunTold]
    rebuild: RebuildTold | None
    consent: ConsentTold
    storage: Storage


def local(config: Config, *, today: date | None = None) -> Local:
    """Return everything; reads the log's totals, the ledger and the consent record.

    Takes milliseconds on a log of a month; for a thread, not for an event loop.
    """
    settings = config.settings
    log = config.paths.signal_log(settings.developer.name)
    return Local(
        at=time.time(),
        developer=settings.developer.name,
        statistics=statistics(config, today=today),
        runs=_runs(config),
        rebuild=_rebuild(config),
        consent=_consent(config),
        storage=Storage(
            signal_log=str(log),
            exists=log.exists(),
            retention_days=settings.signals.retention_days,
        ),
    )


def statistics(config: Config, *, today: date | None = None) -> Statistics:
    """Return how suggestions fared in the last 30 local days, ``today`` being the last."""
    # The clock of the machine, as the log's days are: whoever reads sits in front of it.
    last = today or date.today()
    wanted = [last - timedelta(days=back) for back in reversed(range(DAYS))]
    problem = None
    try:
        found = days.read(config.paths.signal_log(config.settings.developer.name), wanted[0])
    except StoreError as error:
        found, problem = days.Fortunes({}, {}), str(error)
    each = [found.days.get(day.isoformat(), days.Fared()) for day in wanted]
    return Statistics(
        today=_figures(each[-1]),
        month=_figures(sum(each, days.Fared())),
        days=[
            DayFigures(day=day.isoformat(), **_figures(fared).model_dump())
            for day, fared in zip(wanted, each, strict=True)
        ],
        versions=_versions(found),
        signals=found.whole.signals,
        problem=problem,
    )


def _figures(fared: days.Fared) -> Figures:
    counts = fared.counts
    return Figures(
        shown=counts.shown,
        accepted=counts.accepted,
        rejected=counts.rejected,
        retained_chars=counts.retained_chars,
        keystrokes_saved=fared.keystrokes_saved,
    )


def _versions(found: days.Fortunes) -> list[VersionFigures]:
    shown = {name: counts for name, counts in found.versions.items() if counts.shown}
    # The base model first, then as names and numbers go; the newest are kept of very many.
    names = sorted(shown, key=lambda name: ("/" in name, name))
    kept = [*names[:1], *names[1:][-(MOST_VERSIONS - 1) :]]
    return [_version(name, shown[name]) for name in kept]


def _version(name: str, counts: Counts) -> VersionFigures:
    share = counts.kept_share
    return VersionFigures(
        name=name,
        shown=counts.shown,
        accepted=counts.accepted,
        rejected=counts.rejected,
        retained_chars=counts.retained_chars,
        kept_share=None if share is None else round(share, 4),
    )


def _runs(config: Config) -> list[RunTold]:
    found = past_runs(runs_directory(config), config.settings.owner, MOST_RUNS)
    return [
        RunTold(
            id=run.id,
            status=run.status,
            phase=run.phase,
            started=run.started,
            updated=run.updated,
            version=run.version,
            reasons=list(run.reasons),
        )
        for run in found
    ]


def _rebuild(config: Config) -> RebuildTold | None:
    due = pending_rebuild(config)
    return RebuildTold(at=due.at, reason=due.reason) if due else None


def _consent(config: Config) -> ConsentTold:
    decisions = ConsentRecord(config.paths.consent_file).all().values()
    newest_first = sorted(decisions, key=lambda decision: -decision.at)
    return ConsentTold(words=dict(TEXT), workspaces=[_decision(d) for d in newest_first])


def _decision(decision: Decision) -> DecisionTold:
    return DecisionTold(
        workspace=decision.workspace,
        level=decision.level.value,
        at=decision.at,
        via=decision.via,
    )
