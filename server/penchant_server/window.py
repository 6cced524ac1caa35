"""How much text around the cursor, and of other places, an answer can make use of.

What the prompt has room for, and where the engine copies from nearby, what is worth copying from.
Knows nothing of requests.
"""

from penchant_core import models
from penchant_core.models import BaseModel
from penchant_core.settings import EngineSettings
from penchant_core.wire import Window


def window(engine: EngineSettings, base: BaseModel) -> Window:
    """Return how many characters of each part are of use, so that no more need be sent."""
    budget, template = base.renderer.budget, base.renderer.template
    prompt = Window(
        prefix_chars=budget.prefix_chars,
        suffix_chars=budget.suffix_chars,
        context_chars=budget.context_chars if template.file_separator else 0,
    )
    copying = models.copying(engine, base)
    if copying is None:
        return prompt
    return Window(
        prefix_chars=max(prompt.prefix_chars, copying.prefix_chars),
        suffix_chars=max(prompt.suffix_chars, copying.suffix_chars),
        context_chars=max(prompt.context_chars, copying.context_chars),
    )
