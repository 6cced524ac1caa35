"""The shared ground of Penchant: contracts, stores and settings that every program reads.

Knows nothing of editors, web frameworks or models; imports no torch and no FastAPI.
"""

__version__ = "0.1.0"
