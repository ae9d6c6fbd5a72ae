"""What was learnt is kept as JSON, comes back to the last bit, and is nobody else's."""

import numpy as np
import pytest

from argosy.errors import ArtifactError
from argosy_forecast.forecasters import FORECASTERS
from argosy_forecast.forecasters.artifact import read, written

from .drawn_load import asked, load, rows, series_table


@pytest.mark.parametrize("kind", ["f8", "f4", "i8"])
def test_arrays_come_back_to_the_last_bit(kind):
    array = (np.random.default_rng(1).normal(0, 1e6, (3, 4, 5)) * 7).astype(kind)

    back = read("x", written("x", {"deep": [{"array": array}]}))["deep"][0]["array"]

    assert back.dtype == array.dtype
    assert np.array_equal(back, array)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"\x80\x04}.", "it is no artifact of ridge"),
        (b"[1]", "it is no artifact of the forecaster ridge; fit it anew"),
        (written("theta", {}), "it is no artifact of the forecaster ridge; fit it anew"),
        (written("ridge", {})[:-3], "it is no artifact of ridge"),
        (written("ridge", {}).replace(b'"format":1', b'"format":9'), "its format is 9"),
        (
            written("ridge", {"x": np.zeros(2)}).replace(b"<f8", b"|O8"),
            "arrays of '|O8' are not read",
        ),
        (
            written("ridge", {"x": np.zeros(2)}).replace(b'"shape":[2]', b'"shape":[3]'),
            "it is no artifact of ridge",
        ),
    ],
)
def test_what_is_none_is_refused(content, message):
    with pytest.raises(ArtifactError) as caught:
        read("ridge", content)

    assert message in str(caught.value)


@pytest.mark.parametrize("name", sorted(FORECASTERS))
def test_each_forecaster_refuses_the_artifact_of_another(name):
    values = load(2, 30)
    given = series_table(2), rows(values), asked(2, values.shape[1], [1])

    with pytest.raises(ArtifactError, match=f"it is no artifact of the forecaster {name}"):
        FORECASTERS[name].forecast(written("another", {}), *given, ())
