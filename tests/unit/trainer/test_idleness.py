"""A run waits for an idle device, says why, and never waits for ever."""

import subprocess
import sys

import pytest
from unit.trainer.gpus import Driver

from penchant_core.settings import Settings
from penchant_trainer import idleness as idle
from penchant_trainer import nvml
from penchant_trainer.idleness import Idleness, Machine
from penchant_trainer.nvml import Gpu
from penchant_trainer.resources import NEEDED_BYTES, SPARED_BYTES, Room, pick, room

GIB = 2**30


class Meter:
    """Devices that do what they are told."""

    def __init__(self, cpu: float = 0.0, gpus: dict[int, Gpu] | None = None) -> None:
        self.used, self.found = cpu, gpus or {}

    def cpu(self) -> float:
        return self.used

    def gpus(self) -> dict[int, Gpu]:
        return self.found


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def idleness(meter: Meter, clock: Clock | None = None, **settings: object) -> Idleness:
    given = {"training": {"device": settings.pop("device", "auto")}, "schedule": settings}
    return Idleness(Settings.model_validate(given), meter, clock=clock or Clock())


def test_the_processor_must_be_left_alone_by_others() -> None:
    meter = Meter(0.71)
    asked = idleness(meter)
    assert asked.hindrance() == "other programs use 71% of the processor"
    meter.used = 0.7
    assert asked.hindrance() is None


@pytest.mark.parametrize(
    ("device", "gpu", "said"),
    [
        ("auto", Gpu(20 * GIB, 24 * GIB, 0.93), "GPU 0 is 93% in use"),
        ("auto", Gpu(20 * GIB, 24 * GIB, 0.1), None),
        ("auto", Gpu(20 * GIB, 24 * GIB, None), None),
        ("auto", Gpu(2 * GIB, 24 * GIB, 0.93), None),  # it would take the processor instead
        ("cuda", Gpu(2 * 10**9, 24 * GIB, 0.0), "GPU 0 has 2.0 GB of memory free, a run wants 6"),
        ("cpu", Gpu(20 * GIB, 24 * GIB, 0.93), None),
        ("cuda:7", Gpu(20 * GIB, 24 * GIB, 0.0), None),  # the run itself says what is wrong
    ],
)
def test_the_gpu_that_would_be_taken_must_be_idle(device: str, gpu: Gpu, said: str | None) -> None:
    assert idleness(Meter(gpus={0: gpu}), device=device).hindrance() == said


def test_nobody_waits_for_ever_and_each_run_waits_anew() -> None:
    clock = Clock()
    asked = idleness(Meter(1.0), clock, max_wait_minutes=10)
    assert asked.hindrance()
    clock.now += 600
    assert asked.hindrance()
    assert asked.waiting_s == 600
    clock.now += 1
    assert asked.hindrance() is None
    asked.begin()
    assert asked.hindrance()


def test_a_pause_of_the_others_ends_the_wait() -> None:
    clock, meter = Clock(), Meter(1.0)
    asked = idleness(meter, clock)
    assert asked.hindrance()
    clock.now += 60
    meter.used = 0.0
    assert asked.hindrance() is None
    assert asked.waiting_s == 0


def test_who_does_not_want_to_wait_asks_nobody() -> None:
    class Broken(Meter):
        def cpu(self) -> float:
            raise AssertionError("asked")

    assert idleness(Broken(), busy=1.0).hindrance() is None


WORKING = """
import sys, time
while time.process_time() < 0.5:
    pass
print(flush=True)
sys.stdin.read()
"""


