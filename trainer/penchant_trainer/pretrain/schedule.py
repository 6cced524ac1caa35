"""How fast to learn at a moment of a run: warm-up, stable, decay (WSD), by the clock.

The decay begins when its share of the time budget is left, so that a run ends decayed however busy
the machine was. Source of the shape: Hu et al., "MiniCPM" (arXiv 2404.06395). Pure.
"""


def rate(step: int, spent: float, *, warmup_steps: int, decay_share: float) -> float:
    """Return the factor (0 to 1) on every learning rate.

    ``spent`` is the share of the time budget that is used up; at 1 the factor is 0.
    """
    warm = min(1.0, (step + 1) / max(1, warmup_steps))
    return warm * max(0.0, min(1.0, (1.0 - spent) / decay_share))
