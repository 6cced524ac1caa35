"""A month of a developer's life with Penchant, for tests that look at the dashboard.

Signals, two versions with cards as the trainer writes them, a refused run, consent: everything is
written through the product's own stores. Knows nothing of pytest and of browsers.
"""

import random
import time
from pathlib import Path
from typing import Any

from samples import signal
from serving import make_card, write_lora

from penchant_core.adapters import AdapterStore
from penchant_core.config import Config
from penchant_core.consent import ConsentRecord, Level
from penchant_core.models import BaseModel
from penchant_core.rebuild import runs_directory
from penchant_core.store import SignalStore
from penchant_trainer.ledger import Ledger

CANARY = "canary_in_the_code"
DAY_S = 86_400
FIRST_LIVE, SECOND_LIVE = 16, 5  # days ago
_KINDS = ("accepted", "accepted_edited", "typed_through", "rejected", "ignored")
_BASE = {
    "n": 62,
    "similarity": 0.5214,
    "retained_chars": 6.4,
    "exact": 0.18,
    "parses": 0.6,
    "perplexity": 6.84,
    "kl": 0.0,
}
_HABITS = (
    "double quotes: 41 % → 96 %; you: 97 %",
    "type hints on parameters: 12 % → 88 %; you: 100 %",
    "not learned: trailing commas: 20 % → 24 %; you: 95 %",
)


def furnish(config: Config, base: BaseModel, *, now: float | None = None) -> None:
    """Write the month that ended at ``now`` below the paths of ``config``."""
    now = now or time.time()
    owner = config.settings.owner
    _signals(config, now)
    store = AdapterStore(config.adapter_root, base.fingerprint)
    for number, days_ago in enumerate((FIRST_LIVE, SECOND_LIVE), start=1):
        _version(store, base, owner, number, now - days_ago * DAY_S)
        store.promote(owner, f"v{number:04d}", reason="nearer to your text than the base model")
    _runs(config, now)
    record = ConsentRecord(config.paths.consent_file)
    record.decide("8c1f0a52d7e94b36", Level.LOCAL, via="editor")
    record.decide("03d2b7aa91c64ef0", Level.OFF, via="command line")


def _signals(config: Config, now: float) -> None:
    chance = random.Random(7)
    with SignalStore(config.paths.signal_log(config.settings.developer.name)) as log:
        log.add_all(_month(chance, now, config.settings.owner))


def _month(chance: random.Random, now: float, owner: str) -> Any:
    for days_ago in range(33, -1, -1):
        at = now - days_ago * DAY_S
        if time.localtime(at).tm_wday >= 5 and days_ago:
            continue  # nobody writes on a weekend, but today there is something to see
        version = "v0002" if days_ago < SECOND_LIVE else "v0001" if days_ago < FIRST_LIVE else ""
        better = {"": 0, "v0001": 2, "v0002": 4}[version]
        weights = (3 + better, 2, 1, 5, 4)
        for number in range(chance.randint(14, 42)):
            kind = chance.choices(_KINDS, weights)[0]
            kept = chance.randint(8, 30 + 4 * better) if kind in _KINDS[:3] else 0
            yield signal(
                f"c{days_ago}-{number}",
                kind=kind,
                at=at - number * 10 if days_ago else now - number,
                retained_chars=kept,
                prefix=f"{CANARY} = ",
                path=f"src/{CANARY}.py",
                **({"adapter": owner, "version": version} if version else {}),
            )


def _version(store: AdapterStore, base: BaseModel, owner: str, number: int, at: float) -> None:
    after = {
        **_BASE,
        "similarity": 0.69 + 0.09 * number,
        "retained_chars": 11.2 + 1.2 * number,
        "perplexity": 6.84 + 0.03 * number,
        "kl": 0.8,
    }
    before = {**after, "similarity": 0.78, "retained_chars": 12.4, "perplexity": 6.87}
    with store.staging(owner) as staged:
        write_lora(staged, seed=number, strength=0.5)
        card = make_card(
            owner,
            created_at=at,
            method="sft" if number == 1 else "sft+dpo",
            parent=None if number == 1 else f"v{number - 1:04d}",
            signal_ids=[f"c30-{n}" for n in range(90 + 30 * number)],
            contributors=[owner.removeprefix("dev/")],
            data={"train": 80 + 25 * number, "held_out": 62, "pairs": 89, "examples": 112},
            evaluation={"base": _BASE, "candidate": after}
            | ({"incumbent": before} if number > 1 else {}),
            reasons=[
                "nearer to your text than the base model: edit similarity 0.521 → 0.780 "
                "(lower 95 % bound of the gain +0.280)",
                "characters you would keep per suggestion 6.4 → 12.4",
                "did not forget: perplexity of neutral code +0.4% (at most +2%)",
                "wrote no secret",
            ],
            style={"sentences": list(_HABITS), "lines": [], "judged": 9},
        )
        store.publish(staged, card, shapes=base.shapes())


def _runs(config: Config, now: float) -> None:
    ledger = Ledger(runs_directory(config))
    for days_ago, status, version, reasons in (
        (FIRST_LIVE, "published", "v0001", ("nearer to your text than the base model",)),
        (9, "refused", "", ("parses in place 63% → 58%", "forgot too much: perplexity +4.1%")),
        (SECOND_LIVE, "published", "v0002", ("nearer to your text than the live version v0001",)),
    ):
        run = ledger.begin(config.settings.owner, last_seq=days_ago, made_of="x/small/0")
        began = now - days_ago * DAY_S - 260
        ledger.finish(run.id, status, reasons, version=version)
        ledger.update(run.id, phase="done", started=began)
        with ledger._guard():
            ledger._db["runs"].update(run.id, {"updated": began + 215})
    ledger.close()


def progress_file(config: Config) -> Path:
    return runs_directory(config) / "progress.json"
