"""Which types a skops artifact may hold, besides those that skops builds without being asked.

A name on skops' list is one that a file may import, make with arguments of the file's choice, and
fill by `__setstate__` or `__dict__`. So a type is put here only if none of that runs what the file
says, reads or writes files, or imports anything; each family says why. Whoever adds one reads its
`__new__`, `__init__`, `__setstate__` and `__getattr__` first. What skops trusts unasked (estimators
of scikit-learn, arrays, ufuncs) is reviewed with skops.

Never here: functions and methods (`os.system`, bound methods), `functools.partial` and the callers
of `operator`, which run code by being called; `PyFuncDistance64` and scorers, which hold functions;
`numpy.random` generators by other names than their own, which skops itself refuses.
"""

from __future__ import annotations

_TREES = (
    # compiled nodes: `__setstate__` takes arrays of one dtype; a damaged index can crash a process
    # when it predicts, so the digest is verified first, and the work runs in a process of its own
    "sklearn.tree._tree.Tree",
    "sklearn.ensemble._hist_gradient_boosting.predictor.TreePredictor",
)
_NEIGHBOURS = (
    # compiled like trees: `__setstate__` takes arrays, numbers and a distance of the same list
    "sklearn.neighbors._kd_tree.KDTree",
    "sklearn.neighbors._ball_tree.BallTree",
    # `__setstate__` takes a power, a vector and a matrix; none of these calls Python
    *(
        f"sklearn.metrics._dist_metrics.{name}Distance64"
        for name in (
            *("BrayCurtis", "Canberra", "Chebyshev", "Euclidean", "Hamming", "Haversine"),
            *("Mahalanobis", "Manhattan", "Minkowski", "SEuclidean"),
            *("Dice", "Jaccard", "RogersTanimoto", "RussellRao", "SokalSneath"),
        )
    ),
)
_LOSSES = (
    # formulas: plain attributes, or the power of a Tweedie and the quantile of a pinball
    *(
        f"sklearn._loss._loss.Cy{name}"
        for name in (
            *("HalfBinomialLoss", "HalfMultinomialLoss", "HalfSquaredError"),
            *("HalfTweedieLoss", "HalfTweedieLossIdentity"),
        )
    ),
    *(
        f"sklearn._loss.loss.{name}"
        for name in (
            *("HalfBinomialLoss", "HalfMultinomialLoss", "HalfSquaredError"),
            *("HalfTweedieLoss", "HalfTweedieLossIdentity"),
        )
    ),
    *(
        f"sklearn._loss.link.{name}"
        for name in ("IdentityLink", "Interval", "LogitLink", "LogLink", "MultinomialLogit")
    ),
)
_CALIBRATION = (
    # plain objects that hold estimators and two numbers each
    "sklearn.calibration._CalibratedClassifier",
    "sklearn.calibration._SigmoidCalibration",
    "sklearn.calibration._TemperatureScaling",
)
_KERNELS = (
    # plain objects that hold numbers and other kernels; a metric is looked up by its name
    "sklearn.gaussian_process._gpc._BinaryGaussianProcessClassifierLaplace",
    *(
        f"sklearn.gaussian_process.kernels.{name}"
        for name in (
            *("CompoundKernel", "ConstantKernel", "DotProduct", "ExpSineSquared"),
            *("Exponentiation", "Matern", "PairwiseKernel", "Product", "RBF"),
            *("RationalQuadratic", "Sum", "WhiteKernel"),
        )
    ),
)
_OPTIMIZERS = (
    # plain objects that hold the steps of a fit, which nothing asks when a network predicts
    "sklearn.neural_network._stochastic_optimizers.AdamOptimizer",
    "sklearn.neural_network._stochastic_optimizers.SGDOptimizer",
)
_PLAIN = (
    # made of an empty array, never of what it is called
    "numpy.dtype",
    # a dictionary whose keys are attributes too; its `__setstate__` does nothing
    "sklearn.utils._bunch.Bunch",
    # an estimator that scikit-learn does not list, and that holds one label
    "sklearn.multiclass._ConstantPredictor",
)

TRUSTED = frozenset(
    (*_TREES, *_NEIGHBOURS, *_LOSSES, *_CALIBRATION, *_KERNELS, *_OPTIMIZERS, *_PLAIN)
)
"""Types of scikit-learn and NumPy beyond skops' own list; reviewed for skops 0.16."""
