"""Which tests of a suite a faulty plugin fails."""

import inspect


def failed(suite, tmp_path, of=""):
    """The tests of a suite that fail, of those whose names begin so."""
    found = set()
    for name in dir(suite):
        if name.startswith(f"test_{of}"):
            test = getattr(suite(), name)
            folder = tmp_path / name
            folder.mkdir()
            try:
                test(**({"tmp_path": folder} if inspect.signature(test).parameters else {}))
            except Exception:
                found.add(name.removeprefix("test_"))
    return found
