"""The language server: ghost text in, outcomes out.

Needs penchant_core only; knows nothing of models, training or the gateway's insides.
"""
