"""Settings of the trainer's schedule (the section ``schedule``): when a run may begin, what it may
take, and whether it draws curves.

What starts a run stands in the section ``training``. Knows nothing of how anything is measured.
"""

from pydantic import Field

from penchant_core.section import Section


class ScheduleSettings(Section):
    """When a run may begin by itself, and how much time and memory it may take."""

    busy: float = Field(
        default=0.7, gt=0, le=1, description="Runs wait while others use more of the device; 1: no"
    )
    max_wait_minutes: float = Field(
        default=120.0, ge=0, description="Longest wait for an idle device; then a run begins"
    )
    max_minutes: float = Field(default=480.0, ge=0, description="Longest work of a run; 0: no end")
    max_memory_mb: int = Field(
        default=0, ge=0, description="Most memory of a run (MiB); 0: three quarters of all"
    )
    tensorboard: bool = Field(default=True, description="Draw each run's curves for TensorBoard")
