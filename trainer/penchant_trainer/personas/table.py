"""A measurement as tables: for the terminal, and in Markdown for a page of the documentation.

The same rows go into both. Knows nothing of how figures are made.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from rich.console import Console
from rich.table import Table

from penchant_trainer.personas.results import Result, Results
from penchant_trainer.personas.sparing import Spared, Sparing

LEAST_WIDTH = 110  # below it the table's cells break
HEADS = ("persona", "events", "style", "reach", "parses", "perplexity", "gate", "minutes")
FILTER_HEADS = ("persona", "suggestions", "kept of them", "shown", "acceptance", "characters kept")


def printed(found: Results) -> None:
    """Print tables, reasons and targets to the terminal."""
    console = Console(highlight=False, width=max(LEAST_WIDTH, Console().width))
    for title, heads, rows in _tables(found):
        table = Table(*heads, title=title)
        for row in rows:
            table.add_row(*row)
        console.print(table)
    for result in found.results:
        said = [*(f"style: {line}" for line in result.style), *result.reasons]
        for line in said:
            console.print(f"{result.persona} {result.events}: {line}", markup=False)
    for name, target in found.targets.items():
        console.print(f"{_sign(target)} {name}: {target['words']}", markup=False)


def markdown(found: Results, made: Mapping[str, object]) -> str:
    """Return the tables with what they were made with (machine, commit, seed …)."""
    parts = ["; ".join(f"{name}: {value}" for name, value in made.items())]
    for title, heads, rows in _tables(found):
        parts.append(f"### {title}")
        parts.append("\n".join(_lines(heads, rows)))
    targets = ((_sign(t), name, str(t["words"])) for name, t in found.targets.items())
    parts.append("\n".join(_lines(("", "target", "figure"), targets)))
    return "\n\n".join(parts)


def _tables(found: Results) -> Iterator[tuple[str, Sequence[str], Iterable[Sequence[str]]]]:
    main = [r for r in found.results if r.events == found.at]
    if main:
        yield f"{found.at} events", HEADS, map(_row, main)
    if found.matrix:
        names = list(found.matrix)
        heads = ("places of \\ adapter of", *names)
        yield "Preferred style", heads, (_shares(found.matrix, row) for row in names)
    if found.sparing:
        yield "Show filter, the persona's own", FILTER_HEADS, _spared(found.sparing, lent=False)
        if found.sparing.borrowed_pooled:
            title = "Show filter, learned from the others"
            yield title, FILTER_HEADS, _spared(found.sparing, lent=True)
    if len(found.results) > len(main):
        yield "Learning curve", HEADS, map(_row, _by_persona(found.results))


def _row(result: Result) -> tuple[str, ...]:
    before, after = result.before, result.after
    forgot = "–" if result.perplexity is None else f"{result.perplexity - 1:+.1%}"
    occasions = f" ({after.occasions})" if after else ""
    return (
        result.persona,
        str(result.events),
        _change(before.share, after.share if after else None) + occasions,
        _change(before.reach, after.reach if after else None),
        _parsed(result),
        forgot,
        result.status,
        f"{result.seconds / 60:.1f}",
    )


def _parsed(result: Result) -> str:
    found = result.parsing
    if found is None:
        after = result.after
        return _change(result.before.parse_rate, after.parse_rate if after else None)
    shares = (found.base / max(1, found.judged), found.adapter / max(1, found.judged))
    return f"{shares[0]:.1%} → {shares[1]:.1%} ({found.judged})"


def _by_persona(results: Sequence[Result]) -> list[Result]:
    """Return the results of those who stand on the curve, each one's smallest number first."""
    curved = {r.persona for r in results if sum(o.persona == r.persona for o in results) > 1}
    order = list(dict.fromkeys(r.persona for r in results))
    chosen = [r for r in results if r.persona in curved]
    return sorted(chosen, key=lambda r: (order.index(r.persona), r.events))


def _shares(matrix: Mapping[str, Mapping[str, float]], row: str) -> tuple[str, ...]:
    shares = matrix[row]
    return (row, *(f"{shares[name]:.0%}" if name in shares else "–" for name in matrix))


def _spared(found: Sparing, *, lent: bool) -> Iterator[tuple[str, ...]]:
    each = found.borrowed if lent else found.own
    for name, spared in each.items():
        yield _spared_row(name, spared)
    pooled = found.borrowed_pooled if lent else found.pooled
    if pooled is not None:
        yield _spared_row("all", pooled)


def _spared_row(name: str, found: Spared) -> tuple[str, ...]:
    changes = (found.shown, found.acceptance, found.retained)
    return (name, str(found.suggestions), f"{found.acceptance_all:.0%}", *map(str, changes))


def _change(before: float, after: float | None) -> str:
    return f"{before:.0%} → " + ("–" if after is None else f"{after:.0%}")


def _sign(target: Mapping[str, object]) -> str:
    return "✓" if target["met"] else "✗"


def _lines(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    yield _line(heads)
    yield _line(["---"] * len(heads))
    yield from map(_line, rows)


def _line(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"
