"""Makes Penchant's own small base model: corpus, tokenizer, training, evaluation, package.

Each step reads what the one before it wrote below one run directory and can be repeated alone.
Knows nothing of adapters, signals or developers.
"""
