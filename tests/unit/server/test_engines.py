"""Command lines and environments of the engines, and the adapter of zeros."""

from pathlib import Path

import pytest
from safetensors.numpy import load_file
from serving import base_model, paths_below

from penchant_core import config as settings_file
from penchant_core.adapter_files import check
from penchant_core.errors import EngineError
from penchant_server.engines import EngineStart, engine_start
from penchant_server.null_adapter import null_adapter


def start(root: Path, **settings: object) -> EngineStart:
    given = {name.replace("__", "."): value for name, value in settings.items()}
    config = settings_file.load(given, environment={}, paths=paths_below(root))
    return engine_start(config, base_model())


@pytest.mark.parametrize("kind", ["embedded", "vllm"])
def test_each_start_has_its_own_port_and_key_on_loopback(tmp_path: Path, kind: str) -> None:
    one, two = (start(tmp_path, engine__kind=kind) for _ in range(2))
    assert one.key != two.key
    assert len(one.key) >= 32
    assert one.url.startswith("http://127.0.0.1:")
    assert one.key not in one.command
    assert one.key in one.environment.values()


def test_vllm_is_started_safely(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VLLM_SERVER_DEV_MODE", "1")
    monkeypatch.setenv("VLLM_PLUGINS", "lora_filesystem_resolver")
    found = start(
        tmp_path,
        engine__kind="vllm",
        engine__python="/opt/vllm/bin/python",
        engine__max_lora_rank=8,
        engine__max_adapters=3,
        engine__threads=2,
        engine__arguments=["--gpu-memory-utilization", "0.5"],
    )
    assert found.command[:3] == (
        "/opt/vllm/bin/python",
        "-m",
        "vllm.entrypoints.openai.api_server",
    )
    option = dict(zip(found.command, found.command[1:], strict=False))
    assert option["--host"] == "127.0.0.1"
    assert option["--max-lora-rank"] == "8"
    assert option["--max-loras"] == "4"
    assert option["--model"] == str(base_model().directory)
    assert option["--gpu-memory-utilization"] == "0.5"
    assert found.command.count("--gpu-memory-utilization") == 1
    assert "--enable-lora" in found.command
    assert found.environment["VLLM_PLUGINS"] == ""
    assert found.environment["VLLM_SERVER_DEV_MODE"] == "0"
    assert found.environment["HF_HUB_OFFLINE"] == "1"
    assert found.environment["OMP_NUM_THREADS"] == "2"


def test_vllm_leaves_a_share_of_its_gpu_to_a_training(tmp_path: Path) -> None:
    found = start(tmp_path, engine__kind="vllm", engine__gpu_memory_share=0.6)
    option = dict(zip(found.command, found.command[1:], strict=False))
    assert option["--gpu-memory-utilization"] == "0.6"
    usual = start(tmp_path, engine__kind="vllm")
    assert "--gpu-memory-utilization" not in usual.command


def test_the_embedded_engine_gets_the_settings(tmp_path: Path) -> None:
    found = start(tmp_path, engine__max_lora_rank=32, engine__max_model_len=512, engine__threads=3)
    option = dict(zip(found.command, found.command[1:], strict=False))
    assert found.command[1:3] == ("-m", "penchant_server.embedded")
    assert (option["--max-lora-rank"], option["--max-model-len"]) == ("32", "512")
    assert option["--threads"] == "3"
    assert option["--logs"] == str(tmp_path / "state" / "logs")


def test_the_null_adapter_is_sound_small_and_all_zero(tmp_path: Path) -> None:
    base = base_model()
    directory = null_adapter(tmp_path, base.fingerprint, base.name, base.shapes())
    assert check(directory, base.shapes()).rank == 1
    tensors = load_file(directory / "adapter_model.safetensors")
    assert len(tensors) == 2
    assert not any(tensor.any() for tensor in tensors.values())
    assert null_adapter(tmp_path, base.fingerprint, base.name, base.shapes()) == directory


def test_a_damaged_null_adapter_is_written_again(tmp_path: Path) -> None:
    base = base_model()
    directory = null_adapter(tmp_path, base.fingerprint, base.name, base.shapes())
    (directory / "adapter_model.safetensors").write_bytes(b"x")
    null_adapter(tmp_path, base.fingerprint, base.name, base.shapes())
    check(directory, base.shapes())
    assert [path.name for path in directory.parent.iterdir()] == [directory.name]


def test_a_model_without_lora_layers_is_refused(tmp_path: Path) -> None:
    with pytest.raises(EngineError, match="no layer"):
        null_adapter(tmp_path, "f", "m", {"model.norm.weight": (4,)})
