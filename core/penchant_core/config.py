"""The one home of every setting, and the record of where each value came from.

Order, later wins: defaults, the user's ``config.toml``, the environment
(``PENCHANT_SECTION__KEY``), flags. A workspace's ``.penchant.toml`` comes last and may only tighten
(switch off, ignore more, consent to less): a cloned repository is somebody else's file. Knows
nothing of what the settings do.
"""

import getpass
import ipaddress
import os
import stat
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator
from pydantic.fields import FieldInfo

from penchant_core.context_settings import ContextSettings
from penchant_core.errors import ConfigError
from penchant_core.judging_settings import JudgingSettings
from penchant_core.paths import Paths, absolute, default_paths, slug
from penchant_core.schedule_settings import ScheduleSettings

WORKSPACE_FILE = ".penchant.toml"
ENVIRONMENT_PREFIX = "PENCHANT_"
_WORKSPACE_FILE_BYTES = 65_536

Layer = dict[str, dict[str, Any]]
Method = Literal["sft", "dpo", "kto", "grpo", "ppo"]


class Section(BaseModel):
    """Base of all sections: unknown keys are errors, so that a typing mistake is seen."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


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
    deadline_ms: int = Field(default=5000, ge=100, description="Longest wait for an answer")
    max_tokens: int = Field(default=48, ge=1, le=256, description="Longest completion")
    candidates: int = Field(default=3, ge=1, le=5, description="Candidates on explicit request")
    prefix_chars: int = Field(default=8000, ge=200, description="Text before the cursor to send")
    suffix_chars: int = Field(default=2000, ge=0, description="Text after the cursor to send")
    max_document_chars: int = Field(default=1_000_000, ge=1000, description="Larger files: none")
    show_filter: bool = Field(default=True, description="Hide what you would hardly ever keep")
    retain: float = Field(
        default=0.97, ge=0.5, le=1, description="Share of kept characters that hiding must leave"
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


@dataclass(frozen=True, slots=True)
class Config:
    """Settings with the source of each value (``section.key`` → where it came from)."""

    settings: Settings
    paths: Paths
    sources: Mapping[str, str] = field(default_factory=dict)

    @property
    def adapter_root(self) -> Path:
        """The directory of the adapter store."""
        store = self.settings.adapters.store
        return absolute(store) if store else self.paths.adapters


def load(
    overrides: Mapping[str, Any] | None = None,
    *,
    environment: Mapping[str, str] | None = None,
    paths: Paths | None = None,
) -> Config:
    """Read the settings of this user.

    ``overrides`` maps ``section.key`` to a value (flags). Raises ConfigError, naming the key and
    its source, when a value is unknown or out of range.
    """
    paths = paths or default_paths()
    layers = [
        (str(paths.config_file), _toml_layer(paths.config_file)),
        ("environment", _environment_layer(os.environ if environment is None else environment)),
        ("flag", _flag_layer(overrides or {})),
    ]
    merged: Layer = {}
    sources: dict[str, str] = {}
    for source, layer in layers:
        for section, values in layer.items():
            for key, value in values.items():
                merged.setdefault(section, {})[key] = value
                sources[f"{section}.{key}"] = source
    return Config(_validate(merged, sources), paths, sources)


def check_layer(layer: Layer, source: str) -> None:
    """Raise ConfigError when the values of one layer alone would not do."""
    sources = {f"{section}.{key}": source for section, values in layer.items() for key in values}
    _validate(layer, sources)


def _toml_layer(path: Path) -> Layer:
    try:
        data = tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, RecursionError) as error:
        raise ConfigError(f"{path} cannot be read: {error}; mend or remove it") from error
    strays = [key for key, value in data.items() if not isinstance(value, dict)]
    if strays:
        raise ConfigError(f"{path}: {strays[0]!r} stands outside a [section]")
    return data


def _environment_layer(environment: Mapping[str, str]) -> Layer:
    layer: Layer = {}
    for name, raw in environment.items():
        if not name.startswith(ENVIRONMENT_PREFIX) or "__" not in name:
            continue
        section, _, key = name.removeprefix(ENVIRONMENT_PREFIX).lower().partition("__")
        layer.setdefault(section, {})[key] = literal(f"{section}.{key}", raw)
    return layer


def literal(name: str, raw: str) -> Any:
    """Read ``raw`` as the setting ``section.key`` wants it.

    As text where the setting is one, else as a TOML value where it is one (numbers, lists,
    booleans); what is neither stays text, for validation to refuse.
    """
    section, _, key = name.partition(".")
    field = setting(section, key)
    if field is not None and field.annotation is str:
        return raw
    try:
        found = tomllib.loads(f"value = {raw}")
    except (ValueError, RecursionError):
        return raw
    return found["value"] if set(found) == {"value"} else raw


def setting(section: str, key: str) -> FieldInfo | None:
    """Return what is declared about ``section.key``, None when there is no such setting."""
    found = Settings.model_fields.get(section)
    if found is None or not isinstance(found.annotation, type):
        return None
    declared: dict[str, FieldInfo] = getattr(found.annotation, "model_fields", {})
    return declared.get(key)


def _flag_layer(overrides: Mapping[str, Any]) -> Layer:
    layer: Layer = {}
    for name, value in overrides.items():
        section, _, key = name.partition(".")
        if value is not None:
            layer.setdefault(section, {})[key] = value
    return layer


def _validate(merged: Layer, sources: Mapping[str, str]) -> Settings:
    try:
        return Settings.model_validate(merged)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        name = ".".join(str(part) for part in first["loc"])
        source = sources.get(".".join(name.split(".")[:2]), "the settings")
        raise ConfigError(
            f"{name} ({source}): {first['msg']}; `penchant config show` lists every setting"
        ) from error


@dataclass(frozen=True, slots=True)
class WorkspaceLimits:
    """What a workspace's own file forbids; the empty value forbids nothing."""

    enabled: bool = True
    ask: bool = True
    languages_off: frozenset[str] = frozenset()
    ignore: tuple[str, ...] = ()
    consent: Literal["off", "local", "personal", "team"] = "team"
    refused: tuple[str, ...] = ()


