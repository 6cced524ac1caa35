"""Prepares the process of a run: no network, no telemetry, no chatter, one device, low priority.

Must be called before torch, transformers, datasets or trl are imported, because they read the
environment then. What the libraries keep on disk goes into the run's own directory.
"""

import os
import warnings
from pathlib import Path

_LIBRARIES = r"(torch|transformers|peft|trl|accelerate|datasets|huggingface_hub|multiprocess|dill)"


def prepare_environment(scratch: Path) -> None:
    """Set what the libraries read when they are imported; ``scratch`` is theirs to write in."""
    os.environ.update(
        {
            "HF_HUB_OFFLINE": "1",
            "HF_DATASETS_OFFLINE": "1",
            "TRANSFORMERS_OFFLINE": "1",
            "HF_HUB_DISABLE_TELEMETRY": "1",
            "HF_HUB_DISABLE_PROGRESS_BARS": "1",
            "TRANSFORMERS_VERBOSITY": "error",
            "TRL_EXPERIMENTAL_SILENCE": "1",
            "TQDM_DISABLE": "1",
            "TOKENIZERS_PARALLELISM": "false",
            "WANDB_DISABLED": "true",
            "HF_DATASETS_CACHE": str(scratch / "datasets"),
            "TRITON_CACHE_DIR": str(scratch / "triton"),
            "TORCHINDUCTOR_CACHE_DIR": str(scratch / "inductor"),
        }
    )


def silence() -> None:
    """Silence the training libraries' own warnings and bars; ours and Python's still speak."""
    warnings.filterwarnings("ignore", module=_LIBRARIES + r"(\.|$)")
    # These name our line as their place, or none, though the libraries speak.
    for text in ("None of the inputs have requires_grad", ".*pin_memory", ".*lr_scheduler.step"):
        warnings.filterwarnings("ignore", message=text)
    import datasets
    from transformers.utils import logging

    logging.set_verbosity_error()
    logging.disable_progress_bar()
    datasets.disable_progress_bars()
    datasets.utils.logging.set_verbosity_error()


def lower_priority() -> None:
    """Let the developer's own programs go first (niceness 10)."""
    if hasattr(os, "nice"):
        try:
            os.nice(max(0, 10 - os.nice(0)))
        except OSError:
            return
