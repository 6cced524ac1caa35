"""What makes a completion good: objectives, each scoring texts alone, and how they become one.

Knows nothing of how a model is trained on them.
"""
