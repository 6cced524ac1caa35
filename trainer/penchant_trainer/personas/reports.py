"""What a run's report says of the candidate that the gate judged: its name, and what it forgot.

Pure functions of a report's plain values. Knows nothing of personas.
"""

from collections.abc import Mapping
from typing import Any

from penchant_trainer.candidates import LINEAGE

_NAMES = {method: name for name, method in LINEAGE.items()}


def candidate(report: Mapping[str, Any]) -> str | None:
    """Return the name of the candidate that the report is about; None when nothing was trained."""
    return _NAMES.get(report.get("method") or "")


def perplexity_ratio(report: Mapping[str, Any]) -> float | None:
    """Return the candidate's perplexity of neutral code over the base model's, from a run."""
    figures, best = report.get("figures") or {}, candidate(report)
    if best not in figures or not figures["base"]["perplexity"]:
        return None
    return float(figures[best]["perplexity"] / figures["base"]["perplexity"])
