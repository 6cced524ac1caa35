"""Core's own sub-commands of ``penchant``: settings, consent, signals, adapters, doctor.

One module per command; each only asks core's modules and prints. Knows nothing of engines and
training.
"""
