"""The names that other rooms build on, and the room's manners when it is imported."""

import importlib
import pkgutil
import subprocess
import sys

import penchant_core

PROMISED = {
    "adapter_files": "check file_digests AdapterShape TARGETS CONFIG WEIGHTS CARD",
    "adapters": "AdapterStore Version LivePointer LIVE",
    "card": "Card engine_name OWNER VERSION",
    "checks": "Check checks",
    "cli": "main",
    "config": "Config load",
    "consent": "ConsentRecord Decision Level TEXT TEXT_VERSION workspace_id",
    "fim": "FimRenderer FimTemplate Budget renderer_for family_of suffix_first special_tokens",
    "fingerprint": "base_fingerprint base_shapes read_header TensorInfo weight_files",
    "log": "event failure setup ContentFree",
    "models": "BaseModel resolve model_directory BUNDLED",
    "paths": "Paths default_paths private_directory write_private sync_directory slug FILE_MODE",
    "redaction": "secret_in ignored rules Rule IGNORED_FILES",
    "settings": "Settings",
    "signals": "Candidate Completion Outcome OutcomeKind Signal Snippet Rating Counts TAKEN",
    "store": "SignalStore",
    "text": "well_formed",
    "workspace_limits": "workspace_limits WorkspaceLimits WORKSPACE_FILE",
    "wire": "CompletionRequest CompletionResponse Choice ContextSnippet ServedBy ModelList",
}


def test_promised_names_exist() -> None:
    for module, names in PROMISED.items():
        found = importlib.import_module(f"penchant_core.{module}")
        for name in names.split():
            assert hasattr(found, name), f"{module}.{name}"


def test_every_module_has_a_contract_and_imports_nothing_heavy() -> None:
    names = [
        info.name
        for info in pkgutil.walk_packages(penchant_core.__path__, "penchant_core.")
        if not info.ispkg
    ]
    script = (
        "import importlib, sys\n"
        f"for name in {names!r}:\n"
        "    assert importlib.import_module(name).__doc__, name\n"
        "heavy = {'torch', 'transformers', 'peft', 'fastapi', 'httpx', 'pygls', 'rich'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"
