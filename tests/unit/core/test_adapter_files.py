"""Every rule that an adapter must keep, each broken once."""

import json
import math
import os
import shutil
import struct
from pathlib import Path
from typing import Any

import pytest
from samples import SHAPES, lora_config, lora_tensors, write_adapter, write_safetensors

from penchant_core.adapter_files import CONFIG, WEIGHTS, check, file_digests
from penchant_core.errors import AdapterError, AdapterMismatch, AdapterRejected

MODULE = "base_model.model.model.layers.0.self_attn.q_proj"


@pytest.fixture
def adapter(tmp_path: Path) -> Path:
    return write_adapter(tmp_path / "adapter")


def _weights(adapter: Path, tensors: dict[str, Any]) -> None:
    write_safetensors(adapter / WEIGHTS, tensors)


@pytest.mark.parametrize("dtype", ["F32", "F16", "BF16"])
def test_a_sound_adapter_passes(adapter: Path, dtype: str) -> None:
    _weights(adapter, lora_tensors(dtype))
    shape = check(adapter, SHAPES)
    assert (shape.rank, shape.alpha, shape.targets) == (2, 4.0, ("q_proj", "up_proj"))


def test_what_peft_writes_passes(adapter: Path) -> None:
    """The defaults of PEFT 0.21's LoraConfig, as it saves them."""
    saved = {
        "alora_invocation_tokens": None, "alpha_pattern": {}, "arrow_config": None,
        "auto_mapping": None, "base_model_name_or_path": "somewhere", "bias": "none",
        "corda_config": None, "ensure_weight_tying": False, "eva_config": None,
        "exclude_modules": None, "fan_in_fan_out": False, "inference_mode": True,
        "init_lora_weights": True, "kasa_config": None, "layer_replication": None,
        "layers_pattern": None, "layers_to_transform": None, "loftq_config": {},
        "lora_bias": False, "lora_dropout": 0.05, "lora_ga_config": None, "megatron_config": None,
        "megatron_core": "megatron.core", "modules_to_save": None, "monteclora_config": None,
        "peft_version": "0.21.2", "qalora_group_size": 16, "rank_pattern": {}, "revision": None,
        "target_parameters": None, "task_type": "CAUSAL_LM", "trainable_token_indices": None,
        "use_bdlora": None, "use_dora": False, "use_qalora": False, "use_rslora": False,
        "velora_config": None,
    }  # fmt: skip
    (adapter / CONFIG).write_text(json.dumps(lora_config(**saved)))
    check(adapter, SHAPES)


@pytest.mark.parametrize(
    "change",
    [
        {"peft_type": "IA3"},
        {"peft_type": None},
        {"r": 0},
        {"r": -2},
        {"r": 4096},
        {"r": True},
        {"r": "2"},
        {"r": 2.0},
        {"lora_alpha": 0},
        {"lora_alpha": -1},
        {"lora_alpha": True},
        {"lora_alpha": math.nan},
        {"lora_alpha": math.inf},
        {"lora_alpha": 1e9},
        {"target_modules": "all-linear"},
        {"target_modules": []},
        {"target_modules": ["lm_head"]},
        {"target_modules": ["q_proj", "embed_tokens"]},
        {"target_modules": [{"q_proj": 1}]},
        {"use_dora": True},
        {"use_rslora": True},
        {"lora_bias": True},
        {"bias": "all"},
        {"modules_to_save": ["lm_head"]},
        {"rank_pattern": {"q_proj": 1}},
        {"alpha_pattern": {"q_proj": 64}},
        {"layer_replication": [[0, 1]]},
        {"layers_to_transform": [0]},
        {"trainable_token_indices": [1]},
        {"fan_in_fan_out": True},
        {"init_lora_weights": "pissa"},
        {"init_lora_weights": "olora"},
        {"auto_mapping": {"base_model_class": "X", "parent_library": "os"}},
        {"loftq_config": {"loftq_bits": 4}},
        {"megatron_config": {"a": 1}},
        {"alora_invocation_tokens": [1]},
        {"target_parameters": ["w"]},
        {"a_setting_of_tomorrow": True},
    ],
    ids=str,
)
def test_only_plain_lora(adapter: Path, change: dict[str, object]) -> None:
    (adapter / CONFIG).write_text(json.dumps(lora_config(**change)))
    with pytest.raises(AdapterRejected):
        check(adapter, SHAPES)


