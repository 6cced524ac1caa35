"""The score interval of a share (Wilson, JASA 22, 1927): one place for every report that needs it.

Pure. Knows nothing of what was counted.
"""

import math
from statistics import NormalDist


def wilson(hits: int, count: int, confidence: float = 0.95) -> tuple[float, float]:
    """Return the two-sided interval of ``hits`` of ``count``; (0, 1) where nothing was counted.

    Its lower end alone is a one-sided bound with the confidence ``(1 + confidence) / 2``.
    """
    if not count:
        return 0.0, 1.0
    z = NormalDist().inv_cdf((1 + confidence) / 2)
    share = hits / count
    middle = share + z * z / (2 * count)
    width = z * math.sqrt(share * (1 - share) / count + z * z / (4 * count * count))
    scale = 1 + z * z / count
    return max(0.0, (middle - width) / scale), min(1.0, (middle + width) / scale)
