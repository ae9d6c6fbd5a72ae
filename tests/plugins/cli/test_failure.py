"""Whatever fails below argosy is one line and an exit code, also where an engine panics."""

import json
import resource
import subprocess
import sys

import polars as pl
import pytest

import argosy
from argosy.errors import BadInput, StoreError
from argosy.store import damage
from argosy.store.damage import explained, refuse_damaged
from argosy.testing.fleets import logged_fleet
from argosy_cli.main import run

UGLY = ("Traceback", "panicked", "stack backtrace")
PAGES = range(20, 140, 6)
"""Where bits are flipped: in the headers of the first pages."""


def typed(*arguments, limit=None):
    """Run the command line in a process of its own, as a shell does."""
    bound = limit and (lambda: resource.setrlimit(resource.RLIMIT_AS, (limit, limit)))
    return subprocess.run(
        [sys.executable, "-m", "argosy", *arguments],
        capture_output=True,
        text=True,
        timeout=120,
        preexec_fn=bound,
    )


def flipped(path, place):
    content = bytearray(path.read_bytes())
    content[place] ^= 16
    path.write_bytes(content)


# Surroundings


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ("{", "is not JSON"),
        ("secret", "is not JSON"),
        ('["key"]', "is a list, not an object"),
        ('"key"', "is a str, not an object"),
    ],
)
def test_malformed_storage_options_are_wrong_usage_in_one_line(
    empty, monkeypatch, capsys, options, reason
):
    """And not repeated: they may hold secrets."""
    monkeypatch.setenv("ARGOSY_STORAGE_OPTIONS", options)
    code = run(["--fleet", empty.url, "models"])
    told = capsys.readouterr().err

    assert code == 2
    assert f"error: ARGOSY_STORAGE_OPTIONS {reason}" in told
    assert "secret" not in told.replace('"secret": "…"', "")


@pytest.mark.parametrize("url", ["http://127.0.0.1:9/fleet", "nosuch://host/fleet", "/proc/1/x"])
def test_a_fleet_that_cannot_be_reached_is_one_line(url, capsys):
    code = run(["--fleet", url, "models"])
    told = capsys.readouterr().err

    assert code == 1
    assert told.count("\n") == 1
    assert told.startswith("error: ")
    assert "fleet" in told


def test_a_lost_marker_is_made_anew_and_the_rest_is_as_it_was(fleet, tmp_path):
    marker = tmp_path / "fleet/argosy.json"
    marker.unlink()
    with pytest.raises(StoreError, match=r"argosy.json is missing, .* `argosy .* init` makes it"):
        argosy.open(fleet.url)

    again = argosy.open(fleet.url, create=True)
    assert again.models().collect().height == 6
    assert again.verify().intact


def test_a_change_that_is_named_by_text_is_no_damage(fleet):
    with pytest.raises(BadInput, match="a change is named by its number, not by '1'"):
        fleet.rollback("1")


def test_a_fault_of_a_query_is_not_told_as_damage(fleet):
    fleet.evaluate()
    rows = fleet.evaluations().filter(pl.col("value") == "text")
    with pytest.raises(StoreError) as caught:
        damage.collect(rows, fleet.url)

    assert "backup" not in str(caught.value)


# Files


def test_a_file_of_another_size_is_refused_before_it_is_read(tmp_path):
    path = tmp_path / "part-1.zstd.parquet"
    path.write_bytes(b"rows")
    refuse_damaged([(str(path), 4)])

    with pytest.raises(StoreError, match=r"part-1.* has 4 bytes in place of 5; restore it"):
        refuse_damaged([(str(path), 5)])
    path.unlink()
    with pytest.raises(StoreError, match=r"part-1.* is missing; restore it"):
        refuse_damaged([(str(path), 4)])


def test_a_file_that_was_sound_is_looked_at_again_only_once_it_changed(
    fleet, tmp_path, monkeypatch
):
    fleet.evaluate()
    looked, real = [], damage._is_altered
    monkeypatch.setattr(damage, "_is_altered", lambda path: looked.append(path) or real(path))
    monkeypatch.setattr(damage, "_sound", set())
    for _ in range(3):
        fleet.evaluations()
    (path,) = (tmp_path / "fleet/evaluations").glob("*.parquet")

    assert looked == [str(path)]
    flipped(path, 50)
    with pytest.raises(StoreError, match=f"{path.name} is damaged: its checksum is another one"):
        fleet.evaluations()


def test_large_tables_are_compared_by_size_alone(fleet, tmp_path, monkeypatch):
    fleet.evaluate()
    monkeypatch.setattr(damage, "_MOST_BYTES", 10)
    monkeypatch.setattr(damage, "_sound", set())
    (path,) = (tmp_path / "fleet/evaluations").glob("*.parquet")
    flipped(path, 50)

    fleet.evaluations()  # whoever collects it hears of it, or `verify` does
    assert not fleet.verify().intact


def test_the_file_is_found_that_an_engine_could_not_read(fleet, tmp_path):
    fleet.evaluate()
    (path,) = (tmp_path / "fleet/evaluations").glob("*.parquet")
    path.write_bytes(path.read_bytes()[:-10])
    told = str(explained(pl.exceptions.ComputeError("no\nstack backtrace:\n 0: x"), fleet.url))

    assert told == f"{path} is damaged (no); restore it from a backup"


@pytest.mark.slow
@pytest.mark.parametrize("place", PAGES)
def test_a_changed_page_never_aborts_the_process(tmp_path, place):
    """A page that lies about its size asks for more memory than there is."""
    fleet = logged_fleet(tmp_path, models=2, rows=60)
    fleet.check_drift()
    (path,) = (tmp_path / "fleet/verdicts").glob("*.parquet")
    flipped(path, place)
    ended = typed("--fleet", fleet.url, "triage", limit=16_000_000 * 1024)

    assert ended.returncode == 1
    assert ended.stderr == (
        f"error: {path} is damaged: its checksum is another one; restore it from a backup\n"
    )


@pytest.fixture
def paged(tmp_path):
    """A model for each flipped bit of its own table, and one whose table is whole."""
    logged_fleet(tmp_path, models=1, rows=100)
    rows = pl.read_parquet(tmp_path / "reference.parquet")
    names = ["whole", *(f"bit{place}" for place in PAGES)]
    fleet = argosy.open(str(tmp_path / "paged"), create=True)
    fleet.register({"model": names, "version": ["1"] * len(names)})
    table = {"role": [], "model": [], "url": []}
    for name in names:
        path = tmp_path / f"{name}.parquet"
        rows.write_parquet(path)
        if name != "whole":
            flipped(path, int(name.removeprefix("bit")))
        for role in ("reference", "current"):
            table["role"].append(role)
            table["model"].append(name)
            table["url"].append(str(path))
    fleet.bind(table)
    return fleet


def test_a_panic_over_data_fails_its_model_and_is_told_in_words(paged):
    ended = typed("--fleet", paged.url, "drift", "--json")
    told = json.loads(ended.stdout)
    failed = pl.DataFrame(paged.drift().filter(status="failed").collect())

    assert ended.returncode == 4
    assert not any(word in ended.stderr for word in UGLY)
    assert told
    assert "whole" not in set(failed["model"])
    assert failed["reason"].str.contains("bit").all()
