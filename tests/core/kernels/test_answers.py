"""An answer holds a number or a reason."""

import numpy as np
import pytest

from argosy.kernels import ANSWER, answer


def test_an_answer_holds_no_number_where_it_has_a_reason():
    found = answer([1.0, np.nan], [None, "empty"], error=[0.1, 9.0], lower=[np.nan, 2.0])

    assert ANSWER == found.type
    assert [
        {"value": 1.0, "error": 0.1, "lower": None, "upper": None, "reason": None},
        {"value": None, "error": None, "lower": None, "upper": None, "reason": "empty"},
    ] == found.to_pylist()


def test_an_answer_that_is_neither_a_number_nor_a_reason_is_refused():
    with pytest.raises(ValueError, match="NaN and has no reason"):
        answer([np.nan], [None])
