"""Where Ray's workers look for modules: where the driver does, and nowhere else."""

from __future__ import annotations

import os
import sys
from typing import Any

from ray.job_config import JobConfig


class DriverPath(JobConfig):  # type: ignore[misc]  # Ray has no types
    """A job whose workers get the driver's folder only if the driver itself looks there.

    Ray adds the current folder to every worker's path, so that a `numpy.py` in it would run there
    in the place of NumPy; and offers nothing to say otherwise.
    """

    def _get_proto_job_config(self) -> Any:  # noqa: ANN401
        here = os.path.abspath(os.curdir)  # noqa: PTH100  (as Ray spells it)
        if here not in sys.path and "" not in sys.path:
            path = self._py_driver_sys_path
            path[:] = [folder for folder in path if folder != here]
        return super()._get_proto_job_config()