@pytest.mark.parametrize("text", ["", "{", "[]", "null", "[" * 100_000, "\xff"], ids=repr)
def test_a_configuration_that_is_no_json_object(adapter: Path, text: str) -> None:
    (adapter / CONFIG).write_bytes(text[:1000].encode("latin-1"))
    with pytest.raises(AdapterRejected):
        check(adapter, SHAPES)


@pytest.mark.parametrize(
    "name", ["adapter_model.bin", "adapter_model.pt", "x.py", ".hidden", "model.safetensors"]
)
def test_no_other_file(adapter: Path, name: str) -> None:
    (adapter / name).write_bytes(b"\x80\x04.")
    with pytest.raises(AdapterRejected, match="does not belong"):
        check(adapter, SHAPES)


def test_no_links_pipes_or_directories(adapter: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    shutil.move(adapter / WEIGHTS, outside)
    (adapter / WEIGHTS).symlink_to(outside)
    for refuse in (lambda: check(adapter, SHAPES), lambda: file_digests(adapter)):
        with pytest.raises(AdapterRejected):
            refuse()
    (adapter / WEIGHTS).unlink()
    os.mkfifo(adapter / WEIGHTS)
    with pytest.raises(AdapterRejected):
        file_digests(adapter)
    (adapter / WEIGHTS).unlink()
    (adapter / WEIGHTS).mkdir()
    with pytest.raises(AdapterRejected):
        check(adapter, SHAPES)
    link = tmp_path / "link"
    link.symlink_to(adapter)
    with pytest.raises(AdapterRejected, match="not a directory"):
        check(link, SHAPES)
    with pytest.raises(AdapterRejected):
        check(tmp_path / "nowhere", SHAPES)


@pytest.mark.parametrize("name", [CONFIG, WEIGHTS])
def test_a_missing_file(adapter: Path, name: str) -> None:
    (adapter / name).unlink()
    with pytest.raises(AdapterRejected, match="missing"):
        check(adapter, SHAPES)


_NOT_FINITE = [
    ("F32", struct.pack("<f", math.nan)),
    ("F32", struct.pack("<f", math.inf)),
    ("F32", struct.pack("<f", -math.inf)),
    ("F16", struct.pack("<e", math.nan)),
    ("F16", struct.pack("<e", -math.inf)),
    ("BF16", struct.pack("<f", math.nan)[2:]),
    ("BF16", struct.pack("<f", math.inf)[2:]),
    ("BF16", struct.pack("<f", -math.inf)[2:]),
]


@pytest.mark.parametrize(("dtype", "poison"), _NOT_FINITE)
@pytest.mark.parametrize("place", [0, 5, -1])
def test_no_nan_and_no_infinity(adapter: Path, dtype: str, poison: bytes, place: int) -> None:
    tensors = lora_tensors(dtype)
    name = sorted(tensors)[1]
    _, shape, data = tensors[name]
    cells = [data[i : i + len(poison)] for i in range(0, len(data), len(poison))]
    cells[place] = poison
    tensors[name] = (dtype, shape, b"".join(cells))
    _weights(adapter, tensors)
    with pytest.raises(AdapterRejected, match="NaN or infinite"):
        check(adapter, SHAPES)


@pytest.mark.parametrize(("dtype", "form"), [("F32", "<f"), ("F16", "<e")])
def test_large_and_tiny_numbers_are_finite(adapter: Path, dtype: str, form: str) -> None:
    tensors = lora_tensors(dtype)
    name = sorted(tensors)[0]
    _, shape, data = tensors[name]
    top = 65504.0 if dtype == "F16" else 3.4e38
    cells = [struct.pack(form, value) for value in (top, -top, 0.0, -0.0, 6e-8)]
    count = len(data) // len(cells[0])
    tensors[name] = (dtype, shape, b"".join(cells[i % 5] for i in range(count)))
    _weights(adapter, tensors)
    check(adapter, SHAPES)


def test_shapes_that_do_not_fit(adapter: Path) -> None:
    other = {name: tuple(2 * size for size in shape) for name, shape in SHAPES.items()}
    with pytest.raises(AdapterMismatch):
        check(adapter, other)
    with pytest.raises(AdapterMismatch):
        check(adapter, {})
    (adapter / CONFIG).write_text(json.dumps(lora_config(r=4)))  # a lie about the rank
    with pytest.raises(AdapterMismatch):
        check(adapter, SHAPES)


def test_the_engines_rank(adapter: Path) -> None:
    with pytest.raises(AdapterRejected, match="max_lora_rank"):
        check(adapter, SHAPES, max_rank=1)


@pytest.mark.parametrize(
    "name",
    [
        "base_model.model.lm_head.weight",
        f"{MODULE}.lora_magnitude_vector",
        f"{MODULE}.lora_A.bias",
        "../../etc/passwd",
        "",
        f"{MODULE}.lora_A.weight.extra",
    ],
)
def test_tensors_that_are_no_lora_matrices(adapter: Path, name: str) -> None:
    _weights(adapter, {**lora_tensors(), name: ("BF16", (1,), b"\0\0")})
    with pytest.raises(AdapterRejected):
        check(adapter, SHAPES)


def test_tensors_beside_the_declared_targets(adapter: Path) -> None:
    (adapter / CONFIG).write_text(json.dumps(lora_config(target_modules=["q_proj"])))
    with pytest.raises(AdapterRejected, match="declared targets"):
        check(adapter, SHAPES)


def test_half_a_pair_and_no_pair(adapter: Path) -> None:
    tensors = lora_tensors()
    del tensors[f"{MODULE}.lora_B.weight"]
    for some in (tensors, {}):
        _weights(adapter, some)
        with pytest.raises(AdapterRejected, match="one half"):
            check(adapter, SHAPES)


@pytest.mark.parametrize("dtype", ["F64", "I8", "BOOL", "F8_E4M3", "", "nonsense"])
def test_unknown_types(adapter: Path, dtype: str) -> None:
    tensors = lora_tensors()
    name = sorted(tensors)[0]
    tensors[name] = (dtype, *tensors[name][1:])
    _weights(adapter, tensors)
    with pytest.raises(AdapterRejected):
        check(adapter, SHAPES)


def _raw(header: str | bytes, data: bytes = b"", length: int | None = None) -> bytes:
    raw = header.encode() if isinstance(header, str) else header
    return struct.pack("<Q", len(raw) if length is None else length) + raw + data


_ENTRY = '{"dtype":"BF16","shape":[2,8],"data_offsets":[0,32]}'


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\x80\x04\x95",
        _raw("{}", length=2**63),
        _raw("{}", length=60_000_000),
        _raw("{}", length=0),
        _raw("[]"),
        _raw("null"),
        _raw("{"),
        _raw('{"a":1}'),
        _raw('{"a":{"dtype":"BF16"}}'),
        _raw("[" * 100_000),
        _raw("{}".encode("utf-16")),
        _raw(f'{{"{MODULE}.lora_A.weight":{_ENTRY},"{MODULE}.lora_A.weight":{_ENTRY}}}', bytes(32)),
        _raw('{"a":{"dtype":"BF16","shape":[2.5],"data_offsets":[0,5]}}', bytes(5)),
        _raw('{"a":{"dtype":"BF16","shape":["2"],"data_offsets":[0,4]}}', bytes(4)),
        _raw('{"a":{"dtype":"BF16","shape":[2],"data_offsets":[-4,0]}}'),
        _raw('{"a":{"dtype":"BF16","shape":[2],"data_offsets":[4,8]}}', bytes(8)),
        _raw('{"a":{"dtype":"BF16","shape":[2],"data_offsets":[0,4,8]}}', bytes(8)),
        _raw('{"a":{"dtype":"BF16","shape":[2],"data_offsets":[0,99999999999]}}', bytes(8)),
        _raw(
            '{"a":{"dtype":"BF16","shape":[2],"data_offsets":[0,4]},'
            '"b":{"dtype":"BF16","shape":[2],"data_offsets":[2,6]}}',
            bytes(6),
        ),
    ],
    ids=range(20),
)
def test_hostile_headers(adapter: Path, content: bytes) -> None:
    (adapter / WEIGHTS).write_bytes(content)
    with pytest.raises(AdapterRejected):
        check(adapter, SHAPES)


def test_every_truncation_and_anything_appended(adapter: Path) -> None:
    whole = (adapter / WEIGHTS).read_bytes()
    for length in range(0, len(whole), 7):
        (adapter / WEIGHTS).write_bytes(whole[:length])
        with pytest.raises(AdapterError):
            check(adapter, SHAPES)
    (adapter / WEIGHTS).write_bytes(whole + b"\0")
    with pytest.raises(AdapterRejected):
        check(adapter, SHAPES)


def test_too_large(adapter: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("penchant_core.adapter_files.MAX_BYTES", 100)
    with pytest.raises(AdapterRejected, match="larger"):
        check(adapter, SHAPES)
