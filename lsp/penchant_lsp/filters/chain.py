"""All filters in their order, by name. Each can be left out, which is how each proves its use."""

from collections.abc import Callable, Set

from penchant_lsp.filters import artefacts, below, repetition, scope, tail, whitespace, worth
from penchant_lsp.filters.surroundings import Surroundings

Filter = Callable[[str, Surroundings], str]

FILTERS: dict[str, Filter] = {
    each.__name__: each
    for each in (
        artefacts.thoughts,
        artefacts.marks,
        artefacts.fences,
        artefacts.path_line,
        artefacts.unseen,
        whitespace.on_this_line,
        whitespace.single_blank,
        scope.one_line,
        scope.whole_lines,
        whitespace.own_indentation,
        whitespace.even_indentation,
        whitespace.one_blank_line,
        repetition.repeated_lines,
        repetition.repeated_blocks,
        repetition.stuttering,
        scope.within_block,
        scope.within_brackets,
        below.lines_below,
        below.similar_below,
        below.paragraph_below,
        repetition.repeated_above,
        repetition.repeated_paragraph,
        tail.without_tail,
        tail.tail_again,
        tail.overlap,
        worth.empty_comment,
        worth.tiny,
        whitespace.ended,
        worth.nothing,
    )
}


def filtered(text: str, around: Surroundings, without: Set[str] = frozenset()) -> str:
    """Return what may be shown of ``text``, or ``""``; ``without`` names filters to leave out."""
    for name, each in FILTERS.items():
        if name not in without:
            text = each(text, around)
        if not text:
            break
    return text
