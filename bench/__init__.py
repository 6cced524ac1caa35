"""Benchmarks of the hops between a keystroke and its ghost text, as ratios measured in one run."""
