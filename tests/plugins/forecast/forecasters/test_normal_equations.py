"""Ridge regressions are scikit-learn's, series by series."""

import numpy as np
import pytest
from sklearn.linear_model import Ridge
from sklearn.preprocessing import StandardScaler

from argosy_forecast.forecasters.normal_equations import applied, gram, solved


@pytest.mark.parametrize("penalty", [1e-6, 2.0, 500.0])
def test_they_are_those_of_scikit_learn(penalty):
    generator = np.random.default_rng(1)
    x = generator.normal(3, 5, (4, 200, 6))
    y = generator.normal(0, 1, (4, 200)) + x[..., 0] - 2 * x[..., 3]
    one = np.ones((4, 200, 1))

    found = solved(gram(np.concatenate([one, x, y[..., None]], axis=-1)), penalty)
    said = applied(np.concatenate([one, x], axis=-1), found)

    for place in range(4):
        scaled = StandardScaler().fit_transform(x[place])
        expected = Ridge(alpha=penalty).fit(scaled, y[place]).predict(scaled)
        np.testing.assert_allclose(said[place], expected, rtol=1e-6, atol=1e-8)


def test_rows_of_zeros_take_no_part_and_columns_that_never_vary_have_no_say():
    generator = np.random.default_rng(2)
    x = generator.normal(0, 1, (1, 50, 2))
    x[:, :, 1] = 4.0
    table = np.concatenate([np.ones((1, 50, 1)), x, x[..., :1] * 3 + 1], axis=-1)
    padded = np.concatenate([table, np.zeros((1, 30, 4))], axis=1)

    np.testing.assert_allclose(solved(gram(padded), 0.0), [[1.0, 3.0, 0.0]], atol=1e-6)


def test_a_series_without_rows_has_no_coefficients():
    assert not solved(gram(np.zeros((1, 10, 5))), 2.0).any()