def workspace_limits(workspace: Path) -> WorkspaceLimits:
    """Read ``.penchant.toml`` of a workspace; whatever would loosen a setting is refused.

    A file that cannot be read forbids recording (fail closed). Never raises.
    """
    try:
        data = tomllib.loads(_workspace_text(workspace / WORKSPACE_FILE))
    except FileNotFoundError:
        return WorkspaceLimits()
    except (OSError, ValueError, RecursionError):
        return WorkspaceLimits(consent="off", refused=(WORKSPACE_FILE,))
    return _tightened(data)


def _workspace_text(path: Path) -> str:
    """Read a stranger's file: no link, no pipe, no device, and no more than it may need."""
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    with os.fdopen(descriptor, "rb") as file:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise ValueError("not a plain file")
        raw = file.read(_WORKSPACE_FILE_BYTES + 1)
    if len(raw) > _WORKSPACE_FILE_BYTES:
        raise ValueError("too large")
    return raw.decode("utf-8")


def _tightened(data: Mapping[str, Any]) -> WorkspaceLimits:
    refused: list[str] = []
    found: dict[str, Any] = {}
    for section, values in data.items():
        entries = values.items() if isinstance(values, dict) else [("", values)]
        for key, value in entries:
            if not _take(f"{section}.{key}".rstrip("."), value, found):
                refused.append(_printable(f"{section}.{key}".rstrip(".")))
    return WorkspaceLimits(**found, refused=tuple(refused[:20]))


def _printable(name: str) -> str:
    """Shorten a stranger's key to what may be shown."""
    return "".join(c if c.isprintable() and c.isascii() else "?" for c in name[:60])


def _take(name: str, value: Any, found: dict[str, Any]) -> bool:
    """Add one tightening value to ``found``; False when it is not one."""
    if name == "completion.enabled" and value is False:
        found["enabled"] = False
    elif name == "feedback.ask" and value is False:
        found["ask"] = False
    elif name == "completion.languages" and isinstance(value, dict):
        found["languages_off"] = frozenset(str(k) for k, on in value.items() if on is False)
        return all(on is False for on in value.values())
    elif name == "signals.ignore" and isinstance(value, list):
        found["ignore"] = tuple(str(glob) for glob in value)
    elif name == "consent.at_most":
        known = isinstance(value, str) and value in ("off", "local", "personal", "team")
        found["consent"] = value if known else "off"  # somebody meant to limit it
        return known
    else:
        return False
    return True
