"""What a template of the trainer `sklearn` says; scikit-learn is imported when it is checked."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, model_validator


class Params(BaseModel):
    """The estimator by its name, what is done to its features, and any of its own params."""

    model_config = ConfigDict(extra="allow", frozen=True)

    estimator: str
    standardise: bool = False
    """Whether numbers are brought to mean 0 and variance 1 over the rows that are learnt from."""
    one_hot: bool = False
    """Whether features of text are made columns of 0 and 1, one per value; a value that was never
    seen is 0 in all of them."""

    @model_validator(mode="after")
    def _known(self) -> Params:
        """Refuse what is not on the list, and params that the estimator does not have."""
        from argosy_sklearn.trainer import made

        made({"estimator": self.estimator, **(self.model_extra or {})}, 0)
        return self
