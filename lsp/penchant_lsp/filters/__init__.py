"""What is cut from a candidate before it may be shown.

Small pure functions, each with one rule and golden cases of its own: text and its surroundings in,
text out; an empty string means "show nothing". Knows nothing of engines or editors.
"""
