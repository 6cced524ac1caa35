"""Lets the scripted developer write against the user's own running gateway.

For trying things out: the signals are recorded where the user's own would be, under the user's own
consent level of a throw-away workspace. Knows nothing of training.
"""

import asyncio
import tempfile
from itertools import islice
from pathlib import Path
from typing import Any

from penchant_core.config import load
from penchant_core.errors import PenchantError
from penchant_trainer.demo.code import LEARNING_NOUNS, endless
from penchant_trainer.demo.developer import Developer
from penchant_trainer.demo.editor import Editor
from penchant_trainer.demo.story import QUIET_S, settled


def seed(count: int) -> dict[str, Any]:
    """Write modules until ``count`` suggestions were shown; return how many, and how many taken.

    Raises PenchantError when the gateway shows too few, so that nobody waits for ever.
    """
    return asyncio.run(_write(count, load().settings.gateway.address))


async def _write(count: int, url: str) -> dict[str, Any]:
    environment = {"PENCHANT_TRACKER__QUIET_S": str(QUIET_S), "PENCHANT_GATEWAY__URL": url}
    with tempfile.TemporaryDirectory(prefix="penchant-") as folder:
        async with Editor(Path(folder), environment) as editor:
            await editor.consent("local")
            person = Developer(editor)
            for module in islice(endless(LEARNING_NOUNS), count):
                if len(person.moments) >= count:
                    break
                await person.write(module)
            await settled(editor)
    if len(person.moments) < count:
        raise PenchantError(
            f"only {len(person.moments)} of {count} suggestions were shown; "
            "`penchant doctor` says whether the gateway answers"
        )
    taken = sum(moment.action != "typed over" for moment in person.moments)
    return {"shown": len(person.moments), "taken": taken}
