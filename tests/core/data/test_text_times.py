"""Text is read as the time it names, and never by what stands beside it, but for day and month."""

from datetime import UTC, datetime, timedelta, timezone

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from argosy.data.text_times import Marks, marks, read_format, read_text, written_as

TIMES = st.datetimes(datetime(1, 1, 2), datetime(9999, 12, 30))
SAMPLES = [
    *("2024-01-31", "2024/1/31", "2024.01.31", "20240131", " 2024-01-31 ", "2024-01-31T10"),
    *("2024-01-31 02:30", "2024-01-31 02:30 PM", "2024-01-31T14:30:05", "20240131T143005Z"),
    *("2024-01-31T14:30:05.123456789Z", "2024-01-31 14:30 +0100", "2024-01-31 14:30+01"),
    *("2024-01-31 14:30:05 UTC", "2024-01-31T14:30:05.5-05:30", "2024-12-31T23:59:60Z"),
    *("31/01/2024", "31.1.2024 9:00", "01-09-2024", "05/05/2024", "01/31/2024 12:30 AM"),
    *("9999-12-31", "0001-01-01", "", "n/a", "2024-02-30", "2024-01-31T24:00", "0000-00-00"),
    *("1704067200", "1704067200000", "24-01-31", "01/02/24", "2024-01-31T23:61", "Jan 5 2024"),
]


def read(values, order=None):
    found = read_text(pl.Series(values, dtype=pl.String), order)
    return list(zip(found.times.to_list(), found.offset.to_list(), strict=True))


@given(st.lists(st.sampled_from(SAMPLES), min_size=1), st.sampled_from([None, "day", "month"]))
def test_no_value_is_read_by_what_stands_beside_it(values, order):
    """One format is tried on all values first, and which one depends on the first value."""
    assert [read([value], order)[0] for value in values] == read(values, order)


@given(TIMES, st.integers(-14 * 60, 14 * 60))
def test_one_time_is_read_from_every_spelling(time, minutes):
    offset = timezone(timedelta(minutes=minutes))
    here = time.replace(tzinfo=UTC).astimezone(offset)
    text = here.isoformat(timespec="microseconds")
    aware = [text, text.replace("T", " "), f"{text[:-6]} {text[-6:]}", text.replace("-", "/", 2)]
    aware.append(f"{text[:-6]}{text[-6:].replace(':', '')}")
    plain = time.isoformat(timespec="microseconds")
    compact = plain.replace("-", "").replace(":", "")
    local = [plain, plain.replace("T", " "), plain.replace("-", "."), compact, f"{plain}999"]

    assert [(time, True)] * len(aware) == read(aware)
    assert [(time, False)] * len(local) == read(local)


@given(TIMES, st.sampled_from("/.-"), st.sampled_from(["%d{0}%m{0}%Y", "%m{0}%d{0}%Y"]))
def test_the_order_says_which_is_the_day(time, mark, form):
    minute = time.replace(second=0, microsecond=0)
    date = form.format(mark).replace("%Y", f"{minute.year:04}")
    text = minute.strftime(f"{date} %H:%M")
    order = "day" if form.startswith("%d") else "month"

    assert [(minute, False)] == read([text], order)
    assert [(minute if minute.day == minute.month else None, False)] == read([text])


@pytest.mark.parametrize(
    ("values", "found", "order"),
    [
        (["13/01/2024", "02/03/2024"], Marks(day=True, month=False, either=True), "day"),
        (["01/13/2024 05:00", "2024-01-01"], Marks(day=False, month=True, either=False), "month"),
        (["13.1.2024", "1.13.2024"], Marks(day=True, month=True, either=False), None),
        (["01/02/2024"], Marks(day=False, month=False, either=True), None),
        (
            ["05/05/2024", "31/31/2024", "n/a", None],
            Marks(day=False, month=False, either=False),
            None,
        ),
    ],
)
def test_a_column_shows_its_order_by_what_is_a_date_in_one_order_only(values, found, order):
    shown = Marks(*pl.DataFrame({"t": values}).select(marks(pl.col("t"))).row(0))

    assert (found, order) == (shown, shown.order)


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("01/09/2024", "%d/%m/%Y"),
        ("1.9.2024 9:05", "%d.%m.%Y %H:%M"),
        ("01-09-2024T09:05:06.123", "%d-%m-%YT%H:%M:%S%.f"),
    ],
)
def test_the_format_that_is_proposed_reads_the_text(text, form):
    assert form == written_as(text)
    assert read([text], "day")[0][0] == read_format(pl.Series([text]), form).times[0]


def test_a_format_with_an_offset_gives_instants():
    found = read_format(pl.Series(["31/01/2024 10:00 +0100", "soon"]), "%d/%m/%Y %H:%M %z")

    assert [datetime(2024, 1, 31, 9), None] == found.times.to_list()
    assert [True, False] == found.offset.to_list()
