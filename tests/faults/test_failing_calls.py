"""F2 and F7: the file system refuses a call, or has no room left."""

import errno
import subprocess
import sys
from contextlib import contextmanager, suppress

import pytest

WRITES = ["register", "tag", "alias", "rollback", "evaluate", "drift", "maintain"]


@pytest.mark.fault("F2 I/O error at the Nth call of the file system", "calls")
@pytest.mark.parametrize("verb", WRITES)
def test_a_call_that_fails_leaves_the_old_or_the_new(call_by_call, fault, size, verb):
    """N = 1 and on until nothing fails; what is answered is an error of argosy's, or success.

    In turn alone and for good, with half of a failed write done. On one and the same fleet, so
    that it must go on after each.
    """

    def look(told, fleet, where):
        fault.played += 1
        fault.wrong += _bad(told, fleet, where)

    def calls(many):
        return range(1, many + 1, max(1, many // size(3, many)))

    def breaks(at):
        return [{"error": (errno.EIO, errno.ENOSPC)[at // 2 % 2], "for_good": at % 2 == 0}]

    call_by_call(verb, calls, breaks, look)

    fault.holds()


def _bad(told, fleet, where):
    """Say what is wrong with an answer: it names the fleet, and is no traceback."""
    if told is None:
        return [f"{where}: died"]
    if "raised" in told:
        return [f"{where}: {told['raised'][-300:]}"]
    refused = [error for error in told["answer"] if error]
    return [f"{where}: {error}" for error in refused if str(fleet) not in error]


@contextmanager
def small_disk(folder, kilobytes):
    """Mount a file system of so many kilobytes, or skip and say why."""
    folder.mkdir()
    line = ["mount", "-t", "tmpfs", "-o", f"size={kilobytes}k", "tmpfs", str(folder)]
    done = subprocess.run(line, capture_output=True, text=True)
    if done.returncode:
        pytest.skip(f"cannot mount here: {done.stderr.strip()}")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


@pytest.mark.skipif(sys.platform != "linux", reason="mounts a tmpfs")
@pytest.mark.fault("F7 disk full", "refusals")
@pytest.mark.parametrize("verb", WRITES)
def test_a_full_disk_is_an_error_and_the_fleet_goes_on(
    made, nursery, fault, size, tmp_path, template, verb
):
    """With less and less room; then there is room again, and all is there."""
    import shutil

    with small_disk(tmp_path / "small", 4_000) as small:
        fleet, notes = small / "fleet", tmp_path / "notes"
        shutil.copytree(template, fleet)
        told = {"url": str(fleet), "notes": str(notes)}
        nursery.ask("follow", **told, name="before", verbs=["register", "tag"], seed=0)
        for level in (0, 8, 16, 32, 64)[: size(2, 5)]:
            ballast = _filled(small, level * 1024)
            writer = nursery.start("follow", **told, name=f"f{level}", verbs=[verb], seed=0)
            answer = writer.outcome()
            fault.played += 1
            fault.wrong += _bad(answer, fleet, f"{verb}, {level} KiB left")
            ballast.unlink()
        fault.add(nursery.ask("check", url=str(fleet), notes=[str(notes)]))
        fault.wrong += nursery.ask("torn", url=str(fleet))

    fault.holds()


def _filled(folder, left):
    """Fill a disk but for some bytes."""
    spare, ballast = folder / "spare", folder / "ballast"
    spare.write_bytes(bytes(left))
    with suppress(OSError), ballast.open("wb", buffering=0) as file:
        while file.write(bytes(4096)):
            pass
    spare.unlink()
    return ballast
