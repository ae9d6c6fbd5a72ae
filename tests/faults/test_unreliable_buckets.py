"""F3 and F5: a store that loses answers, refuses, and lists what was there a while ago."""

import pytest

from .buckets import stand_in

CHANGES = ["register", "tag", "alias", "tag"]


@pytest.fixture(scope="module")
def bucket():
    pytest.importorskip("moto.server", reason="moto is not installed")
    pytest.importorskip("s3fs")
    with stand_in() as made:
        yield made


@pytest.fixture
def fleet(bucket, template, request):
    """The fleet of two models with data, in the bucket."""
    bucket.weather()
    url = bucket.url()
    bucket.filesystem().put(str(template), url.removeprefix("s3://"), recursive=True)
    return url


@pytest.mark.fault("F3 lost answers and 503 of an S3 stand-in", "requests")
@pytest.mark.parametrize(
    ("kind", "share"), [pytest.param("lost", 0.3, marks=pytest.mark.slow), ("refused", 0.1)]
)
def test_a_request_that_goes_wrong_is_made_once(
    bucket, fleet, nursery, fault, seed, size, tmp_path, kind, share
):
    """Of ten answers to writes three, of ten requests one: what was committed is no one else's.

    A change may be refused, and is then not there, or said to be in doubt; never twice.
    """
    notes = tmp_path / "notes"
    told = {"url": fleet, "options": bucket.options, "notes": str(notes)}
    for turn in range(size(1, 6)):
        bucket.weather(seed=seed + turn, **{kind: share})
        verbs = [*CHANGES, "evaluate"] if turn % 2 else CHANGES
        writer = nursery.start(
            "follow", **told, name=f"w{turn}", verbs=verbs, seed=turn, turns=size(2, 5)
        )
        answer = writer.outcome()
        fault.wrong += [answer["raised"]] if answer and "raised" in answer else []
        fault.played += bucket.weather()[kind]
        fault.wrong += [] if answer else ["hung"]
    fault.add(nursery.ask("check", url=fleet, options=bucket.options, notes=[str(notes)]))

    fault.holds()


@pytest.mark.slow
@pytest.mark.fault("F5 stale and partial listings of an S3 stand-in", "listings")
def test_a_stale_listing_never_leads_backwards(bucket, fleet, nursery, fault, seed, size, tmp_path):
    """A reader may see what was there a while ago; nobody writes over what is there."""
    notes = tmp_path / "notes"
    told = {"url": fleet, "options": bucket.options}
    bucket.weather(seed=seed, stale=0.3, partial=0.2)
    writers = [
        nursery.start(
            "follow",
            **told,
            notes=str(notes),
            name=f"w{number}",
            verbs=CHANGES,
            seed=number,
            turns=size(2, 10),
        )
        for number in range(2)
    ]
    reader = nursery.start("read", **told, reads=size(10, 1000), fresh_every=10**9)
    for writer in writers:
        fault.wrong += [error for error in writer.wait() if error]
    fault.wrong += reader.wait(size(120, 900))["wrong"]
    done = bucket.weather()
    fault.played += done["stale"] + done["partial"]
    fault.add(nursery.ask("check", **told, notes=[str(notes)]))

    fault.holds()
