"""Every verb of a fleet, called one after another."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import polars as pl
from recording.tables import LOGGED, TAUGHT, bindings, models, second, spoil, templates

import argosy

Verb = Callable[[argosy.Fleet], Any]


def _stopped(call: Callable[..., Any], **how: Any) -> None:
    """Call a verb that takes a while, and stop it at its first sign of progress."""

    def stop(done: int, total: int) -> None:
        raise KeyboardInterrupt

    call(progress=stop, **how)


def _seq(fleet: argosy.Fleet, op: str) -> int:
    """Return the number of the last change of a kind."""
    return int(fleet.events().filter(op=op).collect()["seq"].cast(pl.Int64).to_list()[-1])


def _ailing(fleet: argosy.Fleet, moved: Any) -> Any:
    """Look at promoted models as a check does: find one of them ill."""
    return pl.DataFrame({"model": ["m1"], "reason": ["it looks ill"]}).to_arrow()


def verbs(folder: Path) -> Mapping[str, Verb]:
    """Name every call on the fleet of verbs, in the order in which they are made."""
    known = models(folder)
    wave = [{"model": name, "version": "2"} for name in LOGGED[:4]]
    risk, logged, sound = "team = 'risk'", "team <> 'lab'", "model IN ('s0', 's1')"
    steps = (0.3, 1.0)
    return {
        # what is registered and bound
        "register dry": lambda f: f.register(known, dry_run=True),
        "register": lambda f: f.register(known, reason="all of them"),
        "spoil": lambda f: spoil(folder),
        "register refused": lambda f: f.register(known[:2]),
        "register skip": lambda f: f.register(known[:2], existing="skip"),
        "bind dry": lambda f: f.bind(bindings(folder), dry_run=True),
        "bind": lambda f: f.bind(bindings(folder)),
        "bind absent": lambda f: f.bind([{"role": "odd", "url": f"{folder}/nowhere.parquet"}]),
        "bind unchecked": lambda f: f.bind(
            [{"role": "odd", "url": f"{folder}/nowhere.parquet"}], False
        ),
        # what is changed
        "tag": lambda f: f.tag(f.where(risk), {"wave": "1"}, reason="the first wave"),
        "tag rows": lambda f: f.tag([{"model": "m0", "tags": {"wave": "2", "spare": "x"}}]),
        "untag": lambda f: f.untag([{"model": "m0"}], ["spare"]),
        "set_owner": lambda f: f.set_owner(f.where("owner IS NULL"), "dan"),
        "set_alias": lambda f: f.set_alias(f.where("model <> 'absent'"), "champion"),
        "set_alias moved": lambda f: f.set_alias(
            [{"model": "m0", "version": "1"}], "champion", if_version="9"
        ),
        "set_alias dry": lambda f: f.set_alias(f.where(risk), "spare", dry_run=True),
        "set_alias spare": lambda f: f.set_alias(f.where(risk), "spare"),
        "clear_alias": lambda f: f.clear_alias(f.where("model = 'm1'"), "spare"),
        "register second": lambda f: f.register(second(known)),
        "set challenger": lambda f: f.set_alias(wave, "challenger"),
        "retire": lambda f: f.retire([{"model": "m3"}], reason="too old"),
        "restore": lambda f: f.restore([{"model": "m3"}]),
        "delete": lambda f: f.delete([{"model": "altered"}]),
        "restore deleted": lambda f: f.restore([{"model": "altered"}]),
        "rollback refused": lambda f: f.rollback(1),
        "rollback dry": lambda f: f.rollback(_seq(f, "clear_alias"), dry_run=True),
        "rollback": lambda f: f.rollback(_seq(f, "clear_alias"), reason="it was wrong"),
        # what is worked out
        "explain": lambda f: f.explain("evaluate", logged).drop("cores"),
        "evaluate": lambda f: f.evaluate(logged),
        "evaluate slices": lambda f: f.evaluate(
            logged, metrics=["auc", "brier"], slices=["colour", "age > 50"], depth=2, least=10
        ),
        "evaluate windows": lambda f: f.evaluate(
            risk, metrics=["auc"], window="1w", segments=True, bootstrap=50, seed=3
        ),
        "evaluate first": lambda f: f.evaluate("model = 'm5'", metrics=["auc"], window="80 rows"),
        "evaluate again": lambda f: f.evaluate("model = 'm5'", metrics=["auc"], window="80 rows"),
        "evaluate deadly": lambda f: f.evaluate("model IN ('deadly', 's1')", metrics=["auc"]),
        "quarantined": lambda f: f.quarantined().collect(),
        "evaluate barred": lambda f: f.evaluate("model = 'deadly'"),
        "release dry": lambda f: f.unquarantine([{"model": "deadly"}], dry_run=True),
        "evaluate loaded": lambda f: f.evaluate("team = 'lab'", metrics=["auc", "log_loss"]),
        "compare": lambda f: f.compare(),
        "gate": lambda f: f.gate("model <> 'm5'", baselines=("naive", "champion"), margin=0.01),
        "estimate": lambda f: f.estimate(logged),
        "estimate windows": lambda f: f.estimate(sound, window="1w"),
        "evaluate late": lambda f: f.evaluate(logged, "current", truth="truth"),
        "check_drift": lambda f: f.check_drift(logged),
        "check_drift windows": lambda f: f.check_drift(logged, window="1w", segments=["colour"]),
        "check_drift rolling": lambda f: f.check_drift(risk, window="1w", against="rolling 1"),
        "check_drift rules": lambda f: f.check_drift(
            sound, detectors=["ks", "psi"], rules=[{"level": 0.01, "min_rows": 10}]
        ),
        "predict": lambda f: f.predict(sound, role="lists"),
        "lookup": lambda f: f.lookup("lists").get("s0", "current-7"),
        "leaderboard": lambda f: f.leaderboard("auc", "holdout", logged, "team"),
        # templates
        "define": lambda f: f.define(templates()),
        "undefine": lambda f: f.undefine([{"template": "spare"}]),
        "instantiate": lambda f: f.instantiate("shop", {"model": TAUGHT}),
        "instantiate skip": lambda f: f.instantiate("shop", {"model": TAUGHT}, "skip"),
        "train": lambda f: f.train(),
        "train named": lambda f: f.train("model = 't0'", version="named", alias=None),
        # promotions, policies, groups
        "promote dry": lambda f: f.promote(wave, steps=steps, dry_run=True, checks="none"),
        "promote checked": lambda f: f.promote(wave, steps=steps, checks=[_ailing], name="ill"),
        "promote": lambda f: f.promote(logged, of="challenger", steps=steps, checks=["drift"]),
        "require": lambda f: f.require([{"policy": "reason", "where": "tier = 1"}]),
        "refused by policy": lambda f: f.retire([{"model": "m0"}]),
        "unrequire": lambda f: f.unrequire([{"policy": "reason"}]),
        "require owner": lambda f: f.require([{"policy": "owner"}]),
        "grouped tag": lambda f: f.in_group("night").tag(f.where(risk), {"night": "yes"}),
        "grouped run": lambda f: f.in_group("night").evaluate(risk, metrics=["auc"], fresh=True),
        "grouped rollback": lambda f: f.rollback(group="night"),
        "group kept": lambda f: f.in_group("morning").tag(f.where(risk), {"morning": "yes"}),
        # what was stopped
        "stopped": lambda f: _stopped(f.evaluate, selection=risk, metrics=["auc"]),
        "unfinished": lambda f: f.unfinished(),
        "resume": lambda f: f.resume(f.unfinished()["run_id"].first()),
        "stopped too": lambda f: _stopped(f.check_drift, selection=logged),
        "cancel": lambda f: f.cancel(f.unfinished()["run_id"].first()),
        # what is asked
        "get": lambda f: f.get("m0", alias="champion"),
        "where": lambda f: f.where(risk).where("drifted").frame(),
        "names": lambda f: f.where(risk).names("model", "owner"),
        "with_fields": lambda f: f.with_fields("versions").collect(),
        "as_of models": lambda f: f.as_of(3).models().collect(),
        "as_of refused": lambda f: f.as_of(3).retire([{"model": "m0"}]),
        "as_of overview": lambda f: f.as_of(_seq(f, "evaluate")).overview(),
        "default_metric": lambda f: f.default_metric(),
        "verify": lambda f: f.verify().findings,
        "maintain": lambda f: f.maintain(),
    }
