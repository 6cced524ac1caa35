"""``python -m penchant_trainer``: the ``train`` command, for the child processes of the watch."""

from penchant_trainer.cli import train

if __name__ == "__main__":
    train(prog_name="penchant train")
