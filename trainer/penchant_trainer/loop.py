"""One run from signals to a published or refused version: the state machine.

Each phase's result is written atomically before the ledger names the phase as finished, so a run
that was killed goes on after its last finished phase; when its inputs have changed meanwhile, it
begins anew. One run per owner at a time. Knows no torch itself.
"""

import contextlib
import functools
import json
import math
import shutil
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from penchant_core import models
from penchant_core.adapters import AdapterStore
from penchant_core.config import Config
from penchant_core.errors import TrainError
from penchant_core.log import event
from penchant_core.paths import private_directory, write_private
from penchant_core.rebuild import pending_rebuild, rebuild_done, runs_directory
from penchant_trainer import candidates, judging, phases, publish, quiet, resources
from penchant_trainer import material as source
from penchant_trainer.attendance import Attendance
from penchant_trainer.courtesy import Courtesy
from penchant_trainer.curves import Curves
from penchant_trainer.ledger import MAX_ATTEMPTS, PHASES, Ledger, RunRow
from penchant_trainer.limits import ENDED_EARLY, LimitReached, Limits, share_gpu
from penchant_trainer.lock import Busy, exclusive
from penchant_trainer.progress import Listener, Progress, Report, shares
from penchant_trainer.recipe import adjusted, recipe
from penchant_trainer.run import Run
from penchant_trainer.trial import Referee

Phase = Callable[[Run, Report], dict[str, Any]]


@dataclass(frozen=True, slots=True)
class RunReport:
    """What became of an attempt: ``published``, ``trial``, ``refused``, ``waiting`` or ``busy``.

    ``trial`` is a version that was published and is tried beside what is live.
    ``phases`` maps each phase to the seconds it took in this process; ``figures`` has one summary
    per model that was judged.
    """

    status: str
    reasons: tuple[str, ...] = ()
    run: str = ""
    version: str = ""
    method: str = ""
    live: bool = False
    device: str = ""
    seconds: float = 0.0
    phases: dict[str, float] | None = None
    data: dict[str, Any] | None = None
    figures: dict[str, Any] | None = None
    notes: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Return it as plain values."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Audience:
    """Who is told about a run: how far it is, and why it waits."""

    listener: Listener | None = None
    waiting: Callable[[str], None] | None = None


def run_once(
    config: Config,
    *,
    force: bool = False,
    listener: Listener | None = None,
    waiting: Callable[[str], None] | None = None,
) -> RunReport:
    """Train now if there is enough to train on; return what became of it.

    Raises LimitReached when the run wanted more time or memory than it may take, which ends it, and
    another PenchantError when it could not go on; then it is resumed by the next call.
    """
    begun = time.monotonic()
    directory = runs_directory(config)
    try:
        with exclusive(directory), _ledger(directory) as ledger:
            return _attempt(config, ledger, force, Audience(listener, waiting), begun)
    except Busy as error:
        return RunReport("busy", (str(error),))


@contextlib.contextmanager
def _ledger(directory: Path) -> Iterator[Ledger]:
    ledger = Ledger(directory)
    try:
        yield ledger
    finally:
        ledger.close()


