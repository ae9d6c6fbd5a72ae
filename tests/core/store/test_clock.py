"""Changes are dated, and files judged, by the store's clock where this machine's is wrong."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

import argosy
from argosy.errors import ArgosyWarning, StoreError
from argosy.store import clock
from argosy.store.clock import Clock, modified, store_time
from argosy.store.location import Location

DAY = timedelta(days=1)


class Skewed(datetime):
    """This machine's time, off by `by`; the store's stays right."""

    by = timedelta(0)

    @classmethod
    def now(cls, tz=None):
        return datetime.now(tz) + cls.by


@pytest.fixture
def skewed(monkeypatch):
    monkeypatch.setattr(Skewed, "by", timedelta(0))
    monkeypatch.setattr(clock, "datetime", Skewed)
    return Skewed


def tagged(fleet, key):
    fleet.tag({"model": ["a"]}, {key: "x"})
    return fleet.events().collect()["at"][-1]


@pytest.fixture
def fleet(empty):
    empty.register({"model": ["a"], "version": ["1"]})
    return empty


def test_the_store_tells_its_time_and_keeps_nothing_of_the_question(empty, tmp_path):
    before = datetime.now(UTC) - timedelta(seconds=2)

    assert before < store_time(Location(empty.url)) < datetime.now(UTC) + timedelta(seconds=2)
    assert [path.name for path in (tmp_path / "fleet").iterdir()] == ["argosy.json"]


def test_a_store_that_cannot_be_written_is_an_error(tmp_path):
    (tmp_path / "fleet").write_text("a file where a folder should be")

    with pytest.raises(StoreError, match="cannot write .*/fleet: "):
        store_time(Location(str(tmp_path / "fleet")))


@pytest.mark.parametrize(
    "info",
    [
        {"mtime": 1_700_000_000.0},
        {"LastModified": datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC)},
        {"last_modified": datetime(2023, 11, 14, 22, 13, 20)},
        {"updated": "2023-11-14T22:13:20Z"},
    ],
)
def test_every_store_s_word_for_a_time_is_understood(info):
    assert datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC) == modified({"name": "a", **info})


def test_a_store_without_times_is_told_from_an_old_file():
    assert modified({"name": "a", "mtime": None}) is None


@pytest.mark.parametrize("by", [8 * DAY, -8 * DAY, 26_000 * DAY], ids=str)
def test_a_machine_whose_clock_is_wrong_dates_its_changes_by_the_store(fleet, skewed, by):
    skewed.by = by
    again = argosy.open(fleet.url)
    with pytest.warns(ArgosyWarning, match=f"clock is .* {'ahead' if by > 0 * DAY else 'behind'}"):
        at = tagged(again, "wrong")

    assert abs(at - datetime.now(UTC)) < timedelta(minutes=1)
    assert tagged(again, "once more") > at  # and is not warned of again


def test_a_clock_that_is_set_while_a_program_runs_is_noticed(fleet, skewed):
    tagged(fleet, "right")
    skewed.by = 8 * DAY
    with pytest.warns(ArgosyWarning, match="clock is .* ahead"):
        at = tagged(fleet, "wrong")

    assert abs(at - datetime.now(UTC)) < timedelta(minutes=1)


def test_the_store_is_asked_once_for_many_changes(fleet, monkeypatch):
    asked = []
    monkeypatch.setattr(clock, "store_time", lambda place: asked.append(place) or datetime.now(UTC))
    again = argosy.open(fleet.url)
    for turn in range(5):
        tagged(again, f"{turn}")

    assert len(asked) == 1


def test_a_clock_that_is_a_little_off_is_left_alone(fleet, skewed):
    skewed.by = timedelta(seconds=20)

    assert tagged(argosy.open(fleet.url), "fine") > datetime.now(UTC)


def test_a_change_from_the_future_does_not_date_those_after_it(fleet, monkeypatch):
    """Dates after it find it and them: it had happened before them, whatever it says."""
    with monkeypatch.context() as patch:
        patch.setattr(Clock, "now", lambda *_: datetime(2099, 1, 1, tzinfo=UTC))
        tagged(fleet, "2099")
    again = argosy.open(fleet.url)
    with pytest.warns(ArgosyWarning, match="dated 2099-01-01 00:00:00, which is yet to come"):
        at = tagged(again, "after")
    then = again.as_of(datetime.now(UTC) + DAY)

    assert abs(at - datetime.now(UTC)) < timedelta(minutes=1)
    assert set(then.get("a")["tags"]) == {"2099", "after"}
    assert again.as_of(at - timedelta(microseconds=1)).get("a")["tags"] is None
    assert again.verify().broken_at is None


def test_a_clock_that_goes_back_a_little_keeps_times_in_order(fleet, skewed):
    first = tagged(fleet, "first")
    skewed.by = -timedelta(seconds=30)

    assert first < tagged(fleet, "second") < first + timedelta(seconds=1)


def test_what_a_probe_left_goes_in_upkeep(empty, tmp_path):
    stray = Path(empty.url) / f"{clock.PROBE}of-somebody-killed"
    stray.write_bytes(b"")
    empty.maintain(keep_hours=0, nobody_writes=True)

    assert not stray.exists()
