"""What can be wrong with the trainer: its libraries, its device, its last run. Imports no torch."""

from importlib.metadata import PackageNotFoundError, version

from penchant_core.checks import Check
from penchant_core.config import Config
from penchant_core.errors import PenchantError
from penchant_core.rebuild import runs_directory
from penchant_trainer.ledger import FILE, Ledger
from penchant_trainer.nvml import gpus
from penchant_trainer.resources import NEEDED_BYTES, pick, room

_NEEDED = ("torch", "transformers", "peft", "trl", "accelerate", "datasets", "safetensors")


def checks(config: Config) -> list[Check]:
    """Return the trainer's checks of one installation; never raises a PenchantError."""
    return [_libraries(), _device(config), _last_run(config)]


def _libraries() -> Check:
    found, missing = [], []
    for name in _NEEDED:
        try:
            found.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            missing.append(name)
    if missing:
        detail = f"missing: {', '.join(missing)}"
        return Check("training libraries", False, detail, "pip install 'penchant[trainer]'")
    return Check("training libraries", True, ", ".join(found))


def _device(config: Config) -> Check:
    found = gpus()
    try:
        device = pick(config.settings.training.device, found, room(config.settings))
    except PenchantError as error:
        return Check("training device", False, str(error), "set training.device to auto")
    if device.kind == "cuda":
        detail = f"{device.name}, {device.share:.0%} of its memory"
    elif found:
        detail = (
            f"{device.name}; no GPU has {NEEDED_BYTES / 1e9:.0f} GB of memory to spare. If vLLM "
            "has it, engine.gpu_memory_share = 0.6 leaves room"
        )
    else:
        detail = f"{device.name}; no free GPU is needed"
    return Check("training device", True, detail)


def _last_run(config: Config) -> Check:
    directory = runs_directory(config)
    if not (directory / FILE).exists():
        return Check("last training run", True, "none yet")
    try:
        ledger = Ledger(directory)
        row = ledger.last(config.settings.owner)
        aside = ledger.set_aside
        ledger.close()
    except PenchantError as error:
        return Check("last training run", False, str(error), f"move {directory / FILE} away")
    if aside:
        return Check("last training run", False, "the ledger was damaged", f"it is now {aside}")
    if row is None:
        return Check("last training run", True, "none yet")
    reason = f": {row.reasons[0]}" if row.reasons else ""
    at_fault = row.status == "failed"
    remedy = "see the log of `penchant train`, then `penchant train --once --force`"
    return Check(
        "last training run",
        not at_fault,
        f"{row.id} {row.status}{reason}",
        remedy if at_fault else "",
    )
