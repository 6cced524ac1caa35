"""The first step: from the machine's Python sources to two files of clean text.

``corpus/train.jsonl`` and ``corpus/held_out.jsonl`` hold one file per line; ``manifest.json`` names
every package with version, licence and role, what was refused and why files were dropped. Held-out
packages come first, so that whatever resembles them is dropped from training, never the reverse.
Knows nothing of tokens.
"""

import json
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from penchant_core.errors import TrainError
from penchant_core.paths import private_directory, write_private
from penchant_trainer.pretrain.cleaning import clean, refusal
from penchant_trainer.pretrain.minhash import NearDuplicates, Signature, signature
from penchant_trainer.pretrain.recipe import CorpusPart
from penchant_trainer.pretrain.sources import STDLIB, Package, packages

WINDOW_LINES = 6
MAX_SHARED_WINDOWS = 0.1


@dataclass(frozen=True, slots=True)
class Document:
    """One clean source file."""

    package: str
    path: str
    text: str


@dataclass(frozen=True, slots=True)
class _Read:
    document: Document
    signed: Signature
    problem: str | None


def build(run: Path, part: CorpusPart, directories: Sequence[Path], workers: int) -> dict[str, Any]:
    """Write the corpus below ``run`` and return its manifest.

    ``directories`` are further site-packages to read. Raises TrainError when a package that
    should be held out is not installed.
    """
    taken, refused = packages(directories)
    have = {package.name for package in taken}
    missing = sorted(set(part.held_out) - have)
    if missing:
        raise TrainError(
            f"the recipe holds out {', '.join(missing)}, which are not among the sources; "
            "install them or take them off held_out"
        )
    with ProcessPoolExecutor(workers) as pool:
        sift = _Sift(part, pool)
        held_out = sift.held_out([p for p in taken if p.name in part.held_out])
        used = [p for p in taken if p.name not in {*part.held_out, *part.excluded}]
        train = sift.train(used)
    place = private_directory(run / "corpus")
    _write(place / "held_out.jsonl", held_out)
    _write(place / "train.jsonl", train)
    manifest = _manifest(taken, part, {"train": train, "held_out": held_out}, sift.dropped)
    manifest["refused"] = [asdict(refusal) for refusal in refused]
    write_private(place / "manifest.json", json.dumps(manifest, indent=1))
    return manifest


class _Sift:
    """Reads packages in order and drops what must not be learnt, or not twice."""

    def __init__(self, part: CorpusPart, pool: ProcessPoolExecutor) -> None:
        self.dropped: Counter[str] = Counter()
        self._part, self._pool = part, pool
        self._exact: set[int] = set()
        self._near = NearDuplicates(part.similarity)
        self._windows: set[int] = set()

    def held_out(self, chosen: Iterable[Package]) -> list[Document]:
        """Return the documents of the held-out packages, docstrings in full."""
        found = [d for package in chosen for d in self._read(package, full=1.0)]
        for document in found:
            self._windows |= _windows(document.text)
        return found

    def train(self, chosen: Iterable[Package]) -> list[Document]:
        """Return the documents to train on, at most the recipe's characters per package."""
        return [d for package in chosen for d in self._read(package, self._part.full_docstrings)]

    def _read(self, package: Package, full: float) -> Iterator[Document]:
        stdlib = package.name == STDLIB
        left = self._part.stdlib_chars if stdlib else self._part.package_chars
        # By the hash of their names: a fair draw that is the same on every machine.
        order = sorted(package.files, key=lambda file: zlib.crc32(file[0].encode()))
        jobs = ((package.name, path, str(place), full) for path, place in order)
        for read in _mapped(self._pool, jobs):
            problem = read.problem or self._known(read)
            if problem:
                self.dropped[problem] += 1
                continue
            yield read.document
            left -= len(read.document.text)
            if left <= 0:
                break

    def _known(self, read: _Read) -> str | None:
        key = hash("".join(read.document.text.split()))
        if key in self._exact:
            return "duplicate"
        if self._near.seen(read.signed):
            return "near-duplicate"
        windows = _windows(read.document.text)
        if len(windows & self._windows) > MAX_SHARED_WINDOWS * len(windows):
            return "resembles held-out"
        self._exact.add(key)
        self._near.add(read.signed)
        return None


def _mapped(
    pool: ProcessPoolExecutor, jobs: Iterator[tuple[str, str, str, float]]
) -> Iterator[_Read]:
    """Read files in parallel, in order, in growing batches: little is read that is not taken."""
    size = 4
    while batch := list(islice(jobs, size)):
        yield from pool.map(_document, batch, chunksize=max(1, size // 8))
        size = min(64, 2 * size)


def _document(job: tuple[str, str, str, float]) -> _Read:
    package, path, place, full = job
    try:
        text = Path(place).read_text("utf-8")
    except (OSError, UnicodeDecodeError):
        return _Read(Document(package, path, ""), signature(""), "unreadable")
    problem = refusal(path, text)
    if problem is None:
        whole = zlib.crc32(path.encode()) % 1000 < 1000 * full
        text, problem = clean(text, full_docstrings=whole)
    text = "" if problem else text
    return _Read(Document(package, path, text), signature(text), problem)


def _windows(text: str) -> set[int]:
    """Return hashes of all runs of six non-empty lines, indentation aside."""
    lines = [line.strip() for line in text.split("\n") if line.strip()]
    runs = (lines[i : i + WINDOW_LINES] for i in range(len(lines) - WINDOW_LINES + 1))
    return {zlib.crc32("\n".join(run).encode()) for run in runs}


def _write(path: Path, documents: Iterable[Document]) -> None:
    write_private(path, "".join(json.dumps(asdict(document)) + "\n" for document in documents))


def read(run: Path, role: str) -> list[Document]:
    """Return the documents of a role (``train``, ``held_out``); raise TrainError if not built."""
    path = run / "corpus" / f"{role}.jsonl"
    if not path.exists():
        raise TrainError(f"{run} holds no corpus; run `penchant pretrain corpus` first")
    with path.open(encoding="utf-8") as file:
        return [Document(**json.loads(line)) for line in file]


def _manifest(
    taken: list[Package], part: CorpusPart, made: dict[str, list[Document]], dropped: Counter[str]
) -> dict[str, Any]:
    listed = []
    for role, documents in made.items():
        files = Counter(document.package for document in documents)
        chars: Counter[str] = Counter()
        for document in documents:
            chars[document.package] += len(document.text)
        listed += [
            {
                "name": p.name, "version": p.version, "licence": p.licence, "role": role,
                "files": files[p.name], "chars": chars[p.name],
            }
            for p in taken if files[p.name]
        ]  # fmt: skip
    return {"packages": listed, "dropped": dict(dropped), "excluded": list(part.excluded)}
