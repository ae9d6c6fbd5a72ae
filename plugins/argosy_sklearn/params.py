"""What a template of the trainer `sklearn` says; scikit-learn is imported when it is checked."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, model_validator


class Params(BaseModel):
    """The estimator by its name, and any of its own params."""

    model_config = ConfigDict(extra="allow", frozen=True)

    estimator: str

    @model_validator(mode="after")
    def _known(self) -> Params:
        """Refuse what is not on the list, and params that the estimator does not have."""
        from argosy_sklearn.trainer import made

        made({"estimator": self.estimator, **(self.model_extra or {})}, 0)
        return self
