"""Git repositories for tests: real ones, made by git itself, with times and authors as told."""

import os
import subprocess
from pathlib import Path

ADA, BOB = "ada@example.org", "bob@example.org"
DAY_S = 86_400
FIRST = 1_700_000_000


class Repo:
    """A repository below ``path``; each commit is a day after the one before."""

    def __init__(self, path: Path) -> None:
        self.path = path
        path.mkdir(parents=True)
        self.days = 0
        self.git("init", "-q", "-b", "main")

    def git(self, *arguments: str, author: str = ADA) -> str:
        at = f"{FIRST + self.days * DAY_S} +0000"
        identity = {
            "GIT_AUTHOR_NAME": "somebody", "GIT_AUTHOR_EMAIL": author, "GIT_AUTHOR_DATE": at,
            "GIT_COMMITTER_NAME": "somebody", "GIT_COMMITTER_EMAIL": author,
            "GIT_COMMITTER_DATE": at, "GIT_CONFIG_GLOBAL": os.devnull,
        }  # fmt: skip
        done = subprocess.run(
            ["git", *arguments],
            cwd=self.path,
            env={**os.environ, **identity},
            capture_output=True,
            text=True,
            check=True,
        )
        return done.stdout.strip()

    def commit(self, files: dict[str, str], *, author: str = ADA) -> str:
        """Write files, commit them, and return the commit's id."""
        for name, text in files.items():
            path = self.path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        self.days += 1
        self.git("add", "-A")
        self.git("commit", "-q", "--no-gpg-sign", "-m", "work", author=author)
        return self.git("rev-parse", "HEAD")
