"""The progress bar of a run, on stderr; on anything but a terminal it says each phase once."""

from types import TracebackType

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

WORDS = {
    "due": "waiting to begin",
    "collect": "reading your signals",
    "split": "holding out the newest",
    "train_sft": "learning what you wrote",
    "judge_pairs": "asking the judge",
    "train_dpo": "learning what you prefer",
    "train_kto": "learning what you kept and what you refused",
    "train_reward": "learning to judge as you do",
    "train_grpo": "practising in groups",
    "train_ppo": "practising with a critic",
    "evaluate": "trying it on held-out code",
    "gate": "deciding",
    "publish": "publishing",
}


class Bar:
    """A context manager whose ``show`` takes a phase and the share of the run that is done."""

    def __init__(self) -> None:
        self._console = Console(stderr=True)
        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            TaskProgressColumn(),
            TimeElapsedColumn(),
            console=self._console,
            transient=True,
            disable=not self._console.is_terminal,
        )
        self._task = self._progress.add_task("starting", total=1.0)
        self._phase = ""
        self._reason = ""

    def __enter__(self) -> "Bar":
        self._progress.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._progress.stop()

    def show(self, phase: str, done: float) -> None:
        """Show the phase in words and the share of the run that is done."""
        words = WORDS.get(phase, phase)
        if phase != self._phase and not self._console.is_terminal:
            self._console.print(f"{words} ({done:.0%})")
        self._phase, self._reason = phase, ""
        self._progress.update(self._task, description=words, completed=done)

    def wait(self, reason: str) -> None:
        """Show why the run waits, until something is shown again."""
        if reason == self._reason:
            return
        self._reason = reason
        if not self._console.is_terminal:
            self._console.print(f"waiting: {reason}")
        self._progress.update(self._task, description=f"waiting: {reason}")
