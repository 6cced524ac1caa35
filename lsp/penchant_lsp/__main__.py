"""``python -m penchant_lsp``: the same as ``penchant lsp``."""

from penchant_lsp.cli import lsp

if __name__ == "__main__":
    lsp(prog_name="penchant lsp")
