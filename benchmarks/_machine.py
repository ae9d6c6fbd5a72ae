"""The machine that a benchmark ran on, for the first line of its output."""

import os
import platform
from importlib.metadata import version

LIBRARIES = ("polars", "pyarrow", "deltalake", "numpy")


def describe() -> str:
    """Name the processor count, memory, Python and the libraries that do the work."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    libraries = ", ".join(f"{name} {version(name)}" for name in LIBRARIES)
    load = os.getloadavg()[0]
    return (
        f"{os.cpu_count()} cores, {memory:.0f} GiB, {platform.system()} {platform.machine()},"
        f" Python {platform.python_version()}, {libraries}; load {load:.1f}"
    )


if __name__ == "__main__":
    print(describe())
