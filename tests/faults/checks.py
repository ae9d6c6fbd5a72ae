"""What is left of a fleet after a fault, beside what was acknowledged.

Each check is played by a process that knows nothing of the fleet but what it reads.
"""

import hashlib
import json
import shutil
import time
import uuid
import warnings
from pathlib import Path

import polars as pl
from players import RESULTS, found, opened

from argosy.errors import ArgosyError

VIEWS = (
    *("models", "versions", "aliases", "bindings", "runs", "events", "policies", "incidents"),
    *("evaluations", "drift", "distributions", "profiles", "predictions", "estimates", "fits"),
)
"""What a fleet tells, by the method that tells it."""


def acknowledged(notes):
    """Yield what files of notes say was acknowledged."""
    for path in notes:
        for line in Path(path).read_text().splitlines() if Path(path).exists() else ():
            kind, _, said = line.partition("\t")
            if kind == "ack":
                yield json.loads(said)


def check(url, notes, options=None):
    """Open a fleet again, count, and write to it.

    Args:
        url: of the fleet.
        notes: files of notes.
        options: of the store.

    Returns:
        `acknowledged`, and lists of what is `lost`, `doubled` and `altered` unseen; `broken`:
        what the fleet itself says is wrong; `warned`; and the `seconds` from opening it to the
        first answer and the first change.
    """
    answers = list(acknowledged(notes))
    told = {"acknowledged": len(answers), "lost": [], "doubled": [], "altered": []}
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        begun = time.perf_counter()
        try:
            seconds, broken = _recover(url, options, begun)
            fleet = opened(url, options)
            if broken is None:
                verified = fleet.verify()
                if verified.broken_at is not None:
                    broken = f"broken at change {verified.broken_at}"
            told["doubled"] = doubled(fleet)
            told["lost"], told["altered"] = compared(fleet, answers)
        except (ArgosyError, pl.exceptions.PolarsError, pl.exceptions.PanicException) as error:
            seconds, broken = None, f"{type(error).__name__}: {error}"
            told["lost"] = [answer["token"] for answer in answers]
    said = [str(one.message) for one in warned if issubclass(one.category, UserWarning)]
    return {**told, "broken": broken, "seconds": seconds, "warned": said}


def _recover(url, options, begun):
    """Ask a question and make a change; return when both were done, and what went wrong."""
    fleet = opened(url, options)
    fleet.models().collect()
    probe = f"probe-{uuid.uuid4().hex}"
    fleet.register({"model": [f"{probe}a", f"{probe}b"], "version": ["1", "1"]}, reason=probe)
    seconds = time.perf_counter() - begun
    there = fleet.events().filter(reason=probe).collect().height
    return seconds, None if there else "a change that was just made is not there"


def doubled(fleet):
    """Return what stands twice: rows of the history, changes of one reason, rows of results."""
    events = fleet.events().collect()
    keys = events.select("seq", "kind", "key")
    twice = [f"event {row}" for row in keys.filter(keys.is_duplicated()).unique().rows()]
    again = (
        events.filter(pl.col("reason").is_not_null())
        .group_by("reason")
        .agg(pl.col("seq").n_unique())
        .filter(pl.col("seq") > 1)
    )
    twice += [f"change {reason}" for reason in again["reason"]]
    for name in (*RESULTS, "incidents"):
        rows = getattr(fleet, name)().collect()
        text = pl.Series(rows.write_ndjson().splitlines(), dtype=pl.String)
        more = rows.height - text.n_unique()
        twice += [f"{more} rows of {name}"] if more else []
    return twice


def compared(fleet, answers):
    """Return which acknowledged changes are lost, and which are there with another content."""
    lost, altered = [], []
    events = fleet.events().filter(pl.col("reason").is_not_null()).collect()
    by_reason = {key[0]: rows for key, rows in events.partition_by("reason", as_dict=True).items()}
    purposes = dict(fleet.models().select("model", "purpose").collect().rows())
    runs = set(fleet.runs().collect()["run_id"])
    for answer in answers:
        token = answer["token"]
        if answer["verb"] == "maintain":
            continue
        if "run" in answer:
            if answer["run"] not in runs:
                lost.append(token)
            elif found(fleet, answer["run"]) != answer["digest"]:
                altered.append(token)
            continue
        rows = by_reason.get(token)
        if rows is None:
            lost.append(token)
        elif not _says(rows, answer, purposes):
            altered.append(token)
    return lost, altered


