"""What an estimation is asked for."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, Field

from argosy.types.request import Names, Offers, Request, Role, Window
from argosy_rows.windows import valid


class Estimate(Request):
    """Estimate how models do on rows without labels, from how they do on rows with them.

    What an estimator learns of a version's reference is kept, so that the next run does not fit
    again.
    """

    reference: Role = Field("holdout", description="The role of the rows with ground truth.")
    current: Role = Field("current", description="The role of the rows without it.")
    estimators: Annotated[Names | None, Offers("estimators")] = Field(
        None, description="An estimator; repeat for several."
    )
    window: Annotated[Window | None, AfterValidator(valid)] = Field(
        None,
        description="Estimate window by window: 1d, 1w, 1mo, '1000 rows' or 'by COLUMN'.",
    )
    fresh_reference: bool = Field(
        False,
        description="Fit again on the reference rows, as after they were replaced at the same URL.",
    )
