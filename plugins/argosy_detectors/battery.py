"""Every detector of this package, in the order in which a column's results are listed."""

from argosy_detectors import (
    chi_squared,
    jensen_shannon,
    ks,
    l_infinity,
    nulls,
    out_of_range,
    psi,
    unseen,
    vanished,
    wasserstein,
)

DETECTORS = (
    ks.DETECTOR,
    psi.DETECTOR,
    jensen_shannon.DETECTOR,
    wasserstein.DETECTOR,
    chi_squared.DETECTOR,
    l_infinity.DETECTOR,
    unseen.DETECTOR,
    vanished.DETECTOR,
    nulls.DETECTOR,
    out_of_range.DETECTOR,
)
"""What the plugin offers."""
