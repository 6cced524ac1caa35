"""The command ``penchant judge``: does a judge agree with the developer's own preferences?

Reads the developer's preference pairs, trains nothing and changes nothing. The report goes to
stdout as a table or as JSON, everything else to stderr. Knows nothing of how a judge judges.
"""

import json
from collections.abc import Iterator
from typing import Any

import click
from pydantic import ValidationError

from penchant_core import config as settings_file
from penchant_core.commands.output import print_table
from penchant_core.config import Config
from penchant_core.errors import ConfigError
from penchant_core.judging_settings import LOOPBACK, JudgingSettings
from penchant_trainer import material
from penchant_trainer.rewards.agreement import MOST, Agreement, Tally, measure, newest
from penchant_trainer.rewards.brevity import typical_chars
from penchant_trainer.rewards.constitution import principles
from penchant_trainer.rewards.judge import JudgeError
from penchant_trainer.rewards.judges import judge_of
from penchant_trainer.rewards.labels import ensure_believed
from penchant_trainer.rewards.verifiable import checks


@click.command()
@click.option("--judge", help="checks, self, or the address of an OpenAI-compatible model.")
@click.option("--model", help="Model to ask for at that address.")
@click.option("--constitution", type=click.Path(dir_okay=False), help="File of principles.")
@click.option("--form", type=click.Choice(["answers", "comparisons"]), help="One by one, or two.")
@click.option("--send-code-to", multiple=True, help="Host that may see your code (repeatable).")
@click.option("--most", type=click.IntRange(min=1), default=MOST, help="Pairs, the newest.")
@click.option("--json", "as_json", is_flag=True, help="Print the report as one JSON object.")
def judge(
    judge: str | None,
    model: str | None,
    constitution: str | None,
    form: str | None,
    send_code_to: tuple[str, ...],
    most: int,
    as_json: bool,
) -> None:
    """Measure how often a judge sides with your own preferences."""
    config = settings_file.load()
    settings = _settings(
        config,
        {
            "judge": judge,
            "model": model,
            "constitution": constitution,
            "form": form,
            "send_code_to": list(send_code_to) or None,
        },
    )
    if settings.host is not None and settings.host not in LOOPBACK:
        click.echo(f"Your code is sent to {settings.host}.", err=True)
    found = _measured(config, settings, most)
    refusal = _refusal(found, settings)
    if as_json:
        click.echo(json.dumps(_report(found, refusal), ensure_ascii=False))
    else:
        _say(found, refusal)


def _settings(config: Config, flags: dict[str, Any]) -> JudgingSettings:
    given = {key: value for key, value in flags.items() if value is not None}
    try:
        merged = config.settings.judging.model_dump() | given
        return JudgingSettings.model_validate(merged)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        name = ".".join(("judging", *map(str, first["loc"])))
        raise ConfigError(f"{name}: {first['msg']}") from error


def _measured(config: Config, settings: JudgingSettings, most: int) -> Agreement:
    written = principles(settings.constitution)
    events = material.read(config).events
    objectives = checks(settings, typical_chars(e.truth for e in events if e.truth))
    with judge_of(config, settings, objectives) as chosen:
        return measure(
            chosen,
            written,
            newest(events, most),
            form=settings.form,
            least=settings.least_difference,
            objectives=objectives.values(),
        )


def _refusal(found: Agreement, settings: JudgingSettings) -> str:
    """Say why labels of this judge would not be used; empty when they would."""
    try:
        ensure_believed(found, found.judge, settings.least_agreement)
    except JudgeError as error:
        return str(error)
    return ""


def _report(found: Agreement, refusal: str) -> dict[str, Any]:
    return {
        "judge": found.judge,
        "pairs": found.pairs,
        "least_difference": found.least,
        "overall": found.overall.as_json(),
        "principles": {name: tally.as_json() for name, tally in found.principles.items()},
        "objectives": {name: tally.as_json() for name, tally in found.objectives.items()},
        "labels_used": not refusal,
        "refusal": refusal,
    }


def _say(found: Agreement, refusal: str) -> None:
    click.echo(f"{found.judge} on {found.pairs} of your own preference pairs\n")
    rows = [
        _row("all principles together", found.overall),
        *(_row(f"principle {name}", tally) for name, tally in found.principles.items()),
        *(_row(f"check {name}", tally) for name, tally in found.objectives.items()),
    ]
    print_table(rows, ("", "WITH YOU", "AGAINST", "NO OPINION", "AGREEMENT", "95 %"))
    click.echo("")
    click.echo(refusal or "Labels of this judge may be used.")


def _row(name: str, tally: Tally) -> list[object]:
    return [name, tally.agreed, tally.against, tally.silent, *_shares(tally)]


def _shares(tally: Tally) -> Iterator[str]:
    if tally.share is None:
        yield from ("–", "–")
        return
    low, high = tally.interval
    yield f"{tally.share:.0%}"
    yield f"{low:.0%} to {high:.0%}"


if __name__ == "__main__":
    judge(prog_name="penchant judge")
