"""Every setting: its name, type, default, bounds and description, section by section.

Knows nothing of where values come from (``config``) and of what they do.
"""

import getpass
import ipaddress
from typing import Literal, get_args

from pydantic import Field, field_validator

from penchant_core.context_settings import ContextSettings
from penchant_core.errors import ConfigError
from penchant_core.judging_settings import JudgingSettings
from penchant_core.paths import slug
from penchant_core.schedule_settings import ScheduleSettings
from penchant_core.section import Section

Method = Literal["sft", "dpo", "kto", "grpo", "ppo"]


def _user() -> str:
    try:
        return slug(getpass.getuser())
    except (OSError, KeyError, ImportError, ConfigError):
        return "me"


def _label(value: str) -> str:
    try:
        return slug(value)
    except ConfigError as error:  # pydantic adds the setting's name to a ValueError
        raise ValueError(str(error)) from error


def _http_url(value: str) -> str:
    if value and not value.startswith(("http://", "https://")):
        raise ValueError("an address begins with http:// or https://")
    return value


class DeveloperSettings(Section):
    """Who writes the code; names the signal log and the adapters ``dev/<name>``."""

    name: str = Field(default_factory=_user, description="Your name in adapter names")
    team: str = Field(default="", description="Your team; empty for none")

    @field_validator("name")
    @classmethod
    def _slug(cls, value: str) -> str:
        return _label(value)

    @field_validator("team")
    @classmethod
    def _team_slug(cls, value: str) -> str:
        return _label(value) if value else ""


