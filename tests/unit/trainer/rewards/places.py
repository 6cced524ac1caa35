"""Cases for checks as they are read: the text stands between « and » in its file."""

from penchant_trainer.units import Event


def cut(case: str) -> tuple[str, str, str]:
    """Return prefix, text and suffix of ``before«text»after``."""
    prefix, _, rest = case.partition("«")
    text, _, suffix = rest.partition("»")
    return prefix, text, suffix


def event(prefix: str, suffix: str, language: str = "python", truth: str | None = None) -> Event:
    return Event("s1", 1, 0.0, "w", "a.py", language, prefix, suffix, (), truth)
