"""All verifiable checks by name, as the settings want them.

The names are those that a constitution's ``check`` may use. Knows nothing of how a check works.
"""

from penchant_core.judging_settings import JudgingSettings
from penchant_trainer.rewards.api import api_check
from penchant_trainer.rewards.brevity import TYPICAL_CHARS, Brevity
from penchant_trainer.rewards.danger import HARMLESS
from penchant_trainer.rewards.execution import RUNS
from penchant_trainer.rewards.names import NAMES
from penchant_trainer.rewards.objective import Objective
from penchant_trainer.rewards.overlap import FRESH
from penchant_trainer.rewards.parsing import PARSES
from penchant_trainer.rewards.reward import Reward
from penchant_trainer.rewards.secrecy import NO_SECRET


def checks(settings: JudgingSettings, typical_chars: float = TYPICAL_CHARS) -> dict[str, Objective]:
    """Return every check; ``typical_chars`` is how long this developer's texts usually are."""
    found: list[Objective] = [PARSES, NAMES, api_check(settings.environment), HARMLESS]
    found += [NO_SECRET, FRESH, Brevity(typical_chars)]
    found += [RUNS] if settings.execute else []
    return {objective.name: objective for objective in found}


def reward(settings: JudgingSettings, typical_chars: float = TYPICAL_CHARS) -> Reward:
    """Return the checks as one reward, with the weights and the scalarisation of the settings."""
    found = tuple(checks(settings, typical_chars).values())
    return Reward(found, settings.weights, settings.scalarisation)
