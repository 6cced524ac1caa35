"""The benchmarks are not installed: they are found beside the tests, if they are there."""

import sys
from pathlib import Path

ROOT = Path(__file__).parents[3]
sys.path.append(str(ROOT))
collect_ignore_glob = [] if (ROOT / "bench").is_dir() else ["test_*.py"]
