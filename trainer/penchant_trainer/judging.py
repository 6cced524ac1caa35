"""A judge's part in a run: asked whether it agrees with the developer, then for labels and scores.

The phase ``judge_pairs`` lets a judge compare what the SFT adapter writes at places of the training
side, and candidates that were logged there; the labels lie in the run's directory until it ends.
A judge that is away, or that does not agree with the developer, is left out with the reason. Off
unless the settings ask for it. torch is imported inside. Knows nothing of how a judge judges.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

from penchant_core.judging_settings import LOOPBACK, JudgingSettings
from penchant_core.paths import private_directory, write_private
from penchant_core.redaction import secret_in
from penchant_core.store import SignalStore
from penchant_trainer.metrics import Generation
from penchant_trainer.pairs import stopped
from penchant_trainer.progress import Report
from penchant_trainer.rewards.admission import admitted, allowance
from penchant_trainer.rewards.agreement import Agreement, Tally, measure, newest
from penchant_trainer.rewards.constitution import Principle, principles
from penchant_trainer.rewards.judge import Judge, JudgeError
from penchant_trainer.rewards.judges import judge_of
from penchant_trainer.rewards.labels import Drawn, ensure_believed, labelled
from penchant_trainer.rewards.objective import Objective
from penchant_trainer.run import Run, whole
from penchant_trainer.split import Split
from penchant_trainer.units import Event, Example, Pair

PHASE = "judge_pairs"
LABELS = "labels"
"""Where the labels lie in the run's directory."""

NOT_ASKED = {"skipped": "no judge is asked (judging.labels, judging.practice_weight)"}
_FILE = "labels.json"
_AT_ONCE = 8  # places judged between two reports
_REFERENCE = 48  # places whose texts the principles' scores are standardised by


def made_of(settings: JudgingSettings) -> str:
    """Return what names a judge's part in a run: nothing without a judge, else a digest.

    Raises ConfigError for a constitution that cannot be read, so that no run begins with it.
    """
    if not settings.asked:
        return ""
    text = settings.model_dump_json() + repr(principles(settings.constitution))
    return f"/judge-{hashlib.sha256(text.encode()).hexdigest()[:12]}"


def warning(settings: JudgingSettings) -> tuple[str, ...]:
    """Say to whom a run sends code; nothing when it stays on this machine."""
    elsewhere = settings.host is not None and settings.host not in LOOPBACK
    said = f"your code is sent to {settings.host}, which judges it (judging.judge)"
    return (said,) if settings.asked and elsewhere else ()


def told(results: Mapping[str, dict[str, Any]]) -> tuple[str, ...]:
    """Say why a judge that was asked had no part in the run; nothing when it had."""
    result = results.get(PHASE, NOT_ASKED)
    if "skipped" not in result or result == NOT_ASKED:
        return ()
    return (f"the judge had no part in it: {result['skipped']}",)


def judge_pairs(run: Run, report: Report) -> dict[str, Any]:
    """Measure the judge's agreement and, if it is believed, write its labels down.

    Returns the judge's name, its agreement, and how many places were judged and labelled;
    ``skipped`` says why there is none of it.
    """
    settings = run.config.settings.judging
    if not settings.asked:
        return NOT_ASKED
    train = run.split().train
    found: dict[str, Any] = {}
    try:
        with _asked(run, train) as (judge, written):
            agreement = _measured(run, judge, written, train)
            found |= {"judge": judge.name, "agreement": _as_json(agreement)}
            ensure_believed(agreement, judge.name, settings.least_agreement)
            report(0.1)
            drawn = _drawn(run, train, report) if _wanted(run) else []
            labels = _labels(run, judge, written, drawn, agreement, report)
    except JudgeError as error:
        return {"skipped": str(error)} | found
    _keep(run, labels)
    return found | {"places": len(drawn), "labels": len(labels)}


def pairs(run: Run) -> tuple[Pair, ...]:
    """Return the labels that may be trained on as preference pairs; none without a judge."""
    if "skipped" in run.results.get(PHASE, NOT_ASKED):
        return ()
    sides = run.split()
    share = run.config.settings.judging.label_share
    return admitted(_kept(run, sides), sides, share)


def examples(run: Run, own: int) -> tuple[Example, ...]:
    """Return both texts of each label, wanted and unwanted, to stand beside ``own`` texts."""
    most = allowance(own, run.config.settings.judging.label_share) // 2
    return tuple(
        Example(
            pair.prefix,
            pair.suffix,
            pair.context,
            pair.path,
            pair.chosen if desirable else pair.rejected,
            desirable,
            pair.weight,
            pair.signal_ids,
            pair.chosen_ended if desirable else pair.rejected_ended,
        )
        for pair in pairs(run)[:most]
        for desirable in (True, False)
    )


