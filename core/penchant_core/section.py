"""What all sections of the settings have in common. Knows no setting."""

from pydantic import BaseModel, ConfigDict


class Section(BaseModel):
    """Base of all sections: unknown keys are errors, so that a typing mistake is seen."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)
