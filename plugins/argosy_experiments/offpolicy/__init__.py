"""What another policy would have earned, from the log of the one that ran.

`estimates` is the way in: logged rows in, one row per model and estimator out, with a verdict or
the reason why there is none. `expected_rewards` foretells the rewards that the doubly robust
estimator leans on. Maintainers also want `weights` (importance weights and what they are worth).
"""
