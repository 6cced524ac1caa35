"""What a model suggested at a place, cut to what would be shown.

As the language server cuts it: at the line's end, unless the line is blank before the cursor; then
where the code leaves the cursor's block. Knows nothing of models and verdicts.
"""

from dataclasses import dataclass

from penchant_trainer.replay.walk import Place


@dataclass(frozen=True, slots=True)
class Answer:
    """What would be shown; ``ended`` unless the engine was cut off.

    ``confidence`` is the mean log-probability per token of what was generated (nats). ``ids`` are
    the generated tokens.
    """

    text: str
    ended: bool
    confidence: float
    ids: tuple[int, ...] = ()


def cut(text: str, place: Place) -> str:
    """Return what is shown of a text at a place."""
    if not place.many:
        return text.partition("\n")[0].rstrip()
    depth = len(place.left)
    first, *more = text.split("\n")
    kept = [first]
    for line in more:
        if line.strip() and len(line) - len(line.lstrip()) < depth:
            break
        kept.append(line)
    return "\n".join(kept).rstrip()
