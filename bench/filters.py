"""``python -m bench filters``: what each filter is worth on what the served model writes.

Asks the model once at cursor positions in packages that it never saw (a third each at parts of
lines, inside names and at blocks), through a real gateway and without any stop, and keeps its raw
answers in a cache. Then passes them through all filters, through all but each one, through none,
and through the early stop first, which costs no model at all. Prints how much is shown, how good
that is, and how many exact answers a filter spoils and makes.
"""

import argparse
import asyncio
import hashlib
import json
import tempfile
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import mean

from rich.console import Console
from rich.table import Table

from bench.context_positions import drawn, workspaces
from bench.peer_install import cache
from penchant_core.signals import Candidate
from penchant_core.wire import CompletionRequest, PenchantRequest
from penchant_lsp.extent import multi_line
from penchant_lsp.filters.chain import FILTERS, filtered
from penchant_lsp.filters.surroundings import Surroundings, around
from penchant_lsp.gateway import Gateway
from penchant_lsp.stopping import concluded, stop
from penchant_trainer.demo.stage import gateway
from penchant_trainer.intervals import wilson
from penchant_trainer.pretrain.questions import KINDS, Question
from penchant_trainer.pretrain.scoring import Answer, score

RESULTS = Path(__file__).with_name("filters.json")
CACHE = cache() / "filters-answers.json"
PREFIX_CHARS, SUFFIX_CHARS = 8000, 2000
ALL, NONE, EARLY = "all filters", "no filter", "early stop, then all"

Variant = Callable[[Candidate, Surroundings], str]


@dataclass(frozen=True, slots=True)
class Shown:
    """What one variant shows at one position; an empty ``text`` is nothing."""

    text: str
    exact: bool
    similarity: float


def main(arguments: Sequence[str]) -> None:
    """Measure and print; write ``bench/filters.json``."""
    parser = argparse.ArgumentParser(prog="bench filters", description=__doc__)
    parser.add_argument("--positions", type=int, default=600)
    parser.add_argument("--seed", type=int, default=11)
    parser.add_argument("--model", default="bundled", help="as the setting engine.model")
    parser.add_argument("--tokens", type=int, default=48, help="as completion.max_tokens")
    parser.add_argument("--answers", type=Path, default=CACHE, help="where raw answers are kept")
    parser.add_argument("--fresh", action="store_true", help="ask again, whatever is kept")
    parser.add_argument("--out", type=Path, default=RESULTS)
    asked = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="penchant-bench-") as home:
        found = workspaces(Path(home) / "packages")
        questions = [question for _, question in drawn(found, asked.positions, asked.seed, KINDS)]
        raw = _answers(Path(home), questions, asked)
    figures = {
        "model": asked.model,
        "seed": asked.seed,
        "positions": len(questions),
        "packages": [each.name for each in found],
        **ablation(questions, raw),
    }
    _print(figures)
    asked.out.write_text(json.dumps(figures, indent=1) + "\n", "utf-8")
    print(f"written to {asked.out}")


# -- the model's answers -----------------------------------------------------------------------


def _answers(
    home: Path, questions: Sequence[Question], asked: argparse.Namespace
) -> list[Candidate]:
    """Return the raw answers; only those that are not kept are asked for."""
    kept = (
        {} if asked.fresh or not asked.answers.exists() else json.loads(asked.answers.read_text())
    )
    keys = [_key(question, asked) for question in questions]
    missing = {key: q for key, q in zip(keys, questions, strict=True) if key not in kept}
    if missing:
        with gateway(home, {"PENCHANT_ENGINE__MODEL": asked.model}) as stage:
            asyncio.run(_ask(stage.url, missing, asked.tokens, kept))
        asked.answers.parent.mkdir(parents=True, exist_ok=True)
        asked.answers.write_text(json.dumps(kept), "utf-8")
    return [Candidate(**kept[key]) for key in keys]


def _key(question: Question, asked: argparse.Namespace) -> str:
    sent = [asked.model, asked.tokens, question.path, *_windows(question)]
    return hashlib.sha256(json.dumps(sent).encode()).hexdigest()[:24]


def _windows(question: Question) -> tuple[str, str]:
    return question.prefix[-PREFIX_CHARS:], question.suffix[:SUFFIX_CHARS]


async def _ask(
    url: str, missing: dict[str, Question], tokens: int, kept: dict[str, dict[str, object]]
) -> None:
    client = Gateway(url, deadline_ms=120_000)
    try:
        for number, (key, question) in enumerate(missing.items(), 1):
            prefix, suffix = _windows(question)
            request = CompletionRequest(
                prompt=prefix,
                suffix=suffix,
                max_tokens=tokens,
                logprobs=1,
                stream=True,
                penchant=PenchantRequest(language="python", path=question.path),
            )
            answer = await client.complete(request, lambda _: False)
            kept[key] = asdict(answer.candidates[0])
            if number % 20 == 0:
                print(f"{number}/{len(missing)} asked", flush=True)
    finally:
        await client.close()


