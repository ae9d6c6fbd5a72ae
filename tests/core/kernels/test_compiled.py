"""A compiled loop gives what the loop gives, and the compiler waits until there is one."""

import subprocess
import sys

import numpy as np

from argosy.kernels import compiled


def test_a_compiled_loop_gives_what_the_loop_gives():
    def loop(values):
        total = 0.0
        for value in values:
            total += value
        return total

    assert loop(np.arange(5.0)) == compiled(loop)(np.arange(5.0))


def test_the_compiler_waits_until_it_is_used():
    """It costs a fifth of a second, which most commands never need."""
    probe = "import sys, argosy.kernels; print('numba' in sys.modules, 'polars' in sys.modules)"
    found = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True)

    assert "False False\n" == found.stdout
