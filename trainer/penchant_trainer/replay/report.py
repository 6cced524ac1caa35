"""Makes one report of a replay: figures with intervals, comparisons with tests, plain sentences.

Takes the numbers that the rungs stored and returns plain values, for JSON, terminal and page
alike. Holds no text of the author. Pure but for the resampling, which hangs on the seed.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import Any

from penchant_trainer.replay.measures import Item, at_show_rate, item_from_json
from penchant_trainer.replay.rungs import Rung
from penchant_trainer.replay.statistics import Clusters, detectable, holm, mcnemar, wilson

SHOW_RATE = 0.5
SHOW_RATES = (0.25, 0.5, 0.75, 1.0)
USUAL_DISCORDANT = 0.08
"""Share of places on which two models differ in exactness (arXiv 2503.14201: 6 to 12 %)."""

JUDGED = ("syntax", "flow", "parses", "compiles", "runs")
"""Figures that say something of some places only; each item holds None where it says nothing."""

Values = list[float | None]


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure of one rung: its key, its name for a person, and how it is printed.

    ``of`` takes all items of a rung and returns one value per place (None where it says nothing).
    """

    key: str
    title: str
    style: str
    of: Callable[[Sequence[Item]], Values]


def _each(name: str) -> Callable[[Sequence[Item]], Values]:
    def values(items: Sequence[Item]) -> Values:
        found = (getattr(item, name) for item in items)
        return [None if value is None else float(value) for value in found]

    return values


def accepted_at(items: Sequence[Item], rate: float) -> Values:
    """Return, per place, what adds up to the share taken of the most confident ``rate``."""
    shown = at_show_rate(items, rate)
    worth = len(items) / max(1, round(rate * len(items)))
    return [worth * float(s and item.taken) for s, item in zip(shown, items, strict=True)]


def _accepted(items: Sequence[Item]) -> Values:
    return accepted_at(items, SHOW_RATE)


FIGURES: tuple[Figure, ...] = (
    Figure("exact", "exact match", "percent", _each("exact")),
    Figure("similarity", "edit similarity", "share", _each("similarity")),
    Figure("accepted", "accepted at half shown", "percent", _accepted),
    Figure("retained", "retained characters", "number", _each("retained")),
    Figure("saved", "keystrokes saved", "number", _each("saved")),
    Figure("codebleu", "CodeBLEU", "share", _each("codebleu")),
    Figure("rouge", "ROUGE-L", "share", _each("rouge")),
    Figure("syntax", "AST match", "share", _each("syntax")),
    Figure("flow", "data-flow match", "share", _each("flow")),
    Figure("parses", "parses in place", "percent", _each("parses")),
    Figure("compiles", "compiles in place", "percent", _each("compiles")),
    Figure("runs", "runs without error", "percent", _each("runs")),
    Figure("ended", "stops by itself", "percent", _each("ended")),
)


def build(
    header: dict[str, Any],
    rungs: Sequence[Rung],
    results: dict[str, dict[str, Any]],
    groups: Sequence[tuple[str, str]],
    seed: int,
) -> dict[str, Any]:
    """Return the report; ``groups`` names commit and file of each measured place."""
    clusters = Clusters(groups, seed)
    climbed = {
        rung.name: [item_from_json(row) for row in results[rung.name]["items"]]
        for rung in rungs
        if "items" in results[rung.name]
    }
    comparisons = _comparisons(rungs, climbed, clusters)
    return header | {
        "rungs": [_rung(rung, results[rung.name], climbed, clusters) for rung in rungs],
        "comparisons": comparisons,
        "detectable": _detectable(comparisons, len(groups)),
        "enough_commits": clusters.enough,
        "sentences": [_sentence(each, clusters.enough) for each in comparisons],
    }


