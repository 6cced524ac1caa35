"""``penchant signals``, run as a user runs it, on real files."""

import stat
from collections.abc import Callable
from pathlib import Path

import pytest
from samples import signal
from unit.core.calls import as_json, run

from penchant_core.adapters import AdapterStore
from penchant_core.signals import Rating
from penchant_core.store import SignalStore

pytestmark = pytest.mark.usefixtures("home")


@pytest.fixture
def three(store: SignalStore) -> SignalStore:
    store.add(signal("a", at=1000.0, retained_chars=30))
    store.add(signal("b", at=90_000.0, kind="rejected", language="go", path="x.go"))
    store.add(signal("c", at=180_000.0, adapter="dev/ada", version="v0001", prefix="\x1b[31mred"))
    store.rate(Rating("a", 1.0, "comparison", 0, (0,), "better"))
    return store


def test_signals_show(three: SignalStore) -> None:
    assert [s["completion"]["id"] for s in as_json("signals", "show")] == ["a", "b", "c"]
    assert [s["completion"]["id"] for s in as_json("signals", "show", "--last", "1")] == ["c"]
    output = run("signals", "show").stdout
    assert "rejected" in output
    assert "\x1b" not in output
    three.erase()
    assert "No signals" in run("signals", "show").stdout


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (("--language", "python"), "ac"),
        (("--path", "src/*"), "ac"),
        (("--path", "x.go"), "b"),
        (("--outcome", "rejected"), "b"),
        (("--since", "1970-01-02"), "bc"),
        (("--since", "1970-01-02", "--language", "python", "--last", "1"), "c"),
        (("--language", "cobol"), ""),
    ],
    ids=str,
)
def test_signals_show_filters(
    three: SignalStore, options: tuple[str, ...], expected: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    import time

    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    found = as_json("signals", "show", *options)
    assert "".join(s["completion"]["id"] for s in found) == expected
    assert ("No signal matches" in run("signals", "show", *options).stdout) == (not expected)
    run("signals", "show", "--outcome", "adored", code=2)


def test_signals_stats(three: SignalStore) -> None:
    three.add(signal("d", kind=None, shown=None, not_shown="late"))
    found = as_json("signals", "stats")
    row = {
        "signals": 4,
        "shown": 3,
        "accepted": 2,
        "rejected": 1,
        "retained_chars": 38,
        "retained_per_shown": pytest.approx(38 / 3),
        "kept_share": None,
    }
    assert {name: found[name] for name in row} == row
    assert set(found) - set(row) == {
        "by_version", "by_language", "by_hour", "by_kind", "by_outcome",
    }  # fmt: skip
    assert found["by_version"]["dev/ada/v0001"]["retained_per_shown"] == 8.0
    assert {name: part["shown"] for name, part in found["by_kind"].items()} == {"go": 1, "py": 2}
    for breakdown in ("version", "language", "hour", "kind"):
        assert sum(part["shown"] for part in found[f"by_{breakdown}"].values()) == 3
        table = run("signals", "stats", "--by", breakdown).stdout
        assert f"{breakdown.upper()} " in table
        assert all(name in table for name in found[f"by_{breakdown}"])
    assert "dev/ada/v0001" in run("signals", "stats").stdout


def test_signals_stats_of_an_empty_log_and_of_odd_names(store: SignalStore) -> None:
    assert "0 signal(s)" in run("signals", "stats").stdout
    for number in range(9):
        store.add(signal(f"c{number}", language=f"\x1b[3{number}m"))
    output = run("signals", "stats").stdout
    assert "\x1b" not in output
    assert "and 4 more: penchant signals stats --by language" in output


def test_export_erase_import_gives_equal_rows(three: SignalStore, tmp_path: Path) -> None:
    file = tmp_path / "mine.jsonl"
    before = [(s.completion, s.outcome) for s in three.signals()]
    ratings = three.ratings()
    assert "3 signal(s)" in run("signals", "export", str(file)).stdout
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert run("signals", "export", "-").stdout == file.read_text()
    assert run("signals", "erase", "--all", "--yes").stdout.startswith("3 signal(s) erased")
    assert run("signals", "export", "-").stdout == ""
    assert "3 signal(s) imported, 0" in run("signals", "import", str(file)).stdout
    assert [(s.completion, s.outcome) for s in three.signals()] == before
    assert three.ratings() == ratings
    assert "0 signal(s) imported, 3" in run("signals", "import", str(file)).stdout


def test_what_cannot_be_exported_or_imported(three: SignalStore, tmp_path: Path) -> None:
    run("signals", "export", str(tmp_path / "no" / "where.jsonl"), code=1)
    bad = tmp_path / "bad.jsonl"
    bad.write_bytes(b"\xff\xfe")
    run("signals", "import", str(bad), code=1)
    bad.write_text('{"schema": 1}\n')
    assert "line 1" in run("signals", "import", str(bad), code=1).stderr


@pytest.mark.parametrize(
    ("options", "left"),
    [
        (("--language", "go"), "ac"),
        (("--path", "src/a.py"), "b"),
        (("--before", "1970-01-02"), "bc"),
        (("--after", "1970-01-02T00:00:00"), "a"),
        (("--after", "1970-01-02", "--before", "1970-01-03"), "ac"),
        (("--workspace", "/nowhere"), "abc"),
    ],
    ids=str,
)
def test_erase_by_criteria(
    three: SignalStore, options: tuple[str, ...], left: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    import time

    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    run("signals", "erase", *options, "--yes")
    assert "".join(s.completion.id for s in three.signals()) == left


def test_erase_asks_and_wants_to_know_what(three: SignalStore) -> None:
    for arguments in ((), ("--all", "--language", "go")):
        run("signals", "erase", "--yes", *arguments, code=2)
    result = run("signals", "erase", "--all", code=1)
    assert "--yes" in result.stderr
    assert len(three) == 3


@pytest.fixture
def nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    """No gateway answers."""
    monkeypatch.setenv("PENCHANT_GATEWAY__PORT", "1")


@pytest.mark.usefixtures("nobody")
def test_erase_withdraws_the_adapters_that_had_learned(
    three: SignalStore, publish: Callable[..., str], adapters: AdapterStore
) -> None:
    first = publish(signal_ids=["a", "z"])
    second = publish(signal_ids=["z"])
    third = publish(signal_ids=["a"])
    for version in (first, second, third):
        adapters.promote("dev/ada", version)
    output = run("signals", "erase", "--path", "src/a.py", "--yes").stdout
    assert "2 adapter version(s)" in output
    assert f"dev/ada  {first}" in output
    assert f"dev/ada  {third}" in output
    assert f"dev/ada: {second} serves now" in output
    assert "A rebuild without them is scheduled" in output
    assert adapters.pointer("dev/ada").version == second
    assert "withdrawn" not in run("signals", "erase", "--language", "go", "--yes").stdout


def test_prune(three: SignalStore) -> None:
    run("config", "set", "signals.retention_days", "1")
    assert run("signals", "prune").stdout.startswith("2 signal(s) erased")
    assert [s.completion.id for s in three.signals()] == ["c"]
