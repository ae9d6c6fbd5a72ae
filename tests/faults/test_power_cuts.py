"""Power is cut: what was acknowledged is on the platter, and the fleet opens.

Two ways: a shim under the file system that knows what was synced, and, where root may mount one,
a file system of its own whose image is copied while it is mounted.
"""

import os
import random
import shutil
import subprocess
import sys
import time
from contextlib import ExitStack, contextmanager

import pytest

from .platter import Disk

VERBS = [
    *("register", "tag", "alias", "register", "evaluate", "tag", "drift", "alias", "rollback"),
    *("maintain", "register", "tag"),
]


def recorded(nursery, made, tmp_path, writers, turns, name="fleet", sync="on"):
    """Let writers work on a fleet under the shim; return the disk beneath it."""
    folder = tmp_path / f"{name}-disk"
    folder.mkdir()
    fleet = made(f"{name}-disk/fleet")
    disk = Disk(folder, tmp_path / f"{name}-notes")
    at_work = [
        nursery.start(
            "follow",
            url=str(fleet),
            notes=str(disk.log),
            name=f"{name}-{number}",
            verbs=VERBS,
            seed=number,
            turns=turns,
            platter={"watch": str(folder), "notes": str(disk.notes), "sync": sync},
        )
        for number in range(writers)
    ]
    for writer in at_work:
        assert set(writer.wait()) == {None}
    return disk


def cut(nursery, disk, cuts, chance, tmp_path):
    """Cut the power at so many moments; yield what a fresh process finds after each."""
    lines = disk.lines()
    for number, until in enumerate(sorted(chance.randint(1, lines) for _ in range(cuts))):
        disk.play(until)
        left, notes = tmp_path / f"cut-{number}", tmp_path / f"cut-{number}.notes"
        disk.cut(left, chance)
        notes.write_text("".join(f"{line}\n" for line in disk.acknowledged))
        yield nursery.ask("check", url=str(left / "fleet"), notes=[str(notes)])
        shutil.rmtree(left)


@pytest.mark.fault("F15 power cut, shim under the file system", "cuts")
def test_what_was_acknowledged_is_on_the_platter(
    made, nursery, platter, fault, seed, size, tmp_path
):
    """Two writers with checkpoints, upkeep and runs among what they do."""
    chance = random.Random(seed)
    for turn in range(size(1, 4)):
        disk = recorded(nursery, made, tmp_path, 2, size(1, 3), f"fleet{turn}")
        for found in cut(nursery, disk, size(6, 25), chance, tmp_path):
            fault.add(found, played=1)

    fault.holds()
    assert fault.acknowledged > fault.played


def test_the_shim_sees_what_is_not_synced(made, nursery, platter, seed, size, tmp_path):
    """With syncing turned off by name the same writers lose changes, so the cuts above cut."""
    chance = random.Random(seed)
    disk = recorded(nursery, made, tmp_path, 1, 1, sync="off")
    found = list(cut(nursery, disk, size(4, 20), chance, tmp_path))

    assert any(one["lost"] for one in found)


@pytest.mark.fault("F15 power cut while a fleet is created", "cuts")
def test_a_new_fleet_is_on_the_platter(nursery, platter, fault, seed, size, tmp_path):
    """Its folders and its marker are synced too, up to the folder that was there before."""
    folder = tmp_path / "disk"
    folder.mkdir()
    disk = Disk(folder, tmp_path / "notes")
    writer = nursery.start(
        "follow",
        url=str(folder / "deeper" / "fleet"),
        notes=str(disk.log),
        name="first",
        verbs=["register", "tag", "alias"],
        seed=0,
        turns=size(1, 3),
        platter={"watch": str(folder), "notes": str(disk.notes)},
    )
    assert set(writer.wait()) == {None}
    (folder / "deeper").rename(tmp_path / "moved")
    chance, lines = random.Random(seed), disk.lines()
    for number, until in enumerate(sorted(chance.randint(1, lines) for _ in range(size(4, 30)))):
        disk.play(until)
        left, notes = tmp_path / f"cut-{number}", tmp_path / f"cut-{number}.notes"
        disk.cut(left, chance)
        notes.write_text("".join(f"{line}\n" for line in disk.acknowledged))
        url = left / "deeper" / "fleet"
        fault.add(nursery.ask("check", url=str(url), notes=[str(notes)]), played=1)

    fault.holds()


def done(*line):
    return subprocess.run([str(word) for word in line], capture_output=True, text=True)


@contextmanager
def mounted(image, folder):
    """Mount an image over a loop device, or skip and say why; nothing stays mounted."""
    folder.mkdir()
    attached = done("losetup", "--find", "--show", image)
    if attached.returncode:
        pytest.skip(f"no loop device here: {attached.stderr.strip()}")
    device = attached.stdout.strip()
    with ExitStack() as stack:
        stack.callback(done, "losetup", "--detach", device)
        mount = done("mount", device, folder)
        if mount.returncode:
            pytest.skip(f"cannot mount here: {mount.stderr.strip()}")
        stack.callback(done, "umount", "--lazy", folder)
        yield folder


@pytest.mark.skipif(
    sys.platform != "linux" or os.geteuid() != 0 or shutil.which("mkfs.ext4") is None,
    reason="only root may mount an ext4 image, on Linux",
)
@pytest.mark.fault("F15 power cut, ext4 image copied while it is mounted", "cuts")
def test_a_copy_of_the_mounted_image_holds_what_was_acknowledged(
    nursery, fault, seed, size, tmp_path, template
):
    """What is copied is what the disk was told; its journal is played back by the next mount."""
    image, chance = tmp_path / "image", random.Random(seed)
    with image.open("wb") as file:
        file.truncate(64 * 2**20)
    assert done("mkfs.ext4", "-q", "-F", image).returncode == 0
    with mounted(image, tmp_path / "disk") as disk:
        shutil.copytree(template, disk / "fleet")
        os.sync()
        notes = tmp_path / "notes"
        writer = nursery.start(
            "work", url=str(disk / "fleet"), notes=str(notes), name="w", verbs=VERBS, seed=seed
        )
        for number in range(size(2, 12)):
            time.sleep(chance.uniform(0.5, 3))
            then, copy = tmp_path / f"notes-{number}", tmp_path / f"image-{number}"
            shutil.copy(notes, then)
            assert done("cp", "--sparse=always", image, copy).returncode == 0
            with mounted(copy, tmp_path / f"disk-{number}") as left:
                found = nursery.ask("check", url=str(left / "fleet"), notes=[str(then)])
            copy.unlink()
            fault.add(found, played=1)
        assert writer.running()
        writer.kill()

    fault.holds()
    assert fault.acknowledged
