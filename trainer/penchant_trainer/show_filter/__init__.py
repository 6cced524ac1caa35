"""Learns from outcomes which suggestions are worth showing; the editor applies what is learned.

Knows nothing of language models: a suggestion is a row of numbers here.
"""
