"""Pads prompts on the left, so that what is written after them begins in one column.

Knows nothing of what is written.
"""

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor


def left_padded(rows: Sequence[Sequence[int]], pad: int, device: Any) -> tuple[Tensor, Tensor]:
    """Return token ids (rows x longest row) and their mask (0 where ``pad`` stands)."""
    width = max(map(len, rows))
    gaps = [width - len(row) for row in rows]
    ids = [[pad] * gap + list(row) for gap, row in zip(gaps, rows, strict=True)]
    mask = [[0] * gap + [1] * (width - gap) for gap in gaps]
    return torch.tensor(ids, device=device), torch.tensor(mask, device=device)