def _says(rows, answer, purposes):
    """Say whether the events of a change are those that were asked for."""
    pair, token = set(answer["models"]), answer["token"]
    match answer["verb"]:
        case "register":
            right = all(purposes.get(name) == token for name in pair)
            return right and set(rows.filter(kind="version")["model"]) == pair
        case "tag":
            tagged = rows.filter(pl.col("new").str.contains(token, literal=True))
            return set(tagged["model"]) == pair
        case "alias":
            aliased = rows.filter(alias=f"a{token.replace('.', '-')}")
            return set(aliased["model"]) == pair
        case "rollback":
            return set(rows["op"]) == {"rollback"} and set(rows["model"]) == pair
    return False


def torn(url, options=None):
    """Return the pairs of which a change or the fleet shows one half, and runs without results."""
    fleet = opened(url, options)
    paired = pl.col("model").str.tail(1).is_in(["a", "b"])
    events = fleet.events().filter(paired).collect()
    halves = events.group_by("seq", "kind", pl.col("model").str.head(-1)).agg(
        sides=pl.col("model").n_unique()
    )
    wrong = [str(row) for row in halves.filter(pl.col("sides") != 2).rows()]
    with_results = {
        run
        for name in ("evaluations", "drift")
        for run in getattr(fleet, name)().collect()["run_id"]
    }
    runs = fleet.runs().collect().filter(pl.col("models") > 0)["run_id"]
    return wrong + [f"run {run}" for run in runs if run not in with_results]


def answers(url):
    """Return a digest of everything a fleet tells, by view; a view that refuses is left out."""
    told, fleet = {}, opened(url)
    for view in VIEWS:
        rows = getattr(fleet, view)().collect().write_ndjson()
        told[view] = hash_of("\n".join(sorted(rows.splitlines())))
    told["verdicts"] = hash_of(fleet.verdicts().sort("model").write_ndjson())
    told["triage"] = hash_of(fleet.triage().write_ndjson())
    return told


def damaged(url, mutations, right, head):
    """Damage one file after another, look what the fleet tells, and put each back.

    Args:
        url: of the fleet.
        mutations: each a file below it, and `flip` with a place and a bit, or `cut` with a place.
        right: what `answers` says of the whole fleet.
        head: of its chain, noted down before.

    Returns:
        Of each: `refused` (an error that names the fleet), `reported` by verify or a warning,
        `harmless`, or what was believed.
    """
    outcomes, whole = [], _contents(url)
    for name, kind, place, bit in mutations:
        content = bytearray(whole[name])
        if kind == "flip":
            content[place] ^= 1 << bit
        else:
            del content[place:]
        _put(Path(url, name), content)
        Path(url).with_name("at").write_text(json.dumps([len(outcomes), name]))
        outcomes.append(_outcome(url, right, head))
        if name.startswith("profiled/") and outcomes[-1] == "harmless":
            outcomes[-1] = _drifted(url, right["drift again"])
        _restore(url, whole)
    return outcomes


def _contents(url):
    """Return all files below a folder by name; what looks at them may put some aside."""
    files = (path for path in Path(url).rglob("*") if path.is_file())
    return {str(path.relative_to(url)): path.read_bytes() for path in files}


def _restore(url, whole):
    there = _contents(url)
    for name in there.keys() - whole.keys():
        Path(url, name).unlink()
    for name in whole:
        if there.get(name) != whole[name]:
            _put(Path(url, name), whole[name])


def _put(path, content):
    """Put a file of its own in another's place: somebody may have mapped that into memory."""
    path.unlink(missing_ok=True)
    path.write_bytes(content)


def _outcome(url, right, head):
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        try:
            verified = opened(url).verify(head)
            if verified.broken_at is not None:
                return "reported"
            told = answers(url)
        except ArgosyError as error:
            return "refused" if str(url) in str(error) else f"refused, but where? {error}"
        except (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError) as error:
            return f"traceback: {type(error).__name__}: {str(error)[:200]}"
    if all(right[view] == said for view, said in told.items()):
        return "harmless"
    if any(str(url) in str(one.message) for one in warned):
        return "reported"
    return f"believed: {[view for view in told if told[view] != right[view]]}"


def _drifted(url, right):
    """Check a copy of the fleet for drift, with the profiles that are there."""
    copy = Path(url).with_name("copy")
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(url, copy)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return "harmless" if _drift(copy) == right else "believed: drift"
        except ArgosyError as error:
            return "refused" if str(copy) in str(error) else f"refused, but where? {error}"


def _drift(url):
    run = opened(str(url)).check_drift("team IN ('web', 'risk')", detectors=["ks", "chi_squared"])
    rows = run.results().drop("run_id", "at", "reference_id").write_ndjson()
    return hash_of("\n".join(sorted(rows.splitlines())))


def hash_of(text):
    return hashlib.sha256(text.encode()).hexdigest()


def known(url):
    """Return what a whole fleet tells, and the head of its chain."""
    copy = Path(url).with_name("copy")
    shutil.copytree(url, copy)
    return [{**answers(url), "drift again": _drift(copy)}, opened(url).verify().head]
