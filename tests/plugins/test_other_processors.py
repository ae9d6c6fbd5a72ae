"""On another kind of processor numbers are within 1e-9, and what is said in words is the same."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).with_name("other_processor.py")
JOINT = {"domain_classifier", "mmd"}
KERNELS = ("Haswell", "Zen", "SkylakeX", "Sandybridge", "Prescott")
PLAIN = {"NPY_DISABLE_CPU_FEATURES": "X86_V4 AVX512_ICL", "NUMBA_CPU_NAME": "generic"}


def measured(**environment):
    """Measure in a process of its own, which believes to run on such a processor."""
    told = subprocess.run(
        [sys.executable, SCRIPT],
        env=os.environ | environment,
        capture_output=True,
        text=True,
        check=False,
    )
    if "is not supported" in told.stderr or told.returncode == -4:
        pytest.skip(f"this machine cannot play {environment}")
    assert told.returncode == 0, told.stderr
    return json.loads(told.stdout)


@pytest.fixture(scope="module")
def here():
    return measured()


def assert_close(one, other, where):
    if isinstance(one, dict):
        for name in one:
            assert_close(one[name], other[name], f"{where} {name}")
    elif isinstance(one, list):
        assert len(one) == len(other)
        for place, (mine, theirs) in enumerate(zip(one, other, strict=True)):
            assert_close(mine, theirs, f"{where} {place}")
    elif isinstance(one, float):
        assert other == pytest.approx(one, rel=1e-9, abs=1e-9, nan_ok=True), where
    else:
        assert one == other, where


@pytest.mark.slow
@pytest.mark.parametrize("kernel", KERNELS)
def test_other_kernels_of_linear_algebra_find_the_same(here, kernel):
    """OpenBLAS picks them by the processor; only joint detectors ask it for anything."""
    there = measured(OPENBLAS_CORETYPE=kernel)

    assert_close(here, there, kernel)
    for name in here:
        if not JOINT & {*name.split()}:
            assert here[name] == there[name], name


@pytest.mark.slow
def test_a_processor_without_wide_registers_finds_the_same(here, tmp_path):
    """NumPy has loops of its own for them, and Numba compiles for whatever it finds."""
    assert_close(here, measured(**PLAIN, NUMBA_CACHE_DIR=str(tmp_path)), "plain")
