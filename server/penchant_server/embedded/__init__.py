"""The embedded engine: a base model and its LoRA adapters in a process of their own.

Speaks the part of vLLM's HTTP dialect that the gateway uses, on loopback. The only room of the
server that knows torch and transformers; the gateway starts it and never imports it.
"""
