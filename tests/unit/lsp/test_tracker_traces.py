"""Scripted edit traces with the true label of each: a benchmark of outcome detection of its own.

A row is a text with the caret, what was suggested, what happened then, and what became of it. The
rows cover every outcome and the corner cases that are known to mislead: line ends, surrogates,
brackets that close themselves, formatters, undo, pastes, other cursors, other places.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from unit.lsp.typist import Typist

from penchant_core.signals import OutcomeKind as K

BODY = "def total(prices):\n    return |\n\nprint(total([1]))\n"


@dataclass
class Row:
    name: str
    story: Callable[[Typist], Any]
    kind: K
    text: str = BODY
    expect: dict[str, Any] = field(default_factory=dict)
    flags: set[str] = field(default_factory=set)


ROWS: list[Row] = []


def row(kind: K, *flags: str, text: str = BODY, **expect: Any) -> Callable[..., Any]:
    def add(story: Callable[[Typist], Any]) -> Callable[[Typist], Any]:
        ROWS.append(Row(story.__name__, story, kind, text, expect, set(flags)))
        return story

    return add


# -- accepted ------------------------------------------------------------------------------


@row(K.ACCEPTED, accepted_chars=11, retained_chars=11, final_text="sum(prices)", kept=1.0)
def accepted_with_its_command(t: Typist) -> None:
    t.offer("sum(prices)")
    t.accept()


@row(K.ACCEPTED, "inferred", accepted_chars=11, kept=1.0)
def accepted_as_one_insertion_without_a_command(t: Typist) -> None:
    t.offer("sum(prices)")
    t.accept(command=False)


@row(K.ACCEPTED, accepted_chars=11)
def command_before_the_edit(t: Typist) -> None:
    t.offer("sum(prices)")
    t.command()
    t.insert("sum(prices)")


@row(K.ACCEPTED, accepted_chars=11)
def typed_a_little_then_accepted_the_rest(t: Typist) -> None:
    t.offer("sum(prices)")
    t.type("sum")
    t.accept(typed=3)


@row(K.ACCEPTED, accepted_chars=11)
def typed_a_little_then_accepted_by_replacing_what_was_typed(t: Typist) -> None:
    t.offer("sum(prices)")
    t.type("su")
    t.edit((t.caret - 2, t.caret, "sum(prices)"))
    t.command()


@row(K.ACCEPTED, retained_chars=11, final_text="sum(prices)")
def what_is_written_after_it_is_not_an_edit_of_it(t: Typist) -> None:
    t.offer("sum(prices)")
    t.accept()
    t.type("\nx = 1")


@row(K.ACCEPTED, final_text="sum(prices)")
def what_is_written_before_it_is_not_an_edit_of_it(t: Typist) -> None:
    t.offer("sum(prices)")
    t.accept()
    t.move("return ")
    t.type("1 + ")


@row(K.ACCEPTED, final_text="sum(prices)")
def edits_above_move_the_anchors(t: Typist) -> None:
    t.offer("sum(prices)")
    t.accept()
    t.replace("def total", "import os\n\n\ndef grand_total")


@row(K.ACCEPTED, "formatted", kept=1.0, final_text='"a", "b"')
def a_formatter_in_many_small_edits(t: Typist) -> None:
    t.offer("'a','b'")
    t.accept()
    at = t.caret - 7
    t.edit((at + 4, at + 7, ' "b"'), (at, at + 3, '"a"'))


@row(K.ACCEPTED, "formatted", kept=1.0, final_text="sum( prices )")
def a_formatter_that_sends_the_whole_text(t: Typist) -> None:
    t.offer("sum(prices)")
    t.accept()
    t.whole("def total( prices ):\n    return sum( prices )\n\n\nprint( total( [1] ) )\n")


@row(K.ACCEPTED, "formatted", kept=1.0)
def a_client_that_says_it_is_formatting(t: Typist) -> None:
    t.offer("sum( prices )")
    t.accept()
    t.whole(t.document.text.replace("( prices )", "(prices)"), reason="formatted")


@row(K.ACCEPTED, "renamed", kept=1.0, final_text="sum(costs)")
def a_rename_in_several_places(t: Typist) -> None:
    t.offer("sum(prices)")
    t.accept()
    text = t.document.text
    second = text.rindex("prices")
    first = text.index("prices")
    t.edit((second, second + 6, "costs"), (first, first + 6, "costs"))


@row(K.ACCEPTED, "redo")
def undone_and_redone(t: Typist) -> None:
    t.offer("sum(prices)")
    t.accept()
    t.undo(told=True)
    t.redo(told=True)


@row(K.ACCEPTED)
def edited_and_the_edit_undone(t: Typist) -> None:
    t.offer("sum(prices)")
    t.accept()
    t.replace("sum", "max")
    t.undo()


@row(K.ACCEPTED, text="x = |\r\ny = 2\r\n", final_text="[\n    1,\n]")
def several_lines_in_a_crlf_document(t: Typist) -> None:
    t.offer("[\n    1,\n]")
    t.accept()


@row(K.ACCEPTED, text="s = '\U0001f600\U0001f600' + |\n", final_text="name")
def behind_surrogate_pairs(t: Typist) -> None:
    t.offer("name")
    t.accept()


@row(K.ACCEPTED, text="print(|)\n", final_text="name)")
def replaces_the_bracket_that_closed_itself(t: Typist) -> None:
    t.offer("name)", over=1)
    t.edit((t.caret, t.caret + 1, "name)"))
    t.command()


@row(K.ACCEPTED, text="x = 1\n|x = 2\n", final_text="x = 1\n")
def a_client_that_reports_insertions_as_far_right_as_they_fit(t: Typist) -> None:
    t.offer("x = 1\n")
    t.edit((t.caret + 4, t.caret + 4, "1\nx = "))
    t.command()


@row(K.ACCEPTED, accepted_chars=3, text="x = |\n")
def the_second_candidate(t: Typist) -> None:
    t.offer("one", "two", "three")
    t.tracker.shown("c0", 0)
    t.tracker.shown("c0", 1)
    t.accept(1)


@row(K.ACCEPTED, "late", text="x = |\n")
def a_command_whose_text_never_came_as_suggested(t: Typist) -> None:
    t.offer("[one, two]")
    t.command()
    t.insert("[one,  two]")


@row(K.ACCEPTED, final_text="sum(prices)")
def with_the_same_edit_at_two_cursors(t: Typist) -> None:
    t.offer("sum(prices)")
    end = len(t.document.text)
    t.edit((end, end, "sum(prices)"), (t.caret, t.caret, "sum(prices)"))
    t.command()


@row(K.ACCEPTED, kept=1.0)
def sent_as_the_whole_text(t: Typist) -> None:
    t.offer("sum(prices)")
    t.whole(t.document.text.replace("return ", "return sum(prices)"))
    t.command()


# -- accepted and edited -------------------------------------------------------------------


@row(K.ACCEPTED_EDITED, accepted_chars=11, final_text="max(prices)")
def its_beginning_was_deleted_and_written_anew(t: Typist) -> None:
    t.offer("sum(prices)")
    t.accept()
    t.move("return sum")
    t.back(3)
    t.type("max")


@row(K.ACCEPTED_EDITED, accepted_chars=11, final_text="max(prices)", kept=0.75)
def accepted_then_one_word_changed(t: Typist) -> None:
    t.offer("sum(prices)")
    t.accept()
    t.replace("sum", "max")


@row(K.ACCEPTED_EDITED, final_text="sum(prices[1:])")
def accepted_then_something_put_in_the_middle(t: Typist) -> None:
    t.offer("sum(prices)")
    t.accept()
    t.move("sum(prices")
    t.type("[1:]")


@row(K.ACCEPTED_EDITED, final_text="sum(prices", kept=0.75)
def accepted_then_its_end_deleted(t: Typist) -> None:
    t.offer("sum(prices)")
    t.accept()
    t.back(1)


@row(K.ACCEPTED_EDITED, "typed_through", final_text="sam(prices)")
def typed_through_then_changed(t: Typist) -> None:
    t.offer("sum(prices)")
    t.type("sum(prices)")
    t.replace("sum", "sam")


@row(K.ACCEPTED_EDITED, "foreign")
def accepted_then_a_large_paste_into_it(t: Typist) -> None:
    t.offer("sum(prices)")
    t.accept()
    t.move("sum(")
    t.insert("the_price_of(each, currency='EUR', day=today) for each in ")


# -- typed through -------------------------------------------------------------------------


@row(K.TYPED_THROUGH, accepted_chars=11, retained_chars=11)
def typed_by_hand(t: Typist) -> None:
    t.offer("sum(prices)")
    t.type("sum(prices)")


@row(K.TYPED_THROUGH)
def typed_by_hand_while_brackets_close_themselves(t: Typist) -> None:
    t.offer("sum(prices)")
    t.type("sum")
    t.insert("()", stay=1)
    t.type("prices")


@row(K.TYPED_THROUGH, text="if x:|\n")
def typed_by_hand_with_an_automatic_indent(t: Typist) -> None:
    t.offer("\n    go()")
    t.insert("\n    ")
    t.type("go()")


@row(K.TYPED_THROUGH)
def typed_by_hand_with_a_slip_in_between(t: Typist) -> None:
    t.offer("sum(prices)")
    t.type("sun")
    t.back(1)
    t.type("m(prices)")


@row(K.TYPED_THROUGH)
def typed_by_hand_while_shown_again_at_every_key(t: Typist) -> None:
    t.offer("sum(prices)")
    for index, character in enumerate("sum(prices)"):
        t.type(character)
        if index < 10:
            assert t.offer("sum(prices)"[index + 1 :]) == "c0"


# -- partially accepted --------------------------------------------------------------------


@row(K.PARTIALLY_ACCEPTED, "inferred", accepted_chars=6, final_text="prices.mean()")
def one_word_then_something_else(t: Typist) -> None:
    t.offer("prices.sum()")
    t.insert("prices")
    t.type(".mean()")


@row(K.PARTIALLY_ACCEPTED, accepted_chars=6)
def one_word_as_the_editor_says(t: Typist) -> None:
    t.offer("prices.sum()")
    t.insert("prices")
    t.tracker.partly_accepted("c0", 0, 6, t.now)


@row(K.PARTIALLY_ACCEPTED, "inferred", accepted_chars=7, text="x = |\n")
def the_first_of_two_lines(t: Typist) -> None:
    t.offer("f(a, b)\ng(c)")
    t.insert("f(a, b)")


@row(K.ACCEPTED, accepted_chars=12)
def word_by_word_to_the_end(t: Typist) -> None:
    t.offer("prices.sum()")
    t.insert("prices")
    t.insert(".sum")
    t.insert("()")
    t.command()


@row(K.UNDONE, accepted_chars=6)
def one_word_and_taken_back(t: Typist) -> None:
    t.offer("prices.sum()")
    t.insert("prices")
    t.undo()


# -- rejected ------------------------------------------------------------------------------


@row(K.REJECTED, instead="max(prices)", accepted_chars=0, at=6000.05)
def something_else_was_written(t: Typist) -> None:
    t.offer("sum(prices)")
    t.type("max(prices)")


@row(K.REJECTED, instead="sum(costs)")
def began_alike_and_went_another_way(t: Typist) -> None:
    t.offer("sum(prices)")
    t.type("sum(costs)")


@row(K.REJECTED, instead="max(prices)")
def something_else_with_brackets_that_close_themselves(t: Typist) -> None:
    t.offer("sum(prices)")
    t.type("max")
    t.insert("()", stay=1)
    t.type("prices")
    t.caret += 1


@row(K.REJECTED, instead="[\n        each\n    ]")
def something_else_over_several_lines(t: Typist) -> None:
    t.offer("sum(prices)")
    t.type("[")
    t.insert("\n        ")
    t.type("each")
    t.insert("\n    ")
    t.type("]")


@row(K.REJECTED, "foreign", instead="")
def something_else_was_pasted(t: Typist) -> None:
    t.offer("sum(prices)")
    t.insert("functools.reduce(operator.add, prices, 0)  # from somewhere else")


@row(K.REJECTED, "assisted", instead="max(prices)")
def another_suggestion_helped(t: Typist) -> None:
    t.offer("sum(prices)")
    t.type("m")
    t.offer("ax(prices)")
    t.accept()


@row(K.REJECTED, "prefix_edited", instead="", text="value = foo|\n")
def what_stood_before_was_rewritten_too(t: Typist) -> None:
    t.offer(".bar()")
    t.back(3)
    t.type("baz()")


@row(K.REJECTED, instead="max(prices)")
def other_edits_in_between(t: Typist) -> None:
    t.offer("sum(prices)")
    t.type("max(")
    t.replace("def total", "def biggest")
    t.type("prices)")


# -- undone --------------------------------------------------------------------------------


@row(K.UNDONE, "undo", accepted_chars=11, retained_chars=0, kept=0.0)
def accepted_and_undone(t: Typist) -> None:
    t.offer("sum(prices)")
    t.accept()
    t.undo(told=True)


@row(K.UNDONE, "undo")
def accepted_and_undone_without_a_hint(t: Typist) -> None:
    t.offer("sum(prices)")
    t.accept()
    t.undo()


@row(K.UNDONE, instead="max(prices)")
def undone_and_something_else_written(t: Typist) -> None:
    t.offer("sum(prices)")
    t.accept()
    t.undo()
    t.type("max(prices)")


@row(K.UNDONE)
def accepted_and_deleted_by_hand(t: Typist) -> None:
    t.offer("sum(prices)")
    t.accept()
    t.delete(11)


@row(K.UNDONE)
def typed_a_little_accepted_and_undone(t: Typist) -> None:
    t.offer("sum(prices)")
    t.type("su")
    t.accept(typed=2)
    t.undo()


# -- ignored -------------------------------------------------------------------------------


@row(K.IGNORED, accepted_chars=0, instead="")
def nothing_happened(t: Typist) -> None:
    t.offer("sum(prices)")


@row(K.IGNORED, "dismissed")
def dismissed_with_escape(t: Typist) -> None:
    t.offer("sum(prices)")
    t.tracker.dismissed("c0", t.now)


@row(K.IGNORED)
def worked_elsewhere(t: Typist) -> None:
    t.offer("sum(prices)")
    t.move("print(total([1]))")
    t.type("\nprint(2)")


@row(K.IGNORED)
def a_slip_that_was_taken_back(t: Typist) -> None:
    t.offer("sum(prices)")
    t.type("mx")
    t.back(2)


@row(K.IGNORED)
def only_a_beginning_was_typed(t: Typist) -> None:
    t.offer("sum(prices)")
    t.type("su")


@row(K.IGNORED, "superseded")
def another_text_at_the_same_place(t: Typist) -> None:
    t.offer("sum(prices)")
    t.offer("max(prices)")


@row(K.IGNORED)
def a_formatter_around_it(t: Typist) -> None:
    t.offer("sum(prices)")
    t.edit((0, 3, "def "), (0, 4, "def"))


@row(K.IGNORED)
def closed_without_a_word(t: Typist) -> None:
    t.offer("sum(prices)")
    t.close()


# -- censored ------------------------------------------------------------------------------


@row(K.CENSORED, "external")
def another_branch_was_checked_out(t: Typist) -> None:
    t.offer("sum(prices)")
    t.accept()
    t.whole("\n".join(f"line {number} of another branch" for number in range(30)))


@row(K.CENSORED, "external")
def the_client_says_it_came_from_outside(t: Typist) -> None:
    t.offer("sum(prices)")
    t.whole(t.document.text.replace("return ", "return max(prices)"), reason="external")


@row(K.CENSORED, "external")
def opened_again_without_a_close(t: Typist) -> None:
    t.offer("sum(prices)")
    t.accept()
    t.tracker.open("file:///w/a.py", t.document.text, t.now)


@row(K.CENSORED, "closed")
def closed_right_after_accepting(t: Typist) -> None:
    t.offer("sum(prices)")
    t.accept()
    t.close()


@row(K.CENSORED, "closed")
def closed_unsaved_while_writing_something_else(t: Typist) -> None:
    t.offer("sum(prices)")
    t.type("max(")
    t.close()


@row(K.ACCEPTED, "closed")
def saved_and_closed_after_accepting(t: Typist) -> None:
    t.offer("sum(prices)")
    t.accept()
    t.save()
    t.close()


@pytest.mark.parametrize("case", ROWS, ids=lambda case: case.name)
def test_trace(case: Row) -> None:
    typist = Typist(case.text)
    case.story(typist)
    settled = typist.end()
    outcome = settled["c0"].outcome
    assert outcome is not None
    assert outcome.kind is case.kind, outcome
    for name, value in case.expect.items():
        assert getattr(outcome, name) == value, outcome
    assert case.flags <= set(outcome.flags), outcome
    assert len(settled) == len({*typist.ids}), "one outcome for each showing"


def test_there_are_rows_for_every_outcome() -> None:
    assert {case.kind for case in ROWS} == set(K)
    assert len(ROWS) >= 40


def test_the_same_text_after_an_undo_is_another_showing() -> None:
    typist = Typist(BODY)
    typist.offer("sum(prices)")
    typist.accept()
    typist.undo()
    assert typist.offer("sum(prices)") == "c1"
    typist.accept()
    settled = typist.end()
    assert settled["c0"].outcome.kind is K.UNDONE
    assert settled["c1"].outcome.kind is K.ACCEPTED
