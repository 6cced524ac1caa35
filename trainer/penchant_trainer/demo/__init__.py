"""A scripted developer who plays the whole loop through the real programs.

Every part is the real one: the language server over stdio, the gateway, its engine, the signal log
and the trainer, each a process of its own. Only the person is scripted.
"""