def test_what_our_own_processes_take_does_not_count() -> None:
    before = idle.own_seconds()
    with subprocess.Popen(
        [sys.executable, "-c", WORKING], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as child:
        assert child.stdout
        child.stdout.readline()
        took = idle.own_seconds() - before
        child.communicate()
    assert took >= 0.4


@pytest.mark.parametrize(
    ("argument", "ours"),
    [
        ("/usr/local/bin/penchant", True),
        ("penchant_server.leash", True),
        ("/home/ada/penchant/.venv/bin/python", False),
        ("code", False),
    ],
)
def test_who_is_one_of_ours(argument: str, ours: bool) -> None:
    assert idle._names_us(argument) is ours


def test_this_machine_can_be_asked() -> None:
    machine = Machine()
    assert 0 <= machine.cpu() <= 1
    assert all(gpu.total_bytes for gpu in machine.gpus().values())


def test_the_driver_is_asked_through_nvml() -> None:
    driver = Driver([(20 * GIB, 24 * GIB, 35), (GIB, 8 * GIB, None)])
    assert nvml.gpus(driver) == {
        0: Gpu(20 * GIB, 24 * GIB, 0.35),
        1: Gpu(GIB, 8 * GIB, None),
    }
    assert driver.open == 0


@pytest.mark.parametrize("fails_at", ["nvmlInit", "nvmlDeviceGetCount", "nvmlDeviceGetMemoryInfo"])
def test_a_driver_that_fails_is_no_gpu(fails_at: str) -> None:
    driver = Driver([(20 * GIB, 24 * GIB, 35)], fails_at)
    assert nvml.gpus(driver) == {}
    assert driver.open == 0


def test_a_run_takes_what_the_engine_has_left() -> None:
    beside_vllm = {0: Gpu(10 * GIB, 24 * GIB, 0.0)}
    device = pick("auto", beside_vllm)
    assert device.kind == "cuda"
    assert device.share * 24 * GIB == pytest.approx(10 * GIB - SPARED_BYTES)
    bound = pick("cuda:0", beside_vllm, Room(most_bytes=6 * GIB))
    assert bound.share == pytest.approx(6 / 24)
    assert pick("auto", {0: Gpu(NEEDED_BYTES - 1, 24 * GIB)}).kind == "cpu"
    assert pick("auto", {0: Gpu(NEEDED_BYTES, 24 * GIB)}).kind == "cuda"
    assert pick("auto", {0: Gpu(24 * GIB, 24 * GIB)}).share < 1


@pytest.mark.parametrize(
    ("engine", "share"),
    [
        ({"kind": "vllm", "gpu_memory_share": 0.6}, 0.4 - SPARED_BYTES / (24 * GIB)),
        ({"kind": "vllm"}, None),  # vLLM takes 0.9 and leaves too little
        ({"kind": "vllm", "url": "http://127.0.0.1:8000"}, 1 - SPARED_BYTES / (24 * GIB)),
        ({"kind": "embedded", "gpu_memory_share": 0.6}, 1 - SPARED_BYTES / (24 * GIB)),
    ],
)
def test_what_the_engine_needs_at_its_next_start_is_left_to_it(
    engine: dict[str, object], share: float | None
) -> None:
    settings = Settings.model_validate({"engine": engine})
    device = pick("auto", {0: Gpu(24 * GIB, 24 * GIB)}, room(settings))
    assert device.kind == ("cpu" if share is None else "cuda")
    assert share is None or device.share == pytest.approx(share)


def test_the_roomiest_gpu_is_taken() -> None:
    found = {0: Gpu(10 * GIB, 24 * GIB), 1: Gpu(20 * GIB, 24 * GIB), 2: Gpu(8 * GIB, 80 * GIB)}
    assert pick("auto", found).index == pick("cuda", found).index == 1
    assert pick("cuda:2", found).share == pytest.approx((8 * GIB - SPARED_BYTES) / (80 * GIB))


def test_who_computes_in_bursts_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(idle, "LEAST_LOOK_S", 0.0)
    uses = iter([0, 90, 0, 0])
    machine = Machine(lambda: nvml.gpus(Driver([(GIB, GIB, next(uses)), (GIB, GIB, None)])))
    found = machine.gpus()
    assert (found[0].busy, found[1].busy) == (0.9, None)
    assert next(uses, None) is None
