"""Settings of AI feedback (the section ``judging``): who judges, by which principles, how strictly.

Judging by a model on another host sends a developer's code there, so it needs that host's name in
``send_code_to`` besides its address in ``judge``. Knows nothing of how anything is judged.
"""

from typing import Literal, Self
from urllib.parse import urlsplit

from pydantic import Field, field_validator, model_validator

from penchant_core.section import Section

LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


class JudgingSettings(Section):
    """Who judges completions beside the developer, and when that is believed."""

    judge: str = Field(default="checks", description="'checks', 'self' or a model's base URL")
    model: str = Field(default="", description="Model to ask for at that URL; empty: its first")
    api: Literal["chat", "completions"] = Field(default="chat", description="Which route to ask")
    send_code_to: list[str] = Field(default=[], description="Other hosts that may see your code")
    timeout_s: float = Field(default=20.0, gt=0, le=300, description="Longest wait for an answer")
    constitution: str = Field(default="", description="File of principles; empty: the shipped one")
    form: Literal["answers", "comparisons"] = Field(
        default="answers", description="Judge texts one by one, or two side by side"
    )
    weights: dict[str, float] = Field(default={}, description="Weights of objectives; default 1")
    scalarisation: Literal["sum", "worst", "uncertainty"] = Field(
        default="sum", description="How objectives become one reward"
    )
    least_difference: float = Field(
        default=0.25, gt=0, le=1, description="Smaller differences make no label"
    )
    least_agreement: float = Field(
        default=0.5, ge=0.5, lt=1, description="Lower bound of agreement below which none is used"
    )
    labels: bool = Field(default=False, description="Train on a believed judge's labels as well")
    label_share: float = Field(
        default=0.25, gt=0, le=0.5, description="Largest share of the pairs that are a judge's"
    )
    label_places: int = Field(
        default=48, ge=1, le=2000, description="Past places to be judged, the newest"
    )
    label_samples: int = Field(default=4, ge=2, le=16, description="Texts to write at each")
    practice_weight: float = Field(
        default=0.0, ge=0, le=1, description="Weight of the judge's score in GRPO and PPO; 0: none"
    )
    environment: str = Field(default="", description="Virtual environment of your project")
    execute: bool = Field(default=False, description="Try harmless snippets in a sandbox")

    @field_validator("judge")
    @classmethod
    def _known(cls, value: str) -> str:
        if value in ("checks", "self"):
            return value
        parts = urlsplit(value)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError("say 'checks', 'self' or an address such as http://127.0.0.1:8000/v1")
        if parts.username or parts.password:
            raise ValueError("keep keys out of the address; put them into PENCHANT_JUDGE_KEY")
        return value

    @field_validator("weights")
    @classmethod
    def _positive(cls, value: dict[str, float]) -> dict[str, float]:
        if any(weight < 0 for weight in value.values()):
            raise ValueError("a weight is 0 (left out) or more")
        return value

    @model_validator(mode="after")
    def _allowed(self) -> Self:
        host = self.host
        if host is not None and host not in LOOPBACK and host not in self.send_code_to:
            raise ValueError(
                f"judging by {host} sends your code there; if that is meant, add {host!r} to "
                "send_code_to"
            )
        return self

    @property
    def asked(self) -> bool:
        """Whether a judge takes part in training runs."""
        return self.labels or self.practice_weight > 0

    @property
    def host(self) -> str | None:
        """The host that a model is asked at, None when nothing leaves this process."""
        return None if self.judge in ("checks", "self") else urlsplit(self.judge).hostname