class GatewaySettings(Section):
    """Where the gateway listens, and where the language server finds it."""

    host: str = Field(default="127.0.0.1", description="Address to listen on; loopback only")
    port: int = Field(default=7717, ge=0, le=65535, description="Port to listen on")
    url: str = Field(default="", description="Gateway to ask; empty: the one on this machine")
    max_concurrency: int = Field(default=16, ge=1, description="Requests served at once")

    @field_validator("host")
    @classmethod
    def _loopback(cls, value: str) -> str:
        try:
            loopback = value == "localhost" or ipaddress.ip_address(value).is_loopback
        except ValueError:
            loopback = False
        if not loopback:
            raise ValueError("the gateway listens on loopback only (127.0.0.1, ::1 or localhost)")
        return value

    @field_validator("url")
    @classmethod
    def _http(cls, value: str) -> str:
        return _http_url(value)

    @property
    def address(self) -> str:
        """The base URL that clients use."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return (self.url or f"http://{host}:{self.port}").rstrip("/")


class EngineSettings(Section):
    """What generates text."""

    kind: Literal["embedded", "vllm"] = Field(default="embedded", description="Engine to start")
    model: str = Field(default="bundled", description="'bundled', a local path or a Hub model id")
    url: str = Field(default="", description="A running engine to use instead of starting one")
    python: str = Field(default="", description="Python that has vLLM; empty: this one")
    arguments: list[str] = Field(default=[], description="Extra arguments for vLLM")
    max_model_len: int = Field(default=2048, ge=256, description="Tokens of prompt and completion")
    max_adapters: int = Field(default=4, ge=1, le=64, description="Adapters loaded at once")
    max_lora_rank: Literal[1, 8, 16, 32, 64, 128, 256, 320, 512] = Field(
        default=16, description="Largest adapter rank; set it to the rank that you train"
    )
    threads: int = Field(default=0, ge=0, description="CPU threads; 0: all cores but one")
    gpu_memory_share: float = Field(
        default=0.0, ge=0, le=0.95, description="Share of its GPU for vLLM; 0: vLLM's own choice"
    )
    copying: bool = Field(
        default=True, description="Let a model that is made for it copy from the text nearby"
    )

    @field_validator("url")
    @classmethod
    def _http(cls, value: str) -> str:
        return _http_url(value)


class CompletionSettings(Section):
    """How ghost text is asked for."""

    enabled: bool = Field(default=True, description="Offer completions at all")
    languages: dict[str, bool] = Field(default={}, description="Switch single languages off")
    debounce_ms: int = Field(default=40, ge=0, le=2000, description="Pause before asking")
    adaptive: bool = Field(default=True, description="Fit the pause to place, tempo and outcomes")
    look_ahead: bool = Field(
        default=True, description="Ask for what follows a suggestion while it is shown"
    )
    extent_by_habit: bool = Field(
        default=True, description="Ask for one line where you keep one rather than several"
    )
    deadline_ms: int = Field(default=5000, ge=100, description="Longest wait for an answer")
    max_tokens: int = Field(default=48, ge=1, le=256, description="Longest completion")
    candidates: int = Field(default=3, ge=1, le=5, description="Candidates on explicit request")
    prefix_chars: int = Field(default=8000, ge=200, description="Text before the cursor to send")
    suffix_chars: int = Field(default=2000, ge=0, description="Text after the cursor to send")
    max_document_chars: int = Field(default=1_000_000, ge=1000, description="Larger files: none")
    show_filter: bool = Field(default=True, description="Hide what you would hardly ever keep")
    retain: float = Field(
        default=0.9, ge=0.5, le=1, description="Share of kept characters that hiding must leave"
    )
    exploration: float = Field(
        default=0.03, ge=0, le=0.5, description="Share of what is hidden that is shown all the same"
    )


class TrackerSettings(Section):
    """When an outcome counts as settled (seconds)."""

    quiet_s: float = Field(default=10.0, gt=0, description="Quiet time that settles an outcome")
    watch_s: float = Field(default=300.0, gt=0, description="Longest watch after acceptance")
    probes_s: list[float] = Field(default=[15, 30, 120, 300, 600], description="Survival probes")


class SignalSettings(Section):
    """What may be recorded, and how long it is kept."""

    retention_days: int = Field(default=90, ge=1, description="Age at which signals are erased")
    ignore: list[str] = Field(default=[], description="Globs of files that are never recorded")
    queue: int = Field(default=1000, ge=1, description="Signals waiting to be written, at most")


class FeedbackSettings(Section):
    """When Penchant asks which of two candidates is better."""

    ask: bool = Field(default=True, description="Ask at all; only where signals are recorded")
    per_day: int = Field(default=3, ge=0, le=20, description="Questions a day, at most")


class AdapterSettings(Section):
    """Where adapters live."""

    store: str = Field(default="", description="Directory of the store; empty: the user's own")
    keep: int = Field(default=3, ge=2, description="Versions kept for rolling back")
    roll_back: bool = Field(
        default=True, description="Roll a version back by itself when you keep surely less of it"
    )
    trial_suggestions: int = Field(
        default=0, ge=0, le=10_000, description="Suggestions to try a new version for; 0: at once"
    )


class TrainingSettings(Section):
    """When and how hard to train."""

    effort: Literal["small", "medium", "large"] = Field(default="small", description="The one dial")
    methods: list[Method] = Field(default=["sft", "dpo"], description="Methods to train with")
    every_signals: int = Field(default=50, ge=1, description="New usable signals that start a run")
    poll_s: float = Field(default=30.0, gt=0, description="How often --watch looks for signals")
    yield_s: float = Field(
        default=3.0,
        ge=0,
        le=60,
        description="A run waits for so long a pause in your writing; 0: no",
    )
    min_examples: int = Field(default=30, ge=2, description="Fewer clean examples: no training")
    min_pairs_dpo: int = Field(default=100, ge=2, description="Fewer pairs: SFT only")
    device: str = Field(default="auto", description="auto, cpu, cuda or cuda:N")
    recipe: dict[str, float] = Field(default={}, description="Single numbers of the recipe")
    seed: int = Field(default=0, ge=0, description="Seed of every random choice")

    @field_validator("methods")
    @classmethod
    def _ordered(cls, value: list[Method]) -> list[Method]:
        """Put ``sft`` in, on which all others stand; same methods, same list."""
        return [name for name in get_args(Method) if name == "sft" or name in value]


class Settings(Section):
    """All settings of one installation; immutable."""

    developer: DeveloperSettings = Field(default_factory=DeveloperSettings)
    gateway: GatewaySettings = GatewaySettings()
    engine: EngineSettings = EngineSettings()
    completion: CompletionSettings = CompletionSettings()
    context: ContextSettings = ContextSettings()
    tracker: TrackerSettings = TrackerSettings()
    signals: SignalSettings = SignalSettings()
    feedback: FeedbackSettings = FeedbackSettings()
    adapters: AdapterSettings = AdapterSettings()
    training: TrainingSettings = TrainingSettings()
    schedule: ScheduleSettings = ScheduleSettings()
    judging: JudgingSettings = JudgingSettings()

    @property
    def owner(self) -> str:
        """The developer's adapter owner, ``dev/<name>``."""
        return f"dev/{self.developer.name}"

    @property
    def team_owner(self) -> str | None:
        """The team's adapter owner, ``team/<name>``, if there is a team."""
        return f"team/{self.developer.team}" if self.developer.team else None
