"""Signals in, adapters out: pairs, methods, evaluation, gate, schedule.

Meets the other programs through the signal log, the adapter store, HTTP and the settings only.
"""
