"""The show filter: how likely a suggestion is to be kept, judged in the editor without torch.

Features and weights live here because two rooms need the same ones: the trainer learns the weights
from signals, and the language server applies them. Knows nothing of how weights are learned.
"""

EXPLORED = "explored"
"""Flag of an outcome whose suggestion would have been hidden, had chance not shown it."""

HIDDEN = "hidden"
"""Why a completion was not shown: the filter kept it back."""
