"""Finds pieces of other places that help to complete at the cursor, in the background.

A source is a file of its own behind ``source.ContextSource``; ``gathering.Gathering`` asks them all
on a thread of its own, and what they found is ready when a completion is asked for. Knows nothing
of models.
"""
