"""A run ends at its limits: in time to be judged, or with a sentence that says what to raise."""

import os
import resource
import subprocess
import sys

import pytest

from penchant_core.schedule_settings import ScheduleSettings
from penchant_trainer.limits import LimitReached, Limits, private_bytes
from penchant_trainer.resources import Device

CPU = Device("cpu")


class Clock:
    now = 50.0

    def __call__(self) -> float:
        return self.now


def limits(clock: Clock | None = None, memory: int = 0, **settings: object) -> Limits:
    schedule = ScheduleSettings.model_validate(settings)
    return Limits(schedule, clock=clock or Clock(), memory=lambda: memory)


def test_trainings_end_in_time_to_be_judged_and_the_run_ends_at_last() -> None:
    clock = Clock()
    held = limits(clock, max_minutes=10)
    clock.now += 7 * 60 - 1
    assert not held.training_over
    held.pause(30.0)  # the developer wrote
    clock.now += 30
    assert not held.training_over
    clock.now += 2
    assert held.training_over
    held.check()
    clock.now += 3 * 60
    with pytest.raises(LimitReached, match=r"schedule\.max_minutes \(10\)"):
        held.check()


def test_without_a_limit_of_time_there_is_no_end() -> None:
    clock = Clock()
    held = limits(clock, max_minutes=0)
    clock.now += 1e9
    held.check()
    assert not held.training_over


def test_memory_is_watched() -> None:
    limits(memory=100 * 2**20, max_memory_mb=100).check()
    with pytest.raises(LimitReached, match=r"100 MiB \(schedule\.max_memory_mb\)"):
        limits(memory=100 * 2**20 + 1, max_memory_mb=100).check()
    with pytest.raises(LimitReached, match="three quarters of the memory"):
        limits(memory=2**60).check()


def test_what_one_process_holds_grows_with_it() -> None:
    before = private_bytes()
    held = bytearray(os.urandom(2**20)) * 64
    assert 60 * 2**20 < private_bytes() - before < 80 * 2**20
    assert held


HUNGRY = """
from penchant_core.schedule_settings import ScheduleSettings
from penchant_trainer.limits import LimitReached, Limits
from penchant_trainer.resources import Device
limits = Limits(ScheduleSettings(max_memory_mb=64))
try:
    with limits.enforced(Device("cpu")):
        bytearray(3 * 2**30)
except LimitReached as error:
    print(error)
bytearray(3 * 2**30)
print("more is allowed again")
"""


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel's limit is Linux's")
def test_the_kernel_refuses_what_is_far_beyond() -> None:
    done = subprocess.run(
        [sys.executable, "-c", HUNGRY], capture_output=True, text=True, check=True, timeout=60
    )
    said, after = done.stdout.splitlines()
    assert "more memory than 64 MiB" in said
    assert "raise schedule.max_memory_mb" in said
    assert after == "more is allowed again"


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (MemoryError(), "more memory than"),
        (RuntimeError("[enforce fail] DefaultCPUAllocator: can't allocate memory"), "more memory"),
        (RuntimeError("shapes do not fit"), None),
    ],
)
def test_only_a_lack_of_memory_is_told_as_one(error: Exception, told: str | None) -> None:
    before = resource.getrlimit(resource.RLIMIT_DATA)
    with (
        pytest.raises(LimitReached if told else RuntimeError, match=told),
        limits().enforced(CPU),
    ):
        raise error
    assert resource.getrlimit(resource.RLIMIT_DATA) == before


def test_on_a_gpu_the_share_is_named_and_the_kernels_limit_is_not_set() -> None:
    before = resource.getrlimit(resource.RLIMIT_DATA)
    with (
        pytest.raises(LimitReached, match=r"25% of GPU 1's memory.*engine\.gpu_memory_share"),
        limits(max_memory_mb=1).enforced(Device("cuda", 1, share=0.25)),
    ):
        assert resource.getrlimit(resource.RLIMIT_DATA) == before
        raise RuntimeError("CUDA out of memory. Tried to allocate 2 GiB")