def _attempt(
    config: Config, ledger: Ledger, force: bool, audience: Audience, begun: float
) -> RunReport:
    base = models.resolve(config.settings.engine.model, config.paths.cache)
    notes = _notes(ledger)
    _sweep(ledger, config.settings.owner)
    row, material = _resumed(config, ledger, base.fingerprint)
    if row is None:
        material = source.read(config)
        covered = ledger.covered(config.settings.owner)
        force = force or pending_rebuild(config) is not None
        missing = source.lacking(material, covered, config.settings.training, force=force)
        missing = missing or _tried(config, force)
        if missing:
            return RunReport("waiting", (missing,), notes=notes)
        row = ledger.begin(
            config.settings.owner,
            last_seq=material.last_seq,
            made_of=_made_of(config, base.fingerprint),
        )
    else:
        notes = (*notes, f"resumed the run {row.id} after {row.phase or 'its start'}")
    run = _prepared(config, base, ledger, row, material)
    event("run_started", run=row.id, after=row.phase, device=run.device.name)
    notes = (*notes, *judging.warning(config.settings.judging))
    chosen = shares(config.settings.training.methods, judged=config.settings.judging.asked)
    progress = Progress(ledger.directory, row.id, audience.listener, chosen, audience.waiting)
    try:
        seconds = _through(run, row, ledger, progress)
    except source.SignalsErased as error:
        ledger.finish(row.id, "abandoned", (str(error),))
        shutil.rmtree(run.directory, ignore_errors=True)
        event("run_abandoned", run=row.id)
        return _attempt(config, ledger, True, audience, begun)
    except LimitReached as error:
        ledger.finish(row.id, "stopped", (str(error),))
        _clear(run.directory)
        event("run_stopped", run=row.id, reason=str(error))
        raise
    except KeyboardInterrupt:
        # Told to stop, by Ctrl-C or by a machine that shuts down: that is no failure of the run.
        ledger.update(row.id, attempts=0)
        raise
    finally:
        progress.remove()
    return _finish(run, ledger, seconds, notes, time.monotonic() - begun)


def _tried(config: Config, force: bool) -> str:
    """Say what a run waits for when a version is on trial: another would take its place."""
    referee = Referee(config)
    referee.look()
    return "" if force else referee.going_on()


def _prepared(
    config: Config, base: models.BaseModel, ledger: Ledger, row: RunRow, material: source.Material
) -> Run:
    directory = private_directory(ledger.directory / row.id)
    quiet.prepare_environment(directory / "scratch")
    left = resources.room(config.settings)
    device = resources.choose(config.settings.training.device, left)
    resources.claim(device)
    training, engine = config.settings.training, config.settings.engine
    size = sum(math.prod(shape) for shape in base.shapes().values())
    chosen = recipe(training.effort, parameters=size, max_rank=engine.max_lora_rank)
    return Run(
        row.id,
        config,
        base,
        AdapterStore(config.adapter_root, base.fingerprint),
        directory,
        device,
        adjusted(chosen, training.recipe),
        material,
        {name: _result(directory, name) for name in _finished(row)},
        ledger.look(config.settings.owner),
    )


def _through(run: Run, row: RunRow, ledger: Ledger, progress: Progress) -> dict[str, float]:
    """Go through the phases that are still to do; return the seconds of each."""
    settings = run.config.settings
    courtesy = Courtesy(settings.gateway.address, settings.training.yield_s)
    curves = Curves(run.directory if settings.schedule.tensorboard else None)
    limits = Limits(settings.schedule)
    seconds: dict[str, float] = {}
    with contextlib.closing(courtesy), contextlib.closing(curves), limits.enforced(run.device):
        for number, (name, phase) in enumerate(phases.ALL.items()):
            if name in run.results:
                continue
            source.ensure_whole(run.config, run.material)
            curves.begin(name, number)
            report = Attendance(
                progress.phase(name),
                courtesy=courtesy,
                limits=limits,
                curves=curves,
                whole=functools.partial(source.ensure_whole, run.config, run.material),
            )
            begun = time.monotonic()
            result = _worked(run, name, phase, report)
            curves.result(result)
            write_private(run.directory / f"{name}.json", json.dumps(result, allow_nan=False))
            run.results[name] = result
            # What can be finished can be gone on with: early ends count from here anew.
            ledger.update(row.id, phase=name, attempts=1)
            seconds[name] = round(time.monotonic() - begun, 2)
            event("phase_finished", run=row.id, phase=name, seconds=seconds[name])
    return seconds


def _worked(run: Run, name: str, phase: Phase, report: Attendance) -> dict[str, Any]:
    """Return the result of a phase; a training for which there is no time is left out."""
    training = name in candidates.TRAININGS
    if training and name != "train_sft" and report.over():
        return {"skipped": ENDED_EARLY}
    if training or name == "evaluate":
        quiet.silence()
        share_gpu(run.device)
    result = phase(run, report)
    return result | {"ended_early": ENDED_EARLY} if report.ended_early else result


