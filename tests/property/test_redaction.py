"""A secret is found wherever it stands between ordinary text."""

from hypothesis import given
from hypothesis import strategies as st

from penchant_core.redaction import rules, secret_in

SAMPLES = [sample for rule in rules() for sample in rule.samples]
around = st.text(st.characters(codec="utf-8"), max_size=40)


@given(st.sampled_from(SAMPLES), around, around)
def test_found_on_a_line_of_its_own_between_any_text(sample, before, after):
    assert secret_in([f"{before}\n{sample}\n{after}"]) is not None


@given(st.lists(st.text(max_size=80), max_size=4))
def test_no_text_raises(texts):
    secret_in(texts)
