"""What the developer says outright: marks, preferences, rankings, and answers to questions.

A judgement waits for its completion to be stored and goes where that goes. A question is chosen
from the signal log when nobody types, a few times a day, and only ever waits: the editor shows a
hint. Every handler tolerates arguments that do not fit. Knows nothing of JSON-RPC.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING, Any

from penchant_core import log
from penchant_core.errors import PenchantError
from penchant_core.signals import Rating
from penchant_lsp.commands import first_object

if TYPE_CHECKING:
    from penchant_core.questions import Question
    from penchant_lsp.session import Parts, Session
    from penchant_lsp.status import Status

ANSWER_S = 1.0
LOOK_S = 1.0
QUIET_S = 5.0
"""How long nothing may have been typed before a question may come."""

RECENT = 200
BUSY_MS = 300
LINES_BEFORE, LINES_AFTER = 12, 4
MOST_CANDIDATES = 64

Answer = dict[str, Any]
Said = tuple[Any, int, tuple[int, ...]]
"""Kind, value and order of a rating."""

NOWHERE: Answer = {"stored": False, "why": "there is no such suggestion"}


class Feedback:
    """The handlers by name, and the watch for a question worth asking."""

    def __init__(self, session: "Session", status: "Status") -> None:
        self._session = session
        self._status = status
        self._looked_at = -1  # signals recorded when the log was last looked at
        self._off = False

    def handlers(self) -> dict[str, Callable[..., Awaitable[Answer]]]:
        """Return name → handler."""
        return {
            "rate": self.rate,
            "prefer": self.prefer,
            "rank": self.rank,
            "question": self.question,
        }

    # -- judgements ------------------------------------------------------------------------

    async def rate(self, *arguments: Any) -> Answer:
        """Mark one candidate as good or bad."""
        asked = first_object(arguments)
        value = {"up": 1, "down": -1}.get(str(asked.get("rating")))
        index = asked.get("index")
        order = () if index is None else _indices([index])
        if value is None or order is None:
            return NOWHERE
        return await self._store(asked, [("direct", value, order)])

    async def prefer(self, *arguments: Any) -> Answer:
        """Prefer one candidate to others."""
        asked = first_object(arguments)
        order = _indices([asked.get("index"), *_list(asked.get("over"))])
        if order is None or len(order) < 2:
            return {"stored": False, "why": "say which candidates it was preferred to"}
        found = await self._store(asked, [("comparison", 0, (order[0], i)) for i in order[1:]])
        self._answered(asked.get("completionId"))
        return found

    async def rank(self, *arguments: Any) -> Answer:
        """Rank several candidates, the best first."""
        asked = first_object(arguments)
        order = _indices(_list(asked.get("order")))
        if order is None or len(order) < 2:
            return {"stored": False, "why": "a ranking names at least two candidates, each once"}
        found = await self._store(asked, [("ranking", 0, order)])
        self._answered(asked.get("completionId"))
        return found

    async def _store(self, asked: Answer, said: Sequence[Said]) -> Answer:
        from penchant_core.ratings import reason_text

        completion_id = asked.get("completionId")
        parts, workspace = self._session.parts, self._status.workspace()
        if parts is None or not isinstance(completion_id, str):
            return NOWHERE
        if not workspace or not parts.permission.records(workspace):
            return {"stored": False, "why": "nothing is recorded in this workspace"}
        following = parts.tracker.following(completion_id)
        reason, now = reason_text(asked.get("reason")), time.time()
        futures = [
            parts.recorder.rate(
                Rating(following or completion_id, now, kind, value, order, reason),
                pending=following is not None,
            )
            for kind, value, order in said
        ]
        if following is not None:
            return {"stored": True, "why": "written once the suggestion's outcome is known"}
        try:
            waiting = asyncio.gather(*map(asyncio.wrap_future, futures))
            stored = all(await asyncio.wait_for(waiting, ANSWER_S))
        except TimeoutError:
            stored = False
        return {"stored": True} if stored else {"stored": False, "why": "it was not recorded"}

    # -- questions -------------------------------------------------------------------------

    async def question(self, *arguments: Any) -> Answer:
        """Tell the question that waits, or find one that the developer asked for; skip; never."""
        action = first_object(arguments).get("action", "get")
        waiting = self._session.question
        if action == "never":
            await self._never()
        elif action == "skip" and waiting is not None:
            self._answered(waiting.completion.id)
        elif action == "get":
            if waiting is None or not self._allowed(waiting):
                self._session.question = await self._find(asked_for=True)
            self._status.changed()
        found = self._session.question
        return {"question": _told(found) if found is not None else None}

    async def watch(self) -> None:
        """Look for a question now and then, for as long as the session lives."""
        await self._session.ready.wait()
        while self._session.parts is not None:
            await asyncio.sleep(LOOK_S)
            await self.consider()

    async def consider(self) -> None:
        """Have a question wait if this is the moment for one and there is one."""
        session = self._session
        if session.question is not None:
            if not self._allowed(session.question):
                session.question = None
                self._status.changed()
            return
        if session.parts is None or not self._calm():
            return
        recorded = session.parts.recorder.recorded
        if recorded == self._looked_at:
            return
        self._looked_at = recorded
        found = await self._find(asked_for=False)
        if found is not None and session.question is None:
            session.question = found
            self._status.changed()

    def _calm(self) -> bool:
        session, parts = self._session, self._session.parts
        asks = parts is not None and parts.config.settings.feedback.ask and not self._off
        quiet = session.clock() - session.typed_at >= QUIET_S
        return asks and quiet and session.presence.focused and not session.paused

    def _allowed(self, question: "Question") -> bool:
        """Whether a question may still be shown: it is its workspace's to say."""
        return question.completion.workspace in self._workspaces()

    def _workspaces(self) -> frozenset[str]:
        """The workspaces of this session whose suggestions may be asked about."""
        session, parts = self._session, self._session.parts
        if parts is None:
            return frozenset()
        roots = session.folders or [root for root in [session.last_path] if root is not None]
        known = [parts.permission.workspace(r) for r in roots if parts.permission.limits(r).ask]
        return frozenset(each for each in known if parts.permission.records(each))

    async def _find(self, *, asked_for: bool) -> "Question | None":
        parts, workspaces = self._session.parts, self._workspaces()
        if parts is None or not workspaces:
            return None
        try:
            return await asyncio.to_thread(_choose, parts, workspaces, counted=not asked_for)
        except (PenchantError, OSError) as error:
            log.failure("no question", error)
            return None

    async def _never(self) -> None:
        parts = self._session.parts
        self._off, self._session.question = True, None
        self._status.changed()
        if parts is None:
            return
        from penchant_core.settings_file import set_value

        try:
            await asyncio.to_thread(
                set_value, parts.config.paths.config_file, "feedback.ask", "false"
            )
        except PenchantError as error:
            self._session.error = f"questions are off for this session only: {error}"
            self._status.changed()

    def _answered(self, completion_id: object) -> None:
        question, parts = self._session.question, self._session.parts
        if question is None or parts is None or question.completion.id != completion_id:
            return
        self._session.question = None
        self._looked_at = parts.recorder.recorded  # the next one comes with new signals
        self._status.changed()
        _note(parts, question.completion.id)


