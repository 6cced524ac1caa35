"""The judge that the settings name: checks alone, the served model, or a model at an address."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from penchant_core.config import Config
from penchant_core.judging_settings import JudgingSettings
from penchant_trainer.rewards.judge import ChecksJudge, Judge, ModelJudge
from penchant_trainer.rewards.objective import Objective


@contextmanager
def judge_of(
    config: Config, settings: JudgingSettings, checks: Mapping[str, Objective]
) -> Iterator[Judge]:
    """Give the judge, and close its connections at the end; raises JudgeError when it is away."""
    if settings.judge == "checks":
        yield ChecksJudge(checks)
    elif settings.judge == "self":
        from penchant_trainer.rewards.self_oracle import served_model

        yield ModelJudge(served_model(config))
    else:
        from penchant_trainer.rewards.remote_oracle import RemoteOracle

        with RemoteOracle(settings) as oracle:
            yield ModelJudge(oracle)
