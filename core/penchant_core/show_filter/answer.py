"""Everything the show filter sees of an answer: the same for a live one and for a stored one.

Both rooms that need it, the language server and the trainer, ask here: what one sees and the other
does not would be learned for nothing. Knows nothing of weights.
"""

from penchant_core.show_filter.features import Features, of_place, of_suggestion
from penchant_core.show_filter.habits import Habits
from penchant_core.show_filter.manner import of_manner
from penchant_core.show_filter.seam import of_seam
from penchant_core.show_filter.support import of_support
from penchant_core.signals import Candidate, Completion


def of_question(prefix: str, suffix: str, language: str, at: float, habits: Habits) -> Features:
    """Return what is known before an answer has come, at the time ``at`` (epoch s)."""
    return of_place(prefix, suffix, language) | habits.of_now(language, at)


def of_answer(question: Features, asked: Completion, shown: Candidate, habits: Habits) -> Features:
    """Return what is known once ``shown`` has come, that of the ``question`` included."""
    prefix, suffix, text = asked.prefix, asked.suffix, shown.text
    found = question | habits.of_text(text)
    found |= of_suggestion(prefix, suffix, shown) | of_support(prefix, suffix, text)
    return found | of_manner(prefix, text) | of_seam(prefix, text)