def _choose(parts: "Parts", workspaces: frozenset[str], *, counted: bool) -> "Question | None":
    """Return the best question of the log; on a thread. Counts it against the day if asked to."""
    from penchant_core.question_budget import QuestionBudget
    from penchant_core.questions import questions
    from penchant_core.store import SignalStore

    config = parts.config
    path = config.paths.signal_log(config.settings.developer.name)
    budget = QuestionBudget(config.paths.questions)
    if not path.exists() or (counted and not budget.left(config.settings.feedback.per_day)):
        return None
    with SignalStore(path, busy_ms=BUSY_MS) as store:
        recent = [s for s in store.signals(newest=RECENT) if s.completion.workspace in workspaces]
        found = next(questions(recent, store.ratings(), budget.asked()), None)
    if found is not None and counted:
        budget.note(found.completion.id)
    return found


def _note(parts: "Parts", completion_id: str) -> None:
    """Remember that a question was dealt with, without counting it twice."""
    from penchant_core.question_budget import QuestionBudget

    budget = QuestionBudget(parts.config.paths.questions)
    try:
        if completion_id not in budget.asked():
            budget.note(completion_id)
    except (PenchantError, OSError) as error:
        log.failure("question not noted", error)


def _told(question: "Question") -> Answer:
    where = question.completion
    return {
        "completionId": where.id,
        "path": where.path,
        "language": where.language,
        "before": "\n".join(where.prefix.split("\n")[-LINES_BEFORE:]),
        "after": "\n".join(where.suffix.split("\n")[:LINES_AFTER]),
        "candidates": [
            {"index": index, "text": where.candidates[index].text} for index in question.order
        ],
    }


def _list(value: object) -> list[Any]:
    return value[:MOST_CANDIDATES] if isinstance(value, list) else []


def _indices(values: Sequence[object]) -> tuple[int, ...] | None:
    """Return distinct candidate indices, None when they are not that."""
    found = [v for v in values if isinstance(v, int) and not isinstance(v, bool) and v >= 0]
    return tuple(found) if len(set(found)) == len(values) else None
