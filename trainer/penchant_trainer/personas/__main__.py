"""``python -m penchant_trainer.personas`` is ``penchant personas``."""

from penchant_trainer.personas.cli import personas

if __name__ == "__main__":
    personas(prog_name="penchant personas")