def _rung(
    rung: Rung, result: dict[str, Any], climbed: dict[str, list[Item]], clusters: Clusters
) -> dict[str, Any]:
    about = {"name": rung.name, "title": rung.title, "control": rung.control}
    if rung.name not in climbed:
        return about | {"skipped": result["skipped"]}
    items = climbed[rung.name]
    figures = {figure.key: clusters.mean(figure.of(items)).as_json() for figure in FIGURES}
    lengths, truths = ([float(getattr(i, n)) for i in items] for n in ("length", "truth_length"))
    figures["length"] = clusters.mean(lengths, per=list(truths)).as_json()
    pairs = result["pairs"]
    outcomes: dict[str, int] = {}
    for item in items:
        outcomes[item.kind or "not_shown"] = outcomes.get(item.kind or "not_shown", 0) + 1
    return about | {
        "figures": figures,
        "judged": {name: sum(getattr(item, name) is not None for item in items) for name in JUDGED},
        "outcomes": outcomes,
        "by_show_rate": {
            str(rate): clusters.mean(accepted_at(items, rate)).as_json() for rate in SHOW_RATES
        },
        "distinct": {key: round(value, 4) for key, value in result["distinct"].items()},
        "pairs": len(pairs),
        "pair_accuracy": wilson(sum(c > r for c, r in pairs), len(pairs)).as_json()
        if pairs
        else None,
        "chosen_logp": round(fmean(c for c, _ in pairs), 4) if pairs else None,
        "kl": None if result["kl"] is None else round(result["kl"], 4),
        "perplexity": round(result["perplexity"], 4),
        "training": result["training"],
        "seconds": result["seconds"],
    }


def _comparisons(
    rungs: Sequence[Rung], climbed: dict[str, list[Item]], clusters: Clusters
) -> list[dict[str, Any]]:
    wanted: dict[tuple[str, str], str] = {}
    for rung in rungs:
        if rung.name == "base" or rung.name not in climbed:
            continue
        if not rung.control:
            wanted[rung.name, "base"] = "base"
        elif rung.rival in climbed:
            wanted[rung.rival, rung.name] = "control"
        wanted |= {(rung.name, name): "below" for name in rung.below if name in climbed}
    found = [_compared(new, old, why, climbed, clusters) for (new, old), why in wanted.items()]
    corrected = holm({f"{c['rung']}/{c['against']}": c["mcnemar"]["p"] for c in found})
    for each in found:
        each["p_holm"] = round(corrected[f"{each['rung']}/{each['against']}"], 6)
    return found


def _compared(
    new: str, old: str, why: str, climbed: dict[str, list[Item]], clusters: Clusters
) -> dict[str, Any]:
    mine, theirs = climbed[new], climbed[old]
    test = mcnemar([i.exact for i in theirs], [i.exact for i in mine])
    return {
        "rung": new,
        "against": old,
        "why": why,
        "mcnemar": test.as_json(),
        "judged": {
            name: sum(
                getattr(a, name) is not None and getattr(b, name) is not None
                for a, b in zip(mine, theirs, strict=True)
            )
            for name in JUDGED
        },
        "differences": {
            figure.key: clusters.difference(figure.of(theirs), figure.of(mine)).as_json()
            for figure in FIGURES
        },
    }


def _detectable(comparisons: Sequence[dict[str, Any]], count: int) -> dict[str, Any]:
    """Return the gain of exact matches that so many places could have shown.

    Where hardly any place changed, the usual share of changing ones is taken instead.
    """
    discordant = [c["mcnemar"]["gained"] + c["mcnemar"]["lost"] for c in comparisons]
    share = fmean(discordant) / count if discordant and count else 0.0
    share = max(share, USUAL_DISCORDANT)
    return {
        "places": count,
        "discordant": round(share, 4),
        "gain": round(detectable(count, share), 4),
    }


def _sentence(each: dict[str, Any], enough: bool) -> str:
    exact, near = each["differences"]["exact"], each["differences"]["similarity"]
    test = each["mcnemar"]
    return (
        f"{each['rung']} against {each['against']}: {_verdict(near, enough)}; edit similarity "
        f"{near['mean']:+.3f} (95 % from {near['low']:+.3f} to {near['high']:+.3f}), exact matches "
        f"{100 * exact['mean']:+.1f} points ({test['gained']} gained, {test['lost']} lost, "
        f"p = {test['p']:.3g}, {each['p_holm']:.3g} corrected)"
    )


def _verdict(interval: dict[str, float], enough: bool) -> str:
    if not enough:
        return "too few commits to say"
    if interval["low"] > 0:
        return "nearer to the author's text"
    if interval["high"] < 0:
        return "further from the author's text"
    return "no difference shown"
