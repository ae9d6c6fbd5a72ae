"""Entries of the log: whole or passed over at the end, whole or damage anywhere else."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import argosy
from argosy.errors import ArgosyWarning, StoreError
from argosy.store.entries import Log, Taken, Torn, decode, encode
from argosy.store.location import Location

ACTIONS = [{"txn": {"appId": "ledger", "version": 3}}, {"add": {"path": "ä.parquet", "size": 7}}]


@pytest.fixture
def fleet(tmp_path):
    fleet = argosy.open(str(tmp_path / "fleet"), create=True)
    for number in range(5):
        fleet.register({"model": [f"m{number}"], "version": ["1"]})
    return fleet


def entries(fleet):
    return sorted(Path(fleet.url, "ledger/_delta_log").glob("*.json"))


@pytest.fixture
def log(tmp_path):
    return Log(Location(str(tmp_path)), str(tmp_path / "table"))


def test_an_entry_says_what_it_was_given():
    assert decode(encode(ACTIONS)) == ACTIONS


@given(st.data())
def test_an_entry_that_is_cut_or_flipped_is_never_believed(data):
    """But for its last line, whose other fields say nothing of the table."""
    whole = encode(ACTIONS)
    if data.draw(st.booleans()):
        broken = whole[: data.draw(st.integers(0, len(whole) - 2))]
    else:
        end = whole.rstrip(b"\n").rindex(b"\n")
        place, bit = data.draw(st.integers(0, end)), data.draw(st.integers(0, 7))
        broken = bytes(byte ^ (1 << bit) if at == place else byte for at, byte in enumerate(whole))

    try:
        found = decode(broken)
    except (Torn, UnicodeDecodeError):
        return
    assert found == ACTIONS


def test_entries_of_other_engines_are_read(log):
    """They have no checksum of ours, and may end without a new line."""
    content = "\n".join(map(json.dumps, [*ACTIONS, {"commitInfo": {"engineInfo": "other"}}]))

    assert decode(content.encode())[:2] == ACTIONS


def test_a_version_is_had_by_one(log):
    log.publish(0, ACTIONS)

    with pytest.raises(Taken):
        log.publish(0, ACTIONS)
    assert log.sound() == (0, False)


def test_whoever_follows_a_log_that_was_shortened_is_told(log):
    """No news must not be taken for the end of the log."""
    for version in range(4):
        log.publish(version, ACTIONS)
    assert [version for version, _ in log.after(1)] == [2, 3]
    for version in range(3):
        (log.location.filesystem()[0]).rm_file(log.entry(version))

    with pytest.raises(LookupError):
        list(log.after(1))


@pytest.mark.parametrize("left", [0, 1, 40, -3])
def test_a_torn_last_entry_that_nobody_acknowledged_is_set_aside_aloud(fleet, left):
    """A power cut may leave one where syncing is turned off."""
    last = entries(fleet)[-1]
    torn = last.with_name(f"{int(last.stem) + 1:020d}.json")
    torn.write_bytes(encode(ACTIONS)[:left])
    again = argosy.open(fleet.url)
    with pytest.warns(ArgosyWarning, match=f"{torn.name} is not whole and is set aside"):
        models = again.models().collect()
    assert models.height == 5
    with pytest.warns(ArgosyWarning, match="set aside"):
        again.register({"model": ["new"], "version": ["1"]})

    assert argosy.open(fleet.url).models().collect().height == 6
    assert argosy.open(fleet.url).verify().broken_at is None
    assert list(torn.parent.glob("*.torn"))


def test_a_torn_entry_that_others_build_on_is_damage(fleet):
    middle = entries(fleet)[2]
    middle.write_bytes(middle.read_bytes()[:50])

    with pytest.raises(StoreError, match=f"{middle.name} is damaged: .*; restore it from a backup"):
        argosy.open(fleet.url).models()


def test_a_missing_entry_is_damage(fleet):
    middle = entries(fleet)[2]
    middle.unlink()

    with pytest.raises(StoreError, match=f"{middle.name} is missing; restore"):
        argosy.open(fleet.url).models()


def test_a_torn_entry_is_set_aside_once_and_what_took_its_place_stays(log):
    """Whoever saw it torn must not move away what another has published there since."""
    from concurrent.futures import ThreadPoolExecutor

    def publish(number):
        try:
            log.publish(version, [{"txn": {"appId": "x", "version": number}}])
        except Taken:
            return None
        return number

    path = Path(log.folder)
    path.mkdir(parents=True)
    for version in range(20):
        Path(log.entry(version)).write_bytes(b"{")
        with pytest.warns(ArgosyWarning, match="is set aside"), ThreadPoolExecutor(4) as pool:
            won = [number for number in pool.map(publish, range(4)) if number is not None]

        assert len(won) == 1
        assert decode(Path(log.entry(version)).read_bytes())[0]["txn"]["version"] == won[0]
    assert len(list(path.glob("*.torn"))) == 20
