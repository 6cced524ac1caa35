"""The gateway and its engines: FIM prompts in, completions out.

Meets the other programs through HTTP, the adapter store and the settings only.
"""
