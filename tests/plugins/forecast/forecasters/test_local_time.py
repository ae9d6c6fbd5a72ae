"""Clocks on the wall and holidays, by zone and country."""

import datetime as dt
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from argosy.errors import ArgosyError, BadInput
from argosy_forecast.forecasters import local_time as module
from argosy_forecast.forecasters.local_time import holidays, local_time


@pytest.mark.parametrize("zone", ["America/New_York", "Australia/Melbourne", "Asia/Kathmandu"])
def test_hours_and_dates_are_those_of_the_zone(zone):
    hours = [dt.datetime(2023, 12, 30, tzinfo=dt.UTC) + dt.timedelta(hours=h) for h in range(9000)]
    found = local_time(np.array([int(each.timestamp() * 1e6) for each in hours]), zone)
    there = [each.astimezone(ZoneInfo(zone)) for each in hours]

    assert [each.hour + each.minute / 60 for each in there] == found.hour.tolist()
    assert [each.weekday() for each in there] == found.weekday.tolist()
    assert [each.date().toordinal() - 719_163 for each in there] == found.date.tolist()
    summer = [each.utcoffset() - min(e.utcoffset() for e in there[:5000]) for each in there]
    assert [each.total_seconds() / 3600 for each in summer] == found.summer.tolist()


def test_a_zone_that_does_not_exist_is_named():
    with pytest.raises(BadInput, match="zone 'Mars/Olympus' is not one"):
        local_time(np.zeros(1, np.int64), "Mars/Olympus")


def test_holidays_are_those_of_the_country_and_its_part():
    def day(month, number):
        return (dt.date(2024, month, number) - dt.date(1970, 1, 1)).days

    pytest.importorskip("holidays", reason="the library holidays is not installed")
    span = day(1, 1), day(12, 31)

    assert {day(7, 4), day(11, 28)} <= set(holidays("US", *span).tolist())
    assert day(11, 5) in holidays("AU-VIC", *span)  # the Melbourne Cup
    assert day(11, 5) not in holidays("AU", *span)
    assert 0 == len(holidays("", *span))


def test_a_country_that_is_not_known_is_named():
    pytest.importorskip("holidays", reason="the library holidays is not installed")
    with pytest.raises(BadInput, match="holidays of 'ZZ' are not known"):
        holidays("ZZ", 0, 1)


def test_without_the_library_the_way_out_is_told(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "holidays", None)
    module._year.cache_clear()

    with pytest.raises(ArgosyError, match="install argosy with the extra `forecast`"):
        holidays("US", 0, 1)
