"""The fourth step: how good a model is on packages that it never saw, next to trivial writers.

Any model can be asked, so that users can compare. The result is one table per writer: each kind of
question, and the single-line cases apart. Knows nothing of how a model was made.
"""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from penchant_core.models import resolve
from penchant_trainer.pretrain import corpus
from penchant_trainer.pretrain.baselines import MostFrequent, nearest_line
from penchant_trainer.pretrain.cursors import SINGLE_LINE
from penchant_trainer.pretrain.questions import KINDS, Question, questions
from penchant_trainer.pretrain.scoring import Answer, score, summary

Tell = Callable[[str], None]
BITS_DOCUMENTS = 120
COLUMNS = ("exact", "similarity", "parses", "no_worse", "stops")


def evaluate(
    run: Path, models: Sequence[str], each: int, batch: int, seed: int, tell: Tell
) -> dict[str, Any]:
    """Return the figures of ``models`` and of the baselines on a run's held-out packages.

    ``each`` is the number of questions of every kind. Raises TrainError when the run has no corpus,
    ConfigError when a model cannot be found.
    """
    held_out = corpus.read(run, "held_out")
    asked = questions(held_out, each, seed)
    frequent = MostFrequent(corpus.read(run, "train"))
    writers: dict[str, Any] = {
        "baseline: nearest similar line": table(asked, [nearest_line(q) for q in asked]),
        "baseline: most frequent continuation": table(asked, [frequent(q) for q in asked]),
    }
    for name in models:
        writers[name] = _model(name, asked, held_out, batch, tell)
    packages = sorted({document.package for document in held_out})
    return {"held_out": packages, "seed": seed, "questions": len(asked), "writers": writers}


def _model(
    name: str, asked: Sequence[Question], held_out: Sequence[Any], batch: int, tell: Tell
) -> dict[str, Any]:
    from penchant_trainer.pretrain.answering import Writer

    writer = Writer(resolve(name))
    answers = writer.answers(asked, batch, lambda done, all_: tell(f"{name}: {done}/{all_}"))
    figures = table(asked, answers)
    figures["bits_per_byte"] = writer.bits_per_byte(held_out, BITS_DOCUMENTS)
    figures["tokens_per_second"] = writer.speed(asked)
    figures["parameters"] = writer.parameters
    figures["device"] = writer.device
    return figures


def table(asked: Sequence[Question], answers: Sequence[Answer]) -> dict[str, Any]:
    """Return the summary of every kind of question, and of the single-line cases."""
    scored = [(q, score(q, a)) for q, a in zip(asked, answers, strict=True)]
    found: dict[str, Any] = {
        kind: summary([s for q, s in scored if q.kind == kind]) for kind in KINDS
    }
    for case in SINGLE_LINE:
        chosen = [s for q, s in scored if q.kind == "single_line" and q.case == case]
        found[f"single_line/{case}"] = summary(chosen)
    return found


def as_text(figures: dict[str, Any]) -> str:
    """Return the figures as a Markdown table, in per cent."""
    head = (
        "| writer | question | n | exact match [95 %] | edit similarity | parses | no worse "
        "| stops |"
    )
    lines = [head, "|---|---|---|---|---|---|---|---|"]
    for name, writer in figures["writers"].items():
        for kind, row in writer.items():
            if isinstance(row, dict) and row.get("count"):
                lines.append(_line(name, kind, row))
    for name, writer in figures["writers"].items():
        if "bits_per_byte" in writer:
            lines += ["", _also(name, writer)]
    return "\n".join(lines)


def _line(name: str, kind: str, row: dict[str, float]) -> str:
    share = {column: f"{100 * row[column]:.1f}" for column in COLUMNS}
    interval = f"[{100 * row['exact_low']:.1f}, {100 * row['exact_high']:.1f}]"
    cells = (
        name, kind, f"{row['count']:.0f}", f"{share['exact']} {interval}", share["similarity"],
        share["parses"], share["no_worse"], share["stops"],
    )  # fmt: skip
    return "| " + " | ".join(cells) + " |"


def _also(name: str, writer: dict[str, Any]) -> str:
    return (
        f"{name}: {writer['bits_per_byte']:.3f} bits per byte, "
        f"{writer['tokens_per_second']:.0f} tokens/s ({writer['device']}, one prompt at a time), "
        f"{writer['parameters'] / 1e6:.1f} M parameters"
    )
