"""Re-lives a git history in its own order: learn from the past, measure on the future.

The honest benchmark on anybody's own code. Nothing here serves or publishes an adapter.
"""
