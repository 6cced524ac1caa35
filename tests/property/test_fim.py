"""Whatever a developer's text holds: one of each token, and what is next to the cursor survives."""

from hypothesis import given
from hypothesis import strategies as st

from penchant_core.fim import FAMILIES, Budget, FimRenderer, suffix_first
from penchant_core.wire import ContextSnippet

TEMPLATES = [*FAMILIES, *map(suffix_first, FAMILIES)]
MARKS = sorted({mark for template in FAMILIES for mark in template.stops})

pieces = st.one_of(
    st.sampled_from([*MARKS, *(mark[: len(mark) // 2] for mark in MARKS), "\n", "\r\n", "\0"]),
    st.text(max_size=20),
)
texts = st.lists(pieces, max_size=12).map("".join)
budgets = st.builds(Budget, *[st.integers(0, 80)] * 3)


@given(
    st.sampled_from(TEMPLATES),
    budgets,
    texts,
    texts,
    st.lists(st.builds(ContextSnippet, path=st.text(max_size=9), text=texts), max_size=3),
)
def test_exactly_one_of_each_token(template, budget, prefix, suffix, context):
    prompt = FimRenderer(template, budget).render(prefix, suffix, context, prefix[:10])
    for token in template.tokens:
        assert prompt.count(token.lstrip("▁")) == 1
    assert template.end.lstrip("▁") not in prompt
    assert "\0" not in prompt


plain = st.text(st.characters(exclude_characters="\0<>[]|｜"), max_size=200)


@given(st.sampled_from(TEMPLATES), budgets, plain, plain)
def test_the_text_next_to_the_cursor_is_kept_within_the_budget(template, budget, prefix, suffix):
    prompt = FimRenderer(template, budget).render(prefix, suffix)
    head, _, tail = template.layout.partition("{prefix}")
    between = tail.partition("{suffix}")[0] if "{suffix}" in tail else ""
    if template.order == "psm":
        kept = prompt.removeprefix(head).partition(between)[0] if between else None
    else:
        kept = prompt.rpartition(head.rpartition("}")[2])[2]
    assert kept is not None
    assert prefix.endswith(kept)
    assert len(kept) <= budget.prefix_chars
    assert len(kept) >= min(len(prefix), budget.prefix_chars) // 2


@given(st.sampled_from(TEMPLATES), budgets, plain, plain)
def test_rendering_is_pure(template, budget, prefix, suffix):
    renderer = FimRenderer(template, budget)
    assert renderer.render(prefix, suffix) == renderer.render(prefix, suffix)
