"""No workspace file raises, and none loosens anything."""

import tempfile
from pathlib import Path

import tomlkit
from hypothesis import given, settings
from hypothesis import strategies as st

from penchant_core.settings import Settings
from penchant_core.workspace_limits import WorkspaceLimits, workspace_limits

NAMES = [
    f"{section}.{key}"
    for section, field in Settings.model_fields.items()
    for key in field.annotation.model_fields
] + ["consent.at_most", "consent.level"]
values = st.one_of(
    st.booleans(),
    st.integers(-5, 10**6),
    st.sampled_from(["off", "local", "personal", "team", "http://evil"]),
    st.lists(st.sampled_from(["*.py", "x/"]), max_size=2),
    st.dictionaries(st.sampled_from(["python", "go"]), st.booleans(), max_size=2),
)
CONSENT = ["off", "local", "personal", "team"]


def _limits(content: bytes) -> WorkspaceLimits:
    with tempfile.TemporaryDirectory() as directory:
        (Path(directory) / ".penchant.toml").write_bytes(content)
        return workspace_limits(Path(directory))


@given(st.dictionaries(st.sampled_from(NAMES), values, max_size=8))
@settings(deadline=None)
def test_only_the_five_tightening_settings_have_an_effect(chosen):
    document = tomlkit.document()
    for name, value in chosen.items():
        section, _, key = name.partition(".")
        document.setdefault(section, tomlkit.table())[key] = value
    limits = _limits(tomlkit.dumps(document).encode())
    assert limits.enabled is (chosen.get("completion.enabled") is not False)
    assert limits.ask is (chosen.get("feedback.ask") is not False)
    languages = chosen.get("completion.languages")
    off = {k for k, on in languages.items() if not on} if isinstance(languages, dict) else set()
    assert limits.languages_off == off
    ignored = chosen.get("signals.ignore")
    assert limits.ignore == (tuple(ignored) if isinstance(ignored, list) else ())
    most = chosen.get("consent.at_most", "team")
    assert limits.consent == (most if most in CONSENT else "off")


@given(st.binary(max_size=300))
@settings(deadline=None)
def test_no_bytes_raise(content):
    limits = _limits(content)
    assert limits.consent in CONSENT