@contextmanager
def objectives(run: Run, events: Sequence[Event]) -> Iterator[list[tuple[Objective, float]]]:
    """Give the judge's principles as one objective named ``judge``, with its weight.

    None for a judge that is not asked, or not believed. Raises JudgeError when it is away.
    """
    settings, result = run.config.settings.judging, run.results.get(PHASE, NOT_ASKED)
    if not settings.practice_weight or "skipped" in result:
        yield []
        return
    from penchant_trainer.rewards.principled import principled
    from penchant_trainer.rewards.reward import Reward

    with _asked(run, events) as (judge, written):
        agreement = _from_json(result)
        found = principled(judge, written, agreement, bound=settings.least_agreement)
        weights = {principle.id: principle.weight for principle in written}
        reward = Reward(found, weights, settings.scalarisation, gates=(), name="judge")
        known = [(event, event.truth or "") for event in events if event.truth][-_REFERENCE:]
        known += [(event, pair.rejected) for event, _ in known for pair in event.pairs]
        fitted = reward.fitted([event for event, _ in known], [text for _, text in known])
        yield [(fitted, settings.practice_weight)]


@contextmanager
def _asked(run: Run, events: Sequence[Event]) -> Iterator[tuple[Judge, tuple[Principle, ...]]]:
    from penchant_trainer.rewards.brevity import typical_chars
    from penchant_trainer.rewards.verifiable import checks

    settings = run.config.settings.judging
    usual = typical_chars(event.truth for event in events if event.truth)
    with judge_of(run.config, settings, checks(settings, usual)) as judge:
        yield judge, principles(settings.constitution)


def _wanted(run: Run) -> bool:
    """Whether something in this run learns from labels."""
    settings = run.config.settings
    return settings.judging.labels and not {"dpo", "kto"}.isdisjoint(settings.training.methods)


def _measured(
    run: Run, judge: Judge, written: Sequence[Principle], train: Sequence[Event]
) -> Agreement:
    settings = run.config.settings.judging
    return measure(
        judge, written, newest(train), form=settings.form, least=settings.least_difference
    )


def _drawn(run: Run, train: Sequence[Event], report: Report) -> list[Drawn]:
    """Return the newest places with what was logged there and what the SFT adapter writes there.

    A text that holds a secret is no candidate.
    """
    from penchant_trainer.drawing import draw

    settings = run.config.settings.judging
    events = train[-settings.label_places :]
    written = draw(run, events, settings.label_samples, lambda done: report(0.1 + 0.5 * done))
    logged = _logged(run, events)
    found = []
    for event, texts in zip(events, written, strict=True):
        candidates = [*texts, *logged.get(event.signal_id, ())]
        clean = (g for g in candidates if g.text.strip() and secret_in([g.text]) is None)
        found.append(Drawn(event, tuple(clean)))
    return found


def _logged(run: Run, events: Sequence[Event]) -> dict[str, list[Generation]]:
    """Return every candidate that the log has of the events' completions, by signal id."""
    path = run.config.paths.signal_log(run.config.settings.developer.name)
    if not path.exists():
        return {}
    with SignalStore(path) as log:
        signals = [
            signal for event in events if event.seq and (signal := log.signal(event.signal_id))
        ]
    return {
        signal.completion.id: [Generation(c.text, stopped(c)) for c in signal.completion.candidates]
        for signal in signals
    }


def _labels(
    run: Run,
    judge: Judge,
    written: Sequence[Principle],
    drawn: Sequence[Drawn],
    agreement: Agreement,
    report: Report,
) -> list[Pair]:
    settings = run.config.settings.judging
    found: list[Pair] = []
    for start in range(0, len(drawn), _AT_ONCE):
        found += labelled(
            judge,
            written,
            drawn[start : start + _AT_ONCE],
            agreement,
            bound=settings.least_agreement,
            form=settings.form,
        )
        report(0.6 + 0.4 * (start + _AT_ONCE) / len(drawn))
    return found


def _keep(run: Run, labels: Sequence[Pair]) -> None:
    """Write labels down, whole or not at all: texts and figures; their places are in the log."""
    own = {"prefix", "suffix", "context", "path"}
    rows = [{k: v for k, v in asdict(pair).items() if k not in own} for pair in labels]
    with whole(run.directory / LABELS) as staged:
        write_private(private_directory(staged) / _FILE, json.dumps(rows))


def _kept(run: Run, sides: Split) -> list[Pair]:
    """Read labels again; those whose place is no longer on the training side are passed over."""
    places = {event.signal_id: event for event in sides.train}
    rows: list[dict[str, Any]] = json.loads(_path(run).read_text("utf-8"))
    found = []
    for row in rows:
        event = places.get(row["signal_ids"][0])
        if event is not None:
            ids = tuple(row.pop("signal_ids"))
            at = (event.prefix, event.suffix, event.context, event.path)
            found.append(Pair(*at, signal_ids=ids, **row))
    return found


def _path(run: Run) -> Path:
    return run.directory / LABELS / _FILE


def _as_json(agreement: Agreement) -> dict[str, Any]:
    return {"pairs": agreement.pairs, "least": agreement.least, **agreement.overall.as_json()}


def _from_json(result: dict[str, Any]) -> Agreement:
    said = result["agreement"]
    overall = Tally(said["agreed"], said["against"], said["silent"])
    return Agreement(result["judge"], said["pairs"], said["least"], overall, {}, {})
