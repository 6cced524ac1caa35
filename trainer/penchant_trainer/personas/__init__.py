"""Synthetic developers with a clear style, who show what the training learns and what it refuses.

Real code, rewritten into each persona's style, is written again through the real loop: the base
model suggests, the persona answers, the signal log records and a real run trains.
"""
