"""Object stores: a whole fleet on S3, and the options for each store in each engine's words."""

import json
import subprocess
import sys
import uuid

import polars as pl
import pytest

import argosy
from argosy.artifacts import digest_of
from argosy.errors import BadInput, FleetNotFound, RowsRefused
from argosy.governance.outbox import Outbox
from argosy.plugins.settings import using
from argosy.store.options import for_tables
from argosy.tables import NOTICES
from argosy.testing.fleets import logged_fleet


@pytest.fixture
def options(bucket):
    """What a user passes to reach the stand-in, in fsspec's words."""
    return bucket


@pytest.fixture
def url():
    return f"s3://ships/{uuid.uuid4().hex}/fleet"


def test_a_fleet_lives_in_a_bucket(options, url):
    """Marker, tables, scans and upkeep all find the store with the same options."""
    with pytest.raises(FleetNotFound):
        argosy.open(url, storage_options=options)
    fleet = argosy.open(url, create=True, storage_options=options)
    fleet.register({"model": ["a", "b"], "version": ["1", "1"], "team": ["web", "risk"]})
    fleet.set_alias({"model": ["a"], "version": ["1"]}, "champion")
    fleet.maintain()
    fleet.tag(fleet.where("team = 'risk'"), {"region": "eu"})
    again = argosy.open(url, create=True, storage_options=options)

    assert again.get("a", alias="champion")["version"] == "1"
    assert again.get("b")["tags"] == {"region": "eu"}
    assert again.as_of(1).aliases().collect().is_empty()
    assert again.verify().changes == 3
    assert again.verify().broken_at is None
    assert again.sql("SELECT count(*) AS n FROM models").item() == 2


def test_models_are_judged_on_data_in_the_bucket(options, url, tmp_path):
    """The data is read, and the results are written, with the fleet's own options."""
    filesystem = _filesystem(options)
    local = logged_fleet(tmp_path, drifting={"m2"})
    fleet = argosy.open(url, create=True, storage_options=options)
    fleet.register(local.versions().select("model", "version").collect())
    folder = url.removesuffix("/fleet")
    for role in ("reference", "holdout", "current"):
        filesystem.put_file(str(tmp_path / f"{role}.parquet"), f"{folder}/{role}.parquet")
        table = {"url": f"{folder}/{role}.parquet", "key": "client"}
        fleet.bind([{**table, "role": role, "truth": "label", "score": "score"}])
    checked, evaluated = fleet.check_drift(), fleet.evaluate(metrics=["auc"])
    again = argosy.open(url, storage_options=options)

    assert (evaluated.summary["ok"], checked.summary["drifted"]) == (6, 1)
    assert again.evaluations().collect()["model"].n_unique() == 6
    assert again.triage()["model"].to_list()[0] == "m2"
    filesystem.rm_file(f"{folder}/reference.parquet")
    assert again.check_drift().summary["drifted"] == 1  # the profiles are in the bucket too
    assert again.maintain(keep_hours=0, nobody_writes=True)
    assert again.check_drift().summary["ok"] == 6


def test_an_artifact_in_the_bucket_is_digested(options, url):
    filesystem = _filesystem(options)
    artifact = url.replace("/fleet", "/a.skops")
    filesystem.pipe_file(artifact, b"ship")
    fleet = argosy.open(url, create=True, storage_options=options)
    table = {"model": ["a"], "version": ["1"], "format": ["skops"]}
    fleet.register({**table, "artifact": [artifact]})

    assert fleet.get("a")["digest"] == digest_of(b"ship")
    absent = url.replace("/fleet", "/none.skops")
    with pytest.raises(RowsRefused, match=f"there is no artifact at {absent}"):
        fleet.register({**table, "version": ["2"], "artifact": [absent]})


def _filesystem(options):
    import s3fs

    return s3fs.S3FileSystem(**options)


@pytest.mark.parametrize(("workers", "changes"), [(3, 6)])
def test_writers_on_several_machines_lose_no_update(options, url, workers, changes):
    """All change one row; the store refuses whoever would overwrite a commit."""
    fleet = argosy.open(url, create=True, storage_options=options)
    fleet.register({"model": ["m"], "version": ["1"]})
    program = (
        "import argosy, json, sys\n"
        "url, options, worker, changes = sys.argv[1:]\n"
        "fleet = argosy.open(url, storage_options=json.loads(options))\n"
        "for n in range(int(changes)):\n"
        "    done = fleet.tag({'model': ['m']}, {f'{worker}-{n}': 'x'})\n"
        "    print(done['outcome'].item())\n"
    )
    told = [sys.executable, "-c", program, url, json.dumps(options)]
    writers = [
        subprocess.Popen([*told, str(worker), str(changes)], stdout=subprocess.PIPE, text=True)
        for worker in range(workers)
    ]
    answers = [writer.communicate(timeout=120)[0].split() for writer in writers]

    assert answers == [["changed"] * changes] * workers
    assert len(fleet.get("m")["tags"]) == workers * changes
    assert fleet.verify().changes == workers * changes + 1
    assert fleet.verify().broken_at is None


