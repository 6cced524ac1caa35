"""``python -m bench context``: what each source of context is worth to the model that is served.

Asks the same positions with every source, with each one switched off, with none, and with nothing
but the prompt of prefix and suffix (no copying either), through the language server's gathering and
gateway client and a real gateway with its engine, and prints exact match and edit similarity with
the paired difference to all sources (95 % bootstrap interval).
``--workspace FILES`` measures the index of a generated workspace instead.
"""

import argparse
import asyncio
import json
import random
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import mean

from rich.console import Console
from rich.table import Table

from bench import context_workspace
from bench.context_positions import Workspace, drawn, kept_log, session, snapshot, workspaces
from bench.samples import spread
from penchant_core.context_settings import SOURCES, ContextSettings
from penchant_core.signals import Snippet
from penchant_core.wire import CompletionRequest, ContextSnippet, PenchantRequest, Window
from penchant_lsp.context.index import Index
from penchant_lsp.context.kept import Kept
from penchant_lsp.context.search import Search
from penchant_lsp.context.selection import select
from penchant_lsp.context.source import Piece
from penchant_lsp.context.where import Where
from penchant_lsp.gateway import Gateway
from penchant_trainer.demo.stage import gateway
from penchant_trainer.pretrain.questions import Question
from penchant_trainer.pretrain.scoring import Answer, score

RESULTS = Path(__file__).with_name("context.json")
PREFIX_CHARS, SUFFIX_CHARS = 8000, 2000
CRAWL_S = 120.0
ALL, NONE, PLAIN = "all sources", "none", "none, not even copying"


@dataclass(slots=True)
class Variant:
    """One choice of sources, and what the model wrote with it at each position."""

    sources: frozenset[str]
    exact: list[float] = field(default_factory=list)
    similarity: list[float] = field(default_factory=list)
    chars: list[int] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Position:
    """A question with everything that was found for it."""

    question: Question
    pieces: Sequence[Piece]
    where: Where
    took_ms: float


def main(arguments: Sequence[str]) -> None:
    """Measure and print; write ``bench/context.json``."""
    parser = argparse.ArgumentParser(prog="bench context", description=__doc__)
    parser.add_argument("--positions", type=int, default=500)
    parser.add_argument("--seed", type=int, default=11)
    parser.add_argument("--model", default="bundled", help="as the setting engine.model")
    parser.add_argument("--chars", type=int, default=4000, help="as context.max_chars")
    parser.add_argument("--only", action="store_true", help="each source alone, too")
    parser.add_argument("--workspace", type=int, metavar="FILES", help="measure the index instead")
    parser.add_argument("--out", type=Path, default=RESULTS)
    asked = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="penchant-bench-") as home:
        if asked.workspace:
            print(json.dumps(context_workspace.measure(Path(home), asked.workspace), indent=1))
            return
        figures = _ablation(Path(home), asked)
    _print(figures)
    asked.out.write_text(json.dumps(figures, indent=1) + "\n", "utf-8")
    print(f"written to {asked.out}")


def _ablation(home: Path, asked: argparse.Namespace) -> dict[str, object]:
    found = workspaces(home / "packages")
    positions = drawn(found, asked.positions, asked.seed)
    kept_log(home / "kept.db", found, asked.seed)
    variants = _variants(alone=asked.only)
    settings = {"PENCHANT_ENGINE__MODEL": asked.model}
    with gateway(home, settings) as stage:
        client = Gateway(stage.url, deadline_ms=60_000)
        looked = asyncio.run(_play(client, home, positions, variants, asked.chars))
    variants[PLAIN] = Variant(frozenset())
    with gateway(home / "plain", settings | {"PENCHANT_ENGINE__COPYING": "false"}) as stage:
        client = Gateway(stage.url, deadline_ms=60_000)
        asyncio.run(_plain(client, looked, variants[PLAIN]))
    return {
        "model": asked.model,
        "seed": asked.seed,
        "positions": len(looked),
        "packages": [each.name for each in found],
        "gathering_ms": dict(zip(("p50", "p95"), spread([p.took_ms for p in looked]), strict=True)),
        "variants": {name: _figures(each, variants[ALL]) for name, each in variants.items()},
    }


def _variants(*, alone: bool) -> dict[str, Variant]:
    every = frozenset(SOURCES)
    found = {ALL: Variant(every)}
    found |= {f"without {name}": Variant(every - {name}) for name in SOURCES}
    if alone:
        found |= {f"only {name}": Variant(frozenset({name})) for name in SOURCES}
    return found | {NONE: Variant(frozenset())}


async def _play(
    client: Gateway,
    home: Path,
    positions: Sequence[tuple[Workspace, Question]],
    variants: dict[str, Variant],
    chars: int,
) -> list[Position]:
    looked: list[Position] = []
    try:
        for one in looked_up(home, positions, await _window(client)):
            looked.append(one)
            answers: dict[tuple[Snippet, ...], str] = {}
            for variant in variants.values():
                chosen = [piece for piece in one.pieces if piece.source in variant.sources]
                context = select(chosen, one.where.room(chars))
                if context not in answers:
                    answers[context] = await _answer(client, one, context)
                _note(variant, one.question, answers[context], context)
    finally:
        await client.close()
    return looked


