"""How often Newey and West's intervals of a mean hold; run by the interpreter with statsmodels.

It takes a table of errors by model, and prints one JSON document: the shares of `bias` and `mae`.
The lag is the usual one, the integer part of 4 (n / 100)^(2/9).
"""

import json
import sys

import numpy as np
import pandas as pd
import statsmodels.api as sm

MODELS = 400

errors = pd.read_parquet(sys.argv[1])
models = [part["error"].to_numpy() for _, part in errors.groupby("model")]
held = {}
for name, of in (("bias", lambda error: error), ("mae", np.abs)):
    losses = [of(error) for error in models]
    centre = np.mean([loss.mean() for loss in losses])
    inside = []
    for loss in losses[:MODELS]:
        lag = int(4 * (len(loss) / 100) ** (2 / 9))
        fitted = sm.OLS(loss, np.ones(len(loss))).fit(
            cov_type="HAC", cov_kwds={"maxlags": lag, "use_correction": True}
        )
        [(lower, upper)] = fitted.conf_int()
        inside.append(lower <= centre <= upper)
    held[name] = float(np.mean(inside))
print(json.dumps(held))
