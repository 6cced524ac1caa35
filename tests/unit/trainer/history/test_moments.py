"""Moments of typing from real commits: what stands before and after, and that no future leaks."""

from pathlib import Path

import pytest
from unit.trainer.history.repositories import ADA, BOB, DAY_S, FIRST, Repo

from penchant_core.errors import TrainError
from penchant_trainer.history.lessons import lessons
from penchant_trainer.history.moments import MOST_LINES, moments
from penchant_trainer.history.repository import Change, Repository

FIRST_TEXT = """\
import json


def load(path):
    with open(path) as file:
        return json.load(file)


def names(rows):
    return [row["name"] for row in rows]
"""


def numbered(before: str, number: int) -> str:
    """Return a text with lines put in at its middle and its end, each known by its number."""
    lines = before.split("\n")
    middle = len(lines) // 2
    inside = [f"def inner_{number}_{name}(value_{number}):" for name in "abc"]
    inside = [part for line in inside for part in (line, f"    return value_{number} + {number}")]
    tail = [f"last_{number} = inner_{number}_a({number})", ""]
    return "\n".join([*lines[:middle], *inside, *lines[middle:-1], *tail])


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    made = Repo(tmp_path / "work")
    text = FIRST_TEXT
    made.commit({"shop/prices.py": text})
    for number in range(1, 6):
        text = numbered(text, number)
        made.commit({"shop/prices.py": text}, author=BOB if number == 3 else ADA)
    return made


def changes(repo: Repo, authors: list[str]) -> list[Change]:
    """Return what the authors did to the one file, oldest first."""
    repository = Repository(repo.path)
    with repository.blobs() as blobs:
        every = [repository.changes(c, [".py"], blobs) for c in repository.commits(authors)]
    return [change for of_commit in every for change in of_commit]


def test_what_was_written_later_is_in_no_moment(repo: Repo) -> None:
    seen = 0
    for number, change in enumerate(changes(repo, [ADA, BOB])):
        for moment in moments(change):
            seen += 1
            around = moment.prefix + moment.suffix
            assert not any(f"_{later}" in around for later in range(number + 1, 9))
            # Of its own commit only what stands above the cursor.
            assert f"_{number}" not in moment.suffix or number == 0
            assert change.after.startswith(moment.prefix + moment.truth)
            assert ("\n" + change.before).endswith(moment.suffix)
    assert seen > 10


def test_a_moment_asks_for_a_line_or_a_short_block_that_was_typed(repo: Repo) -> None:
    for change in changes(repo, [ADA]):
        for moment in moments(change):
            assert len(moment.truth.strip()) >= 3
            assert moment.truth.count("\n") < MOST_LINES
            assert moment.truth.split("\n")[0] not in change.before.split("\n")


def test_the_same_history_gives_the_same_moments(repo: Repo) -> None:
    one = lessons(Repository(repo.path), [ADA], most=50)
    other = lessons(Repository(repo.path), [ADA], most=50)
    assert one == other
    assert len({event.signal_id for event in one.events}) == len(one.events)


def test_only_the_authors_own_lines_are_learned_newest_kept(repo: Repo) -> None:
    repository = Repository(repo.path)
    assert repository.authors() == {ADA: 5, BOB: 1}
    own = lessons(repository, [BOB.upper()], most=50)
    assert own.commits == 1
    assert {event.at for event in own.events} == {FIRST + 4 * DAY_S}
    few = lessons(repository, [ADA], most=5)
    assert len(few.events) == 5
    assert [event.at for event in few.events] == sorted(event.at for event in few.events)
    assert max(event.at for event in few.events) == FIRST + 6 * DAY_S


def test_newer_lines_weigh_more(repo: Repo) -> None:
    found = lessons(Repository(repo.path), [ADA], most=50).events
    weights = [event.examples[0].weight for event in found]
    assert weights == sorted(weights)
    assert weights[0] < weights[-1]


def test_secrets_ignored_and_generated_files_teach_nothing(repo: Repo) -> None:
    token = "ghp_" + "0123456789abcdefghijABCDEFGHIJ012345"
    body = "".join(f"value_{name} = compute({name})\n" for name in "abcdefghijklmno")
    repo.commit(
        {
            "a.py": f'{body}TOKEN = "{token}"\n',
            "secrets.py": body,
            "schema_pb2.py": body,
            "vendor/b.py": body,
            "notes.txt": body,
        }
    )
    newest = FIRST + repo.days * DAY_S
    found = lessons(Repository(repo.path), [ADA], most=500, since=newest)
    assert found.left_out == {"secret": 1, "ignored": 1, "generated": 1, "vendored": 1}
    assert not any(token in event.prefix + str(event.truth) for event in found.events)


def test_merges_robots_and_giant_commits_are_left_out(repo: Repo) -> None:
    repo.git("checkout", "-q", "-b", "side", "HEAD~2")
    repo.commit({"side.py": FIRST_TEXT})
    repo.git("checkout", "-q", "main")
    repo.git("merge", "-q", "--no-ff", "-m", "merge", "side")
    repo.commit({f"many/file_{i}.py": FIRST_TEXT for i in range(40)})
    repo.commit({"robot.py": FIRST_TEXT}, author="49699333+dependabot[bot]@example.org")
    repository = Repository(repo.path)
    commits = repository.commits([ADA, "49699333+dependabot[bot]@example.org"])
    assert len(commits) == 7  # five before, one beside, one giant
    found = lessons(repository, [ADA], most=500)
    assert found.left_out["giant commit"] == 1
    assert not any(event.path.startswith("many/") for event in found.events)


def test_a_repositorys_own_settings_run_nothing(repo: Repo, tmp_path: Path) -> None:
    trap = tmp_path / "trap"
    program = tmp_path / "program.sh"
    program.write_text(f"#!/bin/sh\ntouch {trap}\ncat\n")
    program.chmod(0o755)
    for name in ("diff.external", "core.fsmonitor", "diff.trap.textconv", "diff.trap.command"):
        repo.git("config", name, str(program))
    (repo.path / ".gitattributes").write_text("*.py diff=trap\n")
    assert lessons(Repository(repo.path), [ADA], most=50).events
    assert not trap.exists()


def test_a_directory_without_git_is_named(tmp_path: Path) -> None:
    with pytest.raises(TrainError, match="no git repository"):
        Repository(tmp_path)
