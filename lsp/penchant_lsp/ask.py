"""One question about a place in a document, as it was when it was asked.

Says what is sent, and what is stored with the answer. Knows nothing of when to ask or of what to
show.
"""

import time
import uuid
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from penchant_core.signals import Candidate, Completion, Snippet
from penchant_core.text import well_formed
from penchant_lsp.documents import Document
from penchant_lsp.extent import multi_line
from penchant_lsp.filters.surroundings import Surroundings
from penchant_lsp.flight import Origin
from penchant_lsp.habit import Kind, kind_of

if TYPE_CHECKING:
    from penchant_core.settings import Settings
    from penchant_core.wire import CompletionRequest, ServedBy
    from penchant_lsp.session import Parts, Session

MAX_PROMPT_CHARS = 64_000
LONGEST_LINE = 10_000
"""In a longer line nobody writes by hand: nothing is asked there."""


@dataclass(frozen=True, slots=True)
class Ask:
    """One request, as it was when it was made."""

    document: Document
    version: int
    line: int
    character: int
    invoked: bool
    offset: int
    prefix: str
    suffix: str
    left: str
    right: str
    root: Path | None
    path: str
    workspace: str
    consented: bool
    context: tuple[Snippet, ...] = ()
    single: frozenset[Kind] = frozenset()

    @property
    def many(self) -> bool:
        """Whether the completion may have several lines: by syntax first, then by habit.

        ``single`` are the kinds of places where the developer wants one line.
        """
        if not multi_line(self.left, self.right):
            return False
        return kind_of(self.document.language, self.left) not in self.single

    def after(self, text: str, over: int) -> "Ask":
        """Return the same question once ``text`` is accepted in place of ``over`` characters."""
        prefix = self.prefix + text
        return replace(
            self,
            invoked=False,
            offset=self.offset + len(text),
            prefix=prefix,
            suffix=self.suffix[over:],
            left=prefix.rpartition("\n")[2],
            right=self.right[over:],
        )

    @property
    def origin(self) -> Origin:
        """The place that is asked about."""
        return Origin(self.document.uri, self.offset, self.prefix, self.suffix)

    def around(self, *, cut_off: bool) -> Surroundings:
        """Return what the filters look at."""
        return Surroundings(
            self.left,
            self.right,
            self.prefix.rpartition("\n")[0],
            self.suffix.partition("\n")[2],
            many=self.many,
            language=self.document.language,
            path=self.path,
            cut_off=cut_off,
        )

    def wire(self, settings: "Settings", *, n: int, temperature: float) -> "CompletionRequest":
        """Return the request for ``n`` candidates."""
        from penchant_core.wire import CompletionRequest, ContextSnippet, PenchantRequest

        return CompletionRequest(
            prompt=self.prefix,
            suffix=self.suffix,
            max_tokens=settings.completion.max_tokens,
            n=n,
            temperature=temperature,
            stop=None if self.many else ["\n"],
            logprobs=1,
            stream=True,
            penchant=PenchantRequest(
                language=self.document.language[:64],
                path=well_formed(self.path)[-1024:],
                context=[
                    ContextSnippet(path=each.path, text=each.text, why=each.why)
                    for each in self.context
                ],
                developer=settings.developer.name,
            ),
        )

    def completion(
        self,
        candidates: list[Candidate],
        served: "ServedBy | None",
        *,
        developer: str,
        latency_ms: float,
    ) -> Completion:
        """Return what came of it, as it is tracked; without consent it names no workspace."""
        return Completion(
            id=uuid.uuid4().hex,
            at=time.time(),
            developer=developer,
            workspace=self.workspace if self.consented else "",
            path=self.path,
            language=self.document.language,
            prefix=self.prefix,
            suffix=self.suffix,
            candidates=tuple(candidates),
            shown=0,
            context=self.context,
            trigger="invoked" if self.invoked else "automatic",
            latency_ms=round(latency_ms, 2),
            base_fingerprint=served.base_fingerprint if served else "",
            adapter=served.adapter if served else None,
            version=served.version if served else None,
        )


def asked_at(
    session: "Session",
    parts: "Parts",
    document: Document,
    position: tuple[int, int],
    *,
    invoked: bool,
) -> Ask | None:
    """Return the question at a position, or None where none is wanted."""
    from penchant_lsp.permission import file_path, relative, root_of

    line, character = position
    path = file_path(document.uri)
    root = root_of(path, session.folders)
    settings = parts.config.settings.completion
    if not session.completes(document.language, root):
        return None
    if not session.follows(document) or document.line_length(line) > LONGEST_LINE:
        return None
    workspace = "" if root is None else parts.permission.workspace(root)
    consented = bool(workspace) and parts.permission.records(workspace)
    if consented:
        parts.recorder.prepare()
    before = min(settings.prefix_chars, MAX_PROMPT_CHARS)
    after = min(settings.suffix_chars, MAX_PROMPT_CHARS)
    prefix, suffix, left, right = document.around(line, character, before, after)
    return Ask(
        document=document,
        version=document.version,
        line=line,
        character=character,
        invoked=invoked,
        offset=document.offset(line, character),
        prefix=well_formed(prefix),
        suffix=well_formed(suffix),
        left=left,
        right=right,
        root=root,
        path=relative(path, root),
        workspace=workspace,
        consented=consented,
        single=session.habit.single() if settings.extent_by_habit and not invoked else frozenset(),
    )
