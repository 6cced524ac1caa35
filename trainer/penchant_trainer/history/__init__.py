"""What a developer wrote before Penchant came: their commits, re-lived as moments of typing.

Shared by ``penchant bootstrap``, which learns from them, and ``penchant replay``, which measures on
them. Knows nothing of models.
"""