def _clear(directory: Path) -> None:
    """Remove a run's adapters and whatever libraries wrote; figures and curves stay."""
    for name in (*candidates.LEFT_BY.values(), "scratch"):
        shutil.rmtree(directory / name, ignore_errors=True)


def _sweep(ledger: Ledger, owner: str) -> None:
    """Remove what runs left that were killed just after their end."""
    going_on = ledger.unfinished(owner)
    for directory in ledger.directory.iterdir():
        if directory.is_dir() and (going_on is None or directory.name != going_on.id):
            _clear(directory)


def _finish(
    run: Run, ledger: Ledger, seconds: dict[str, float], notes: tuple[str, ...], total: float
) -> RunReport:
    outcome, decision = run.results["publish"], run.results["gate"]
    status, reasons = "refused", tuple(decision["reasons"])
    tried = outcome.get("through") == publish.TRIAL
    if decision["passed"]:
        status = "published" if outcome["live"] or tried else "refused"
        reasons = reasons if status == "published" else (outcome["reason"],)
    ledger.finish(run.id, status, reasons, version=outcome["version"])
    row = ledger.update(run.id, phase="done")
    rebuild_done(run.config, begun=row.started)
    _clear(run.directory)
    event("run_finished", run=run.id, status=status, seconds=round(total, 1))
    judged, sides = run.results["evaluate"], run.results["split"]
    return RunReport(
        "trial" if tried else status,
        reasons,
        run.id,
        outcome["version"],
        candidates.lineage(decision["best"], run.results),
        bool(outcome["live"]),
        run.device.name,
        round(total, 1),
        seconds,
        {k: v for k, v in sides.items() if k != "signal_ids"},
        judged["summary"],
        (*notes, *judging.told(run.results)),
    )


def _resumed(
    config: Config, ledger: Ledger, fingerprint: str
) -> tuple[RunRow | None, source.Material]:
    """Return the unfinished run if it can go on, and clear away one that cannot."""
    row = ledger.unfinished(config.settings.owner)
    if row is None:
        return None, source.Material((), 0, "")
    material = source.read(config, until=row.last_seq)
    directory = ledger.directory / row.id
    if row.made_of == _made_of(config, fingerprint) and row.attempts < MAX_ATTEMPTS:
        row = _after_last_whole_phase(directory, row)
        unchanged = not row.phase or _result(directory, "collect")["digest"] == material.digest
        if unchanged:
            return ledger.update(row.id, attempts=row.attempts + 1, phase=row.phase), material
    failed = row.attempts >= MAX_ATTEMPTS
    reason = f"ended {row.attempts} times early" if failed else "its inputs have changed"
    ledger.finish(row.id, "failed" if failed else "abandoned", (reason,))
    shutil.rmtree(directory, ignore_errors=True)
    return None, material


def _after_last_whole_phase(directory: Path, row: RunRow) -> RunRow:
    """Return the row with the last phase whose result, and whose adapter, is really there."""
    whole = ""
    for name in _finished(row):
        adapter = candidates.LEFT_BY.get(name)
        try:
            skipped = "skipped" in _result(directory, name)
        except TrainError:
            break
        if adapter and not skipped and not (directory / adapter).is_dir():
            break
        whole = name
    return replace(row, phase=whole)


def _finished(row: RunRow) -> tuple[str, ...]:
    return PHASES[: PHASES.index(row.phase) + 1] if row.phase else ()


def _result(directory: Path, name: str) -> dict[str, Any]:
    try:
        return dict(json.loads((directory / f"{name}.json").read_text("utf-8")))
    except (OSError, ValueError) as error:
        raise TrainError(f"the result of phase {name} is missing; train again") from error


def _made_of(config: Config, fingerprint: str) -> str:
    training = config.settings.training
    made_of = f"{fingerprint}/{training.effort}/{training.seed}"
    if training.methods != type(training)().methods:
        made_of = f"{made_of}/{'+'.join(training.methods)}"
    return f"{made_of}{judging.made_of(config.settings.judging)}"


def _notes(ledger: Ledger) -> tuple[str, ...]:
    if ledger.set_aside is None:
        return ()
    return (f"the ledger was damaged and is set aside as {ledger.set_aside}",)
