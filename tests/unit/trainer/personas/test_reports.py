"""Which candidate a report is about, whatever methods it was trained with."""

import pytest

from penchant_trainer.candidates import LINEAGE
from penchant_trainer.personas.reports import candidate, perplexity_ratio


@pytest.mark.parametrize("name", LINEAGE)
def test_every_candidate_is_found_by_its_method(name: str) -> None:
    figures = {"base": {"perplexity": 2.0}, name: {"perplexity": 2.1}}
    report = {"method": LINEAGE[name], "figures": figures}
    assert candidate(report) == name
    assert perplexity_ratio(report) == pytest.approx(1.05)


@pytest.mark.parametrize("report", [{}, {"method": "", "figures": None}, {"method": "rumour"}])
def test_without_a_training_there_is_none(report: dict[str, object]) -> None:
    assert candidate(report) is None
    assert perplexity_ratio(report) is None


def test_a_candidate_that_was_not_judged_has_no_perplexity() -> None:
    report = {"method": "sft+dpo", "figures": {"base": {"perplexity": 2.0}}}
    assert perplexity_ratio(report) is None