def test_what_another_machine_committed_is_seen(options, url):
    """A filesystem that remembers its listings would say that the entry is not there."""
    fleet = argosy.open(url, create=True, storage_options=options)
    fleet.register({"model": ["a"], "version": ["1"]})
    program = (
        "import argosy, json, sys\n"
        "fleet = argosy.open(sys.argv[1], storage_options=json.loads(sys.argv[2]))\n"
        "fleet.register({'model': ['b'], 'version': ['1']})\n"
    )
    assert argosy.open(url, storage_options=options).models().collect().height == 1
    subprocess.run([sys.executable, "-c", program, url, json.dumps(options)], check=True)

    assert fleet.models().collect().height == 2
    fleet.register({"model": ["c"], "version": ["1"]})
    assert fleet.verify().changes == 3


def test_two_creators_of_a_bucket_make_one_fleet(options, url):
    """The second put of the marker is refused, so that both go on with the first."""
    from argosy.store.location import Location

    location = Location(url, options)
    location.create()
    first = location.marker()
    location.create()

    assert location.marker() == first


# Options, translated


def test_options_of_s3_are_translated_and_commits_are_conditional():
    options = {
        "key": "k",
        "secret": "s",
        "token": "t",
        "client_kwargs": {"endpoint_url": "https://store:9000", "region_name": "eu-west-1"},
    }

    assert for_tables("s3://bucket/fleet", options) == {
        "aws_access_key_id": "k",
        "aws_secret_access_key": "s",
        "aws_session_token": "t",
        "aws_endpoint_url": "https://store:9000",
        "aws_region": "eu-west-1",
        "aws_conditional_put": "etag",
    }


@pytest.mark.parametrize("scheme", ["gs", "gcs"])
def test_options_of_google_are_translated(scheme):
    assert for_tables(f"{scheme}://b/f", {"token": "/key.json", "project": "p"}) == {
        "google_service_account": "/key.json"
    }
    assert for_tables(f"{scheme}://b/f", {"token": {"type": "service_account"}}) == {
        "google_service_account_key": '{"type": "service_account"}'
    }
    assert for_tables(f"{scheme}://b/f", {"token": "anon"}) == {"google_skip_signature": "true"}
    assert for_tables(f"{scheme}://b/f", {"endpoint_url": "https://h"}) == {
        "google_base_url": "https://h"
    }


@pytest.mark.parametrize("ambient", ["google_default", "cloud", "cache", "browser"])
def test_words_of_google_for_surrounding_credentials_are_no_files(ambient):
    """The table engine finds the surroundings' credentials by itself."""
    assert for_tables("gs://b/f", {"token": ambient}) == {}


@pytest.mark.parametrize("scheme", ["az", "abfs", "abfss"])
def test_options_of_azure_are_translated(scheme):
    options = {
        "account_name": "a",
        "account_key": "k",
        "sas_token": "s",
        "tenant_id": "t",
        "client_id": "i",
        "client_secret": "c",
    }

    assert for_tables(f"{scheme}://container/fleet", options) == {
        "azure_storage_account_name": "a",
        "azure_storage_account_key": "k",
        "azure_storage_sas_token": "s",
        "azure_storage_tenant_id": "t",
        "azure_storage_client_id": "i",
        "azure_storage_client_secret": "c",
    }


def test_the_table_engines_own_words_are_passed_on():
    told = for_tables("s3://b/f", {"AWS_REGION": "eu-west-1", "anon": False})

    assert told == {"aws_region": "eu-west-1", "aws_conditional_put": "etag"}


def test_a_folder_needs_no_options():
    assert for_tables("/somewhere/fleet", {"auto_mkdir": True}) == {}


@pytest.mark.parametrize("scheme", ["s3", "gs", "az"])
def test_an_unknown_option_is_refused_by_name(scheme):
    """An option that one engine heeds and the other ignores would be found out late."""
    with pytest.raises(BadInput, match=f"'colour' is not known for {scheme}; known: "):
        for_tables(f"{scheme}://b/f", {"colour": "red"})


@pytest.mark.parametrize("name", ["AWS_S3_ALLOW_UNSAFE_RENAME", "allow_unsafe_rename"])
def test_what_lets_writers_overwrite_each_other_is_refused(name):
    with pytest.raises(BadInput, match="lets writers overwrite each other; leave it out"):
        for_tables("s3://b/f", {name: "true"})


def test_commits_cannot_be_made_unconditional():
    assert for_tables("s3://b/f", {"aws_conditional_put": "disabled"}) == {
        "aws_conditional_put": "etag"
    }


def test_notices_wait_in_the_bucket_until_they_are_sent(options, url, tmp_path):
    path = tmp_path / "news.jsonl"
    fleet = argosy.open(url, create=True, storage_options=options, actor="bea")
    fleet.register({"model": ["a"], "version": ["1"]})
    rows = pl.DataFrame(NOTICES.empty_table()).clear(2).with_columns(text=pl.lit("it moved"))
    Outbox(fleet.location).keep(1, rows, ["jsonl"])
    again = argosy.open(url, storage_options=options)
    chosen = {"core": {"sinks": ["jsonl"]}}

    with using({**chosen, "notices": {"path": str(tmp_path)}}):
        assert again.send_notices() == 0
        waiting = again.notices()
    assert waiting["tries"].to_list() == [1, 1]
    with using({**chosen, "notices": {"path": str(path)}}):
        assert again.send_notices() == 2
        assert again.notices().is_empty()
    assert pl.read_ndjson(path)["id"].to_list() == waiting["id"].to_list()
    assert Outbox(fleet.location).names() == []