# -- the ablation ------------------------------------------------------------------------------


def ablation(questions: Sequence[Question], raw: Sequence[Candidate]) -> dict[str, object]:
    """Return the figures of every variant over the same answers, and what the early stop saves."""
    places = [_place(question, each) for question, each in zip(questions, raw, strict=True)]
    scored: dict[tuple[int, str], Shown] = {}
    shown: dict[str, list[Shown]] = {}
    for name, variant in _variants().items():
        texts = [variant(each, place) for each, place in zip(raw, places, strict=True)]
        shown[name] = [
            scored.setdefault((at, text), _shown(questions[at], text))
            for at, text in enumerate(texts)
        ]
    return {
        "variants": {name: _figures(each, shown[ALL]) for name, each in shown.items()},
        "early_stop": _saved(raw, places),
    }


def _variants() -> dict[str, Variant]:
    found: dict[str, Variant] = {
        ALL: lambda each, place: filtered(each.text, place),
        EARLY: lambda each, place: filtered(concluded(each, place, late=False).text, place),
        NONE: lambda each, _: each.text,
    }
    for name in FILTERS:
        found[f"without {name}"] = lambda each, place, name=name: filtered(  # type: ignore[misc]
            each.text, place, without={name}
        )
    return found


def _place(question: Question, answer: Candidate) -> Surroundings:
    prefix, suffix = _windows(question)
    many = multi_line(prefix.rpartition("\n")[2], suffix.partition("\n")[0])
    cut_off = answer.finish_reason == "length"
    more = {"many": many, "language": "python", "path": question.path, "cut_off": cut_off}
    return around(prefix, suffix, **more)


def _shown(question: Question, text: str) -> Shown:
    if not text.strip():
        return Shown("", exact=False, similarity=0.0)
    figures = score(question, Answer(text, ended=True))
    return Shown(text, figures.exact, figures.similarity)


def _figures(ours: Sequence[Shown], every: Sequence[Shown]) -> dict[str, object]:
    """Return one variant's figures; ``spoils`` and ``makes`` say what the filter left out does.

    ``spoils``: exact without it, not with it; ``makes``: exact with it, not without it. ``hides``:
    shown without it, and wrong, and not shown with it.
    """
    seen = [each for each in ours if each.text]
    exact = sum(each.exact for each in seen)
    pairs = list(zip(ours, every, strict=True))
    return {
        "shown": len(seen),
        "exact": exact,
        "exact_of_shown": exact / len(seen) if seen else 0.0,
        "exact_interval": list(wilson(exact, len(seen))) if seen else [0.0, 0.0],
        "similarity_of_shown": mean(each.similarity for each in seen) if seen else 0.0,
        "changes": sum(a.text != b.text for a, b in pairs),
        "spoils": sum(a.exact and not b.exact for a, b in pairs),
        "makes": sum(b.exact and not a.exact for a, b in pairs),
        "hides": sum(bool(a.text) and not a.exact and not b.text for a, b in pairs),
    }


def _saved(raw: Sequence[Candidate], places: Sequence[Surroundings]) -> dict[str, object]:
    """Return how many streams end early, for which reason, and how much is never generated.

    Where one line is asked for, the engine itself ends with it: that is not counted.
    """
    texts = [
        each.text if place.many else each.text.partition("\n")[0]
        for each, place in zip(raw, places, strict=True)
    ]
    pairs = list(zip(texts, places, strict=True))
    stops = [stop(text, place) for text, place in pairs]
    total, read = sum(map(len, texts)), sum(_read(text, place) for text, place in pairs)
    return {
        "several_lines_asked": sum(place.many for place in places),
        "reasons": dict(Counter(str(each.why) for each in stops if each is not None)),
        "chars": total,
        "chars_read": read,
        "chars_spared": 1 - read / total if total else 0.0,
    }


def _read(text: str, place: Surroundings) -> int:
    """Return how many characters come before the stream is ended."""
    return next((n for n in range(len(text)) if stop(text[:n], place) is not None), len(text))


def _print(figures: dict[str, object]) -> None:
    table = Table(
        "variant", "shown", "exact", "exact of shown", "similarity", "changes", "spoils", "makes",
        "hides wrong",
    )  # fmt: skip
    variants = figures["variants"]
    assert isinstance(variants, dict)
    for name, row in variants.items():
        low, high = row["exact_interval"]
        table.add_row(
            name,
            str(row["shown"]),
            str(row["exact"]),
            f"{100 * row['exact_of_shown']:.1f} [{100 * low:.1f}, {100 * high:.1f}]",
            f"{100 * row['similarity_of_shown']:.1f}",
            *(str(row[key]) for key in ("changes", "spoils", "makes", "hides")),
        )
    console = Console(width=130)
    console.print(table)
    console.print(f"{figures['positions']} positions, model {figures['model']}, shares in %")
    console.print(f"early stop: {figures['early_stop']}")
