"""A report from numbers: comparisons, sentences, tables, the page."""

import json
import re
from html.parser import HTMLParser
from typing import Any

import pytest
from rich.console import Console

from penchant_trainer.replay import rungs
from penchant_trainer.replay.measures import Item
from penchant_trainer.replay.page import page
from penchant_trainer.replay.report import FIGURES, build
from penchant_trainer.replay.table import mean, printed, show, spread, steps

GROUPS = [(f"c{n // 3}", "shop/a.py") for n in range(36)]


def item(good: bool, confidence: float) -> Item:
    return Item(
        exact=good,
        similarity=1.0 if good else 0.3,
        codebleu=1.0 if good else 0.2,
        syntax=None,
        flow=None,
        rouge=0.5,
        parses=True,
        compiles=good,
        runs=None,
        kind="accepted" if good else "rejected",
        retained=20 if good else 0,
        saved=19 if good else 0,
        length=20,
        truth_length=10,
        ended=True,
        confidence=confidence,
    )


def result(right: int, *, trained: bool = True) -> dict[str, Any]:
    order = [(7 * n) % 36 for n in range(36)]
    return {
        "items": [item(n < right, -float(n)).as_json() for n in order],
        "distinct": {"1": 0.2, "2": 0.5, "3": 0.9},
        "pairs": [[-1.0, -2.0], [-2.0, -1.0]],
        "kl": 0.1,
        "perplexity": 3.0,
        "training": {"steps": 7} if trained else None,
        "seconds": 1.5,
    }


HEADER = {
    "penchant": "0",
    "repository": "shop <b>",
    "head": "a" * 40,
    "authors": ["ada@example.org"],
    "control": "",
    "seed": 3,
    "base_model": "tiny",
    "base_fingerprint": "0" * 16,
    "device": "cpu",
    "recipe": {"effort": "small"},
    "executed": False,
    "policy": {"accept_chars": 4, "edit_similarity": 0.6, "accept_keys": 1},
    "past_outcomes": {"accepted": 3},
    "lessons": {"events": 3, "examples": 3, "pairs": 0},
    "ladder": [],
    "journey": {
        "commits": 20, "left_out": {"secret": 1}, "from": "2026-01-01", "to": "2026-03-01",
        "past": 100, "future": 36, "future_commits": 12, "purged": 4, "purge_rate": 0.1,
        "border": "2026-02-01", "control_places": 0,
    },
}  # fmt: skip


@pytest.fixture(scope="module")
def report() -> dict[str, Any]:
    results = {
        "base": result(4, trained=False),
        "format": result(5),
        "history": result(4, trained=False),
        "sft": result(20),
        "sft+dpo": {"skipped": "3 of 100 preference pairs"},
        "sft+kto": {"skipped": "9 wanted and 0 unwanted texts"},
        "sft+grpo": {"skipped": "3 of 100 places of which the outcome is known"},
        "sft+ppo": result(19) | {"training": {"batches": 11}},
        "other-author": {"skipped": "nobody else has commits in this repository"},
        "shuffled": result(2),
        "shuffled-dpo": {"skipped": "it stands on sft"},
    }
    return build(HEADER, rungs.LADDER, results, GROUPS, seed=3)


def compared(report: dict[str, Any], new: str, old: str) -> dict[str, Any]:
    return next(c for c in report["comparisons"] if (c["rung"], c["against"]) == (new, old))


def test_each_rung_is_compared_with_base_with_the_ones_below_and_with_its_controls(
    report: dict[str, Any],
) -> None:
    pairs = [(c["rung"], c["against"], c["why"]) for c in report["comparisons"]]
    assert pairs == [
        ("format", "base", "base"),
        ("history", "base", "base"),
        ("sft", "base", "base"),
        ("sft", "format", "below"),
        ("sft", "history", "below"),
        ("sft+ppo", "base", "base"),
        ("sft+ppo", "sft", "below"),
        ("sft", "shuffled", "control"),
    ]


def test_the_figures_are_those_of_the_items(report: dict[str, Any]) -> None:
    sft = compared(report, "sft", "base")
    assert (sft["mcnemar"]["gained"], sft["mcnemar"]["lost"]) == (16, 0)
    assert sft["mcnemar"]["odds"] is None
    assert sft["differences"]["exact"]["mean"] == pytest.approx(16 / 36, abs=1e-4)
    assert sft["differences"]["exact"]["low"] > 0.2
    assert sft["p_holm"] >= sft["mcnemar"]["p"]
    rung = next(r for r in report["rungs"] if r["name"] == "sft")
    assert rung["figures"]["accepted"]["mean"] == 1.0  # the surest half is right throughout
    assert rung["by_show_rate"]["1.0"]["mean"] == pytest.approx(20 / 36, abs=1e-4)
    assert rung["figures"]["length"]["mean"] == 2.0
    assert rung["figures"]["syntax"]["mean"] == 0.0
    assert rung["judged"]["syntax"] == 0
    assert (mean(rung, "syntax", "share"), mean(rung, "compiles", "percent")) == ("–", "55.6 %")
    assert sft["judged"]["syntax"] == 0
    assert rung["pair_accuracy"]["mean"] == 0.5
    assert rung["outcomes"] == {"accepted": 20, "rejected": 16}


def test_sentences_claim_no_more_than_the_intervals(report: dict[str, Any]) -> None:
    said = dict(s.split(":", 1) for s in report["sentences"])
    assert "nearer to the author's text" in said["sft against format"]
    assert "no difference shown" in said["history against base"]
    few = build(HEADER, rungs.chosen(["format"]), {"base": result(4), "format": result(30)},
                [(f"c{n % 2}", "a.py") for n in range(36)], seed=1)  # fmt: skip
    assert "too few commits to say" in few["sentences"][0]
    assert not few["enough_commits"]
    assert "Too few commits" in page(few)


def test_it_is_plain_json_and_the_same_for_the_same_seed(report: dict[str, Any]) -> None:
    assert json.loads(json.dumps(report, allow_nan=False)) == report


def test_the_terminal_shows_every_rung_and_every_reason(report: dict[str, Any]) -> None:
    console = Console(record=True, width=150, file=open("/dev/null", "w"))  # noqa: SIM115, PTH123
    show(report, console)
    console.file.close()
    text = console.export_text()
    for word in ("format", "shuffled*", "3 of 100 preference pairs", "left out: 1 × secret", "∞"):
        assert word in text
    by_name = {rung["name"]: rung for rung in report["rungs"]}
    assert [steps(by_name[n]) for n in ("base", "sft", "sft+ppo")] == ["–", "7", "11"]
    assert printed(0.5, "percent") == "50.0 %"
    assert spread({"mean": 0.01, "low": -0.02, "high": 0.04}, 100, 1) == "+1.0 [-2.0, +4.0]"


class _Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.links: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.links += [value or "" for name, value in attrs if name in ("src", "href")]


def test_the_page_stands_alone(report: dict[str, Any]) -> None:
    text = page(report)
    found = _Page()
    found.feed(text)
    assert found.tags.count("svg") == 5
    assert "script" not in found.tags
    assert not found.links
    assert "url(" not in text
    assert "@import" not in text
    assert "prefers-color-scheme:dark" in text
    assert "shop &lt;b&gt;" in text
    assert all(figure.title in text for figure in FIGURES)
    assert not re.search(r"\bnan\b|None", text)
