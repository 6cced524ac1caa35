"""Shows a report on the terminal, as tables and sentences.

Takes the report as plain values; knows nothing of how it came about.
"""

from typing import Any

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

COLUMNS = (
    ("exact", "exact", "percent"),
    ("similarity", "edit sim.", "share"),
    ("accepted", "accepted @½", "percent"),
    ("retained", "retained", "number"),
    ("saved", "keys saved", "number"),
    ("codebleu", "CodeBLEU", "share"),
    ("rouge", "ROUGE-L", "share"),
    ("syntax", "AST", "share"),
    ("parses", "parses", "percent"),
    ("compiles", "compiles", "percent"),
    ("runs", "runs", "percent"),
)
WIDTH = 140


def show(report: dict[str, Any], console: Console | None = None) -> None:
    """Print a report, or what a replay would do when there are no figures in it yet."""
    out = console or Console(highlight=False)
    if not out.is_terminal:
        out.width = max(out.width, WIDTH)
    for line in _head(report):
        out.print(line)
    if "rungs" not in report:
        out.print(f"rungs: {', '.join(report['ladder'])}")
        return
    out.print(_written(report))
    out.print(_beside(report))
    out.print(_compared(report))
    for sentence in report["sentences"]:
        out.print(f"- {sentence}.")
    for rung in report["rungs"]:
        if "skipped" in rung:
            out.print(f"- {rung['name']} was left out: {rung['skipped']}.")
    limit = report["detectable"]
    out.print(
        f"{limit['places']} places can show a gain of about {100 * limit['gain']:.1f} points of "
        "exact matches (80 % power); what is smaller stays unseen."
    )


def _head(report: dict[str, Any]) -> list[str]:
    way = report["journey"]
    lines = [
        f"{report['repository']} at {report['head'][:12]}, {', '.join(report['authors'])}, "
        f"{way['commits']} commit(s) from {way['from']} to {way['to']}, seed {report['seed']}",
        f"{way['past']} place(s) to learn from, {way['future']} later one(s) of "
        f"{way['future_commits']} commit(s) to measure on; {way['purged']} purged as near-doubles "
        f"({way['purge_rate']:.0%})",
    ]
    lines += [f"left out: {count} × {why}" for why, count in sorted(way["left_out"].items())]
    if way["control_places"]:
        lines.append(f"control author: {report['control']}, {way['control_places']} place(s)")
    if "past_outcomes" in report:
        told = ", ".join(f"{count} {kind}" for kind, count in report["past_outcomes"].items())
        lessons = report["lessons"]
        lines.append(
            f"{report['base_model']} on {report['device']}; outcomes: {told}; "
            f"{lessons['examples']} example(s), {lessons['pairs']} pair(s)"
        )
    return lines


def _written(report: dict[str, Any]) -> Table:
    table = _table("What is written (mean per place, on the author's future)")
    shown = [c for c in COLUMNS if c[0] != "runs" or report["executed"]]
    for _, title, _style in shown:
        table.add_column(title, justify="right")
    for rung in _climbed(report):
        table.add_row(_name(rung), *(mean(rung, key, style) for key, _, style in shown))
    return table


def _beside(report: dict[str, Any]) -> Table:
    table = _table("What it costs, and what stands beside it (* control)")
    titles = ("length", "stops", "dist-1", "dist-3", "pairs right", "chosen logp", "KL", "neutral")
    for title in (*titles, "steps", "s"):
        table.add_column(title, justify="right")
    for rung in _climbed(report):
        pairs = rung["pair_accuracy"]
        table.add_row(
            _name(rung),
            f"{rung['figures']['length']['mean']:.2f}",
            printed(rung["figures"]["ended"]["mean"], "percent"),
            f"{rung['distinct']['1']:.2f}",
            f"{rung['distinct']['3']:.2f}",
            f"{100 * pairs['mean']:.0f} %" if pairs else "–",
            maybe(rung["chosen_logp"]),
            maybe(rung["kl"]),
            f"{rung['perplexity']:.2f}",
            steps(rung),
            f"{rung['seconds']:.0f}",
        )
    return table


def _compared(report: dict[str, Any]) -> Table:
    table = _table("Differences, with 95 % intervals by commit and file (* control)")
    table.add_column("against", no_wrap=True)
    for title in ("exact, points", "odds", "p", "edit sim.", "retained", "keys saved"):
        table.add_column(title, justify="right", no_wrap=True)
    for each in report["comparisons"]:
        differences, test = each["differences"], each["mcnemar"]
        odds = "∞" if test["odds"] is None else f"{test['odds']:.2f}"
        table.add_row(
            each["rung"],
            each["against"] + ("*" if each["why"] == "control" else ""),
            spread(differences["exact"], 100, 1),
            odds,
            f"{test['p']:.3g}",
            spread(differences["similarity"], 1, 3),
            spread(differences["retained"], 1, 1),
            spread(differences["saved"], 1, 1),
        )
    return table


def printed(value: float, style: str) -> str:
    """Return a figure as it is shown: ``percent``, ``share`` or ``number``."""
    return {
        "percent": f"{100 * value:.1f} %",
        "share": f"{value:.3f}",
        "number": f"{value:.1f}",
    }[style]


def mean(rung: dict[str, Any], key: str, style: str) -> str:
    """Return a rung's mean figure as it is shown, a dash where no place could be judged."""
    known = rung["judged"].get(key, 1)
    return printed(rung["figures"][key]["mean"], style) if known else "–"


def steps(rung: dict[str, Any]) -> str:
    """Return how many steps a rung trained (PPO: batches of texts), or a dash."""
    training = rung["training"] or {}
    return str(training.get("steps", training.get("batches", "–")))


def maybe(value: float | None) -> str:
    """Return a figure with two digits, or a dash where there is none."""
    return "–" if value is None else f"{value:.2f}"


def spread(interval: dict[str, float], factor: float, digits: int) -> str:
    """Return a difference with its interval."""
    mean, low, high = (factor * interval[name] for name in ("mean", "low", "high"))
    return f"{mean:+.{digits}f} [{low:+.{digits}f}, {high:+.{digits}f}]"


def _climbed(report: dict[str, Any]) -> list[dict[str, Any]]:
    return [rung for rung in report["rungs"] if "figures" in rung]


def _name(rung: dict[str, Any]) -> str:
    return rung["name"] + ("*" if rung["control"] else "")


def _table(title: str) -> Table:
    table = Table(title=title, box=SIMPLE_HEAD, pad_edge=False)
    table.add_column("rung", no_wrap=True)
    return table