def looked_up(
    home: Path, positions: Sequence[tuple[Workspace, Question]], window: Window | None
) -> Iterator[Position]:
    """Yield each position with all that the sources find; ``home`` holds the log of what was kept.

    ``window`` is what the served model makes use of.
    """
    index = Index(20_000, delay_s=0)
    try:
        for number, (place, question) in enumerate(positions):
            yield _look(index, home / "kept.db", place, question, window, number)
            if (number + 1) % 20 == 0:
                print(f"{number + 1}/{len(positions)}", flush=True)
    finally:
        index.close()


async def _plain(client: Gateway, looked: Sequence[Position], variant: Variant) -> None:
    try:
        for one in looked:
            _note(variant, one.question, await _answer(client, one, ()), ())
    finally:
        await client.close()


async def _window(client: Gateway) -> Window | None:
    """Ask once, to learn how much the model takes."""
    request = CompletionRequest(prompt="x = ", max_tokens=1, stream=True)
    answer = await client.complete(request, lambda _: False)
    return answer.served_by.window if answer.served_by else None


def _look(
    index: Index,
    log: Path,
    place: Workspace,
    question: Question,
    window: Window | None,
    number: int,
) -> Position:
    """Play the session before a position, then ask every source."""
    kept = Kept(log, lambda _: True)
    kept.refresh(0.0)
    settings = ContextSettings(sources=list(SOURCES))
    search = Search(settings, index, kept, globs=lambda _: (), trusted=lambda: True)
    now = time.monotonic()
    for news in session(place, question, random.Random(f"{number}")):
        search.note(news, now)
    _crawled(index, place.root)
    lines = (question.prefix + question.suffix).split("\n")
    document = snapshot(place, question.path, lines)
    line = question.prefix.count("\n")
    before, after = question.prefix[-PREFIX_CHARS:], question.suffix[:SUFFIX_CHARS]
    where = Where(document, before, after, line, place.name, window)
    query = where.query(where.room(PREFIX_CHARS), now)
    search.pieces(document, query)  # as the keystrokes before did
    while search.between(document, now):
        pass
    begun = time.perf_counter()
    pieces = search.pieces(document, query)
    took_ms = (time.perf_counter() - begun) * 1000
    index.file(place.root, question.path)  # the next position finds the file as it was
    # What was kept in this very file may hold the answer.
    honest = [p for p in pieces if not (p.source == "kept" and p.path == question.path)]
    return Position(question, honest, where, took_ms)


def _crawled(index: Index, root: Path) -> None:
    end = time.monotonic() + CRAWL_S
    index.watch(root, ())
    while not index.state(root, 5.0).get("crawled"):
        if time.monotonic() > end:
            raise RuntimeError(f"{root.name} was not read within {CRAWL_S:.0f} s")
        time.sleep(0.1)


async def _answer(client: Gateway, one: Position, context: Sequence[Snippet]) -> str:
    sent = [ContextSnippet(path=each.path, text=each.text, why=each.why) for each in context]
    request = CompletionRequest(
        prompt=one.where.prefix,
        suffix=one.where.suffix,
        stop=["\n"],
        stream=True,
        penchant=PenchantRequest(language="python", path=one.question.path, context=sent),
    )
    answer = await client.complete(request, lambda text: "\n" in text)
    return answer.candidates[0].text


def _note(variant: Variant, question: Question, text: str, context: Sequence[Snippet]) -> None:
    figures = score(question, Answer(text, ended=True))
    variant.exact.append(float(figures.exact))
    variant.similarity.append(figures.similarity)
    variant.chars.append(sum(len(each.text) for each in context))


def _figures(one: Variant, every: Variant) -> dict[str, object]:
    return {
        "exact": mean(one.exact),
        "similarity": mean(one.similarity),
        "chars": mean(one.chars),
        "with_context": mean(count > 0 for count in one.chars),
        "exact_difference": paired(one.exact, every.exact),
        "similarity_difference": paired(one.similarity, every.similarity),
    }


def paired(ours: Sequence[float], theirs: Sequence[float], rounds: int = 2000) -> list[float]:
    """Return the mean difference and its 95 % bootstrap interval over positions."""
    differences = [a - b for a, b in zip(ours, theirs, strict=True)]
    dice = random.Random(1)
    means = sorted(mean(dice.choices(differences, k=len(differences))) for _ in range(rounds))
    return [mean(differences), means[int(0.025 * rounds)], means[int(0.975 * rounds) - 1]]


def _print(figures: dict[str, object]) -> None:
    table = Table("sources", "exact", "against all", "similarity", "against all", "characters")
    percent: Callable[[float], str] = lambda share: f"{100 * share:.1f}"  # noqa: E731
    variants = figures["variants"]
    assert isinstance(variants, dict)
    for name, row in variants.items():
        cells = [
            f"{percent(row[f'{kind}_difference'][0])} "
            f"[{percent(row[f'{kind}_difference'][1])}, {percent(row[f'{kind}_difference'][2])}]"
            for kind in ("exact", "similarity")
        ]
        table.add_row(
            name,
            percent(row["exact"]),
            cells[0],
            percent(row["similarity"]),
            cells[1],
            f"{row['chars']:.0f}",
        )
    console = Console(width=120)
    console.print(table)
    console.print(
        f"{figures['positions']} positions, model {figures['model']}, in %; "
        f"gathering {figures['gathering_ms']} ms"
    )
