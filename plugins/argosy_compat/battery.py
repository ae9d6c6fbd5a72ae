"""Every detector of this package, in the order in which a column's results are listed."""

from argosy_compat import (
    evidently_chi_squared,
    evidently_hellinger,
    evidently_jensen_shannon,
    evidently_ks,
    evidently_psi,
    evidently_wasserstein,
    nannyml_chi2,
    nannyml_hellinger,
    nannyml_jensen_shannon,
    nannyml_kolmogorov_smirnov,
    nannyml_l_infinity,
    nannyml_wasserstein,
)

DETECTORS = (
    evidently_psi.DETECTOR,
    evidently_jensen_shannon.DETECTOR,
    evidently_wasserstein.DETECTOR,
    evidently_chi_squared.DETECTOR,
    evidently_ks.DETECTOR,
    evidently_hellinger.DETECTOR,
    nannyml_jensen_shannon.DETECTOR,
    nannyml_wasserstein.DETECTOR,
    nannyml_kolmogorov_smirnov.DETECTOR,
    nannyml_hellinger.DETECTOR,
    nannyml_chi2.DETECTOR,
    nannyml_l_infinity.DETECTOR,
)
"""What the plugin offers."""
