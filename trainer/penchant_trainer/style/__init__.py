"""What a piece of Python shows of its writer's style, and what an adapter learned of it.

``habits`` names what is looked at, ``tally`` counts it, ``card`` puts it in plain words. Everything
is a pure function of texts; nothing here knows of models, signals or files.
"""
