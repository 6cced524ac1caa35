"""The command ``penchant filter``: what the show filter hides, and what that costs.

The report goes to stdout, everything else to stderr. Knows nothing of how a filter is fitted.
"""

import json
from dataclasses import asdict
from typing import Any

import click

from penchant_core import config as settings_file
from penchant_core.config import Config
from penchant_core.show_filter.weights import ShowFilter
from penchant_trainer.show_filter import fitting, upkeep
from penchant_trainer.show_filter.rows import Row

SHARES = (0.0, 0.1, 0.2, 0.3, 0.4, 0.5)


@click.group()
def show_filter() -> None:
    """Hide suggestions that you would hardly ever keep."""


@show_filter.command()
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def learn(as_json: bool) -> None:
    """Learn the filter from your signals, now."""
    config = settings_file.load()
    found = upkeep.read(config)
    _tell(config, upkeep.relearn(config, found), found.rows, as_json=as_json)


@show_filter.command()
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def show(as_json: bool) -> None:
    """Show what the filter in force does, and what hiding more or less would do."""
    config = settings_file.load()
    learned = upkeep.current(config)
    if learned is None:
        click.echo("No show filter yet: everything is shown.", err=True)
    _tell(config, learned, upkeep.read(config).rows, as_json=as_json)


@show_filter.command()
def forget() -> None:
    """Remove the filter; everything is shown until it is learned again."""
    config = settings_file.load()
    config.paths.show_filter(config.settings.developer.name).unlink(missing_ok=True)
    click.echo("Removed. To keep it from being learned again: completion.show_filter = false")


def _tell(
    config: Config, learned: ShowFilter | None, rows: tuple[Row, ...], *, as_json: bool
) -> None:
    report = _report(config, learned, rows)
    if as_json:
        click.echo(json.dumps(report))
        return
    click.echo(_in_words(report))
    if report["curve"]:
        click.echo("\nhidden  of those shown, kept  kept characters left")
        for point in report["curve"]:
            click.echo(
                f"{point['hidden']:6.0%}  {point['acceptance']:19.0%}  {point['retained']:20.1%}"
            )


def _report(config: Config, learned: ShowFilter | None, rows: tuple[Row, ...]) -> dict[str, Any]:
    points = fitting.curve(rows, SHARES) if fitting.enough(rows) else []
    active = learned is not None and max(learned.before.threshold, learned.after.threshold) > 0
    return {
        "enabled": config.settings.completion.show_filter,
        "active": active,
        "suggestions": len(rows),
        "kept": sum(row.kept for row in rows),
        "least": fitting.LEAST,
        "least_each": fitting.LEAST_EACH,
        "figures": learned.figures if learned else {},
        "thresholds": [learned.before.threshold, learned.after.threshold] if learned else [],
        "curve": [asdict(point) for point in points],
    }


def _in_words(report: dict[str, Any]) -> str:
    if not report["enabled"]:
        return "Switched off (completion.show_filter): everything is shown."
    count, kept = report["suggestions"], report["kept"]
    if not report["active"]:
        return (
            f"Everything is shown: {count} judged suggestions, {kept} of them kept. The filter "
            f"needs {report['least']}, {report['least_each']} of each kind, and to predict "
            "clearly better than chance."
        )
    figures = report["figures"]
    text = f"Learned from {count} judged suggestions, {kept} of them kept."
    if "newest_hidden" in figures:
        text += (
            f"\nOn your newest fifth, after learning from the rest, it would have hidden "
            f"{figures['newest_hidden']:.0%} of the suggestions; of those shown you kept "
            f"{figures['newest_acceptance']:.0%} instead of "
            f"{figures['newest_acceptance_all']:.0%}, and {figures['newest_retained']:.1%} of "
            "the kept characters were still shown."
        )
    return text
