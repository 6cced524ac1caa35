"""The phases of a run, each a function from the run so far to its result (figures and ids).

A phase reads what earlier phases wrote into the run's directory, so a run can go on in another
process. The trainings stand in ``candidates``. Nothing here decides the order (``loop`` does) and
no text of the developer is written. torch and its kin are imported inside, after the process was
prepared for them.
"""

import time
from pathlib import Path
from typing import Any

from penchant_core import models
from penchant_core.adapters import Version
from penchant_core.card import Card
from penchant_core.errors import AdapterError
from penchant_trainer import candidates, gate, neutral, publish
from penchant_trainer.material import SignalsErased, ensure_whole
from penchant_trainer.metrics import figures_from_json
from penchant_trainer.progress import Report
from penchant_trainer.run import Run
from penchant_trainer.style.card import style_card
from penchant_trainer.style.tally import tally_from_json


def collect(run: Run, report: Report) -> dict[str, Any]:
    """Note what the run is made of."""
    report(1.0)
    return {
        "digest": run.material.digest,
        "last_seq": run.material.last_seq,
        "events": len(run.material.events),
        "clean_examples": run.material.clean_examples,
        "recipe": run.recipe.as_json(),
        "device": run.device.name,
    }


def divide(run: Run, report: Report) -> dict[str, Any]:
    """Hold out the newest events."""
    sides = run.split()
    report(1.0)
    return {
        "train": len(sides.train),
        "held_out": len(sides.held_out),
        "purged": sides.purged,
        "pairs": len(sides.pairs),
        "examples": len(sides.examples),
        "from_history": sum(not event.seq for event in sides.train),
        "signal_ids": [event.signal_id for event in sides.train],
    }


def evaluate(run: Run, report: Report) -> dict[str, Any]:
    """Let base, live version and every candidate write on held-out events."""
    from penchant_trainer import model as networks
    from penchant_trainer.evaluate import assess
    from penchant_trainer.tokens import load_tokens

    events = run.split().held_out[-run.recipe.held_out_limit :]
    judging = neutral.judging(run.recipe.neutral_held_out, run.seed)
    served = models.copying(run.config.settings.engine, run.base)
    tokens = load_tokens(str(run.base.directory), run.base.renderer, run.recipe.max_length, served)
    loaded = networks.load_base(run.base, run.device)
    live = _live(run)
    places: dict[str, Path | None] = {"base": None}
    if live is not None:
        places["incumbent"] = live.path
    places |= {name: run.kept(name) for name in candidates.trained(run.results)}
    found: dict[str, Any] = {}
    for index, (name, place) in enumerate(places.items()):
        model = loaded.network if place is None else networks.with_adapter(loaded, place)
        found[name] = assess(
            model,
            tokens,
            events,
            judging,
            run.recipe,
            max_tokens=run.config.settings.completion.max_tokens,
            report=_part(report, index, len(places)),
            planted=run.canaries(run.results["train_sft"].get("canaries", 0)),
        )
        if place is not None:
            networks.without_adapter(loaded, model)
    return {
        "figures": {name: figures.as_json() for name, figures in found.items()},
        "summary": {name: figures.summary() for name, figures in found.items()},
        "incumbent": live.version if live else None,
    }


def decide(run: Run, report: Report) -> dict[str, Any]:
    """Ask the gate about each candidate, the one nearest to the developer first.

    The first that passes is ``best``; if none does, the reasons are those of the first.
    """
    judged = run.results["evaluate"]
    figures = {name: figures_from_json(data) for name, data in judged["figures"].items()}
    live = judged["incumbent"]
    ranked = sorted(
        candidates.LINEAGE.keys() & figures.keys(), key=lambda n: (-figures[n].similarity, n)
    )
    decisions = {
        name: gate.decide(
            figures[name],
            figures.get("incumbent", figures["base"]),
            figures["base"],
            incumbent_name=f"the live version {live}" if live else "the base model",
            look=run.look,
            seed=run.seed,
        )
        for name in ranked
    }
    best = next((name for name in ranked if decisions[name].passed), ranked[0])
    report(1.0)
    return {
        "best": best,
        "passed": decisions[best].passed,
        "reasons": list(decisions[best].reasons),
    }


def bring_out(run: Run, report: Report) -> dict[str, Any]:
    """Publish the candidate and make it live or let it be tried, if the gate let it pass."""
    decision = run.results["gate"]
    if not decision["passed"]:
        return {"version": "", "live": False}
    judged, sides = run.results["evaluate"], run.results["split"]
    best = decision["best"]
    card = Card(
        owner=run.owner,
        version="v0001",  # the store gives the true one
        created_at=time.time(),
        base_model=run.base.name,
        base_fingerprint=run.base.fingerprint,
        method=candidates.lineage(best, run.results),
        parent=judged["incumbent"],
        run=run.id,
        data={k: v for k, v in sides.items() if k != "signal_ids"}
        | {"recipe": run.recipe.as_json()}
        | candidates.made_by(best, run.results),
        signal_ids=sides["signal_ids"],
        contributors=[run.config.settings.developer.name],
        evaluation=judged["summary"] | {"candidate": judged["summary"][best]},
        reasons=decision["reasons"],
        style=_style(judged["figures"], best),
        seed=run.seed,
    )
    version = publish.publish(run.store, run.base, run.kept(best), card)
    # From here on an erasure finds the version in the store; one before that is found here.
    try:
        ensure_whole(run.config, run.material)
    except SignalsErased as error:
        run.store.withdraw(run.owner, [version.version], reason=str(error))
        raise
    report(0.4)
    address = run.config.settings.gateway.address
    outcome = publish.bring_in(run.config, run.store, version, decision["reasons"][0])
    report(0.9)
    keep = run.config.settings.adapters.keep
    gone = publish.collect(run.store, run.owner, address, keep) if outcome.live else []
    return {
        "version": version.version,
        "live": outcome.live,
        "through": outcome.through,
        "reason": outcome.reason,
        "collected": gone,
    }


def _style(figures: dict[str, dict[str, Any]], best: str) -> dict[str, Any]:
    """Return the style card of the best candidate against the base model."""
    before, after, own = (
        tally_from_json(figures[name].get(key, {}))  # runs begun before have none
        for name, key in (("base", "habits"), (best, "habits"), ("base", "habits_truth"))
    )
    return style_card(before, after, own).as_json()


def _part(report: Report, index: int, count: int) -> Report:
    """Return what reports one of several equal parts of a phase."""
    return lambda done: report((index + done) / count)


def _live(run: Run) -> Version | None:
    """Return the live version if it can be loaded; a broken one is no incumbent."""
    try:
        live = run.store.live(run.owner)
        if live is not None:
            run.store.verify(live, run.base.directory)
    except AdapterError:
        return None
    return live


ALL = {
    "collect": collect,
    "split": divide,
    **candidates.TRAININGS,
    "evaluate": evaluate,
    "gate": decide,
    "publish": bring_out,
}
