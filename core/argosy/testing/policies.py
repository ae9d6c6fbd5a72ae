"""What every policy must do."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import polars as pl
import pyarrow as pa

from argosy.plugins import installed
from argosy.plugins.guarded_call import whole
from argosy.tables import FINDINGS
from argosy.testing.events import every, verbs

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from argosy.types import ChangeEvent, Policy


class PolicySuite:
    """Inherit this, set `name`, define the two cases, and your policy meets every change."""

    name: str
    """The policy under test."""

    options: Mapping[str, Any] = {}
    """The options it is tested with; its own defaults where none are given."""

    def allowed(self) -> Iterable[ChangeEvent]:
        """Yield changes that it has nothing against."""
        raise NotImplementedError

    def refused(self) -> Iterable[tuple[ChangeEvent, set[str]]]:
        """Yield changes that it refuses, and the models that it objects to."""
        raise NotImplementedError

    @property
    def policy(self) -> Policy:
        """Return the policy as the core finds it."""
        return installed().policies[self.name]

    def findings(self, event: ChangeEvent) -> pl.DataFrame:
        """Ask it, and check that the answer has the right types and explains itself."""
        model = self.policy.options
        options = model.model_validate(self.options) if model else None
        answer = self.policy.check(event, options)
        assert isinstance(answer, pa.Table), type(answer)
        found = pl.DataFrame(whole("policies", self.name, answer, FINDINGS, None))
        if event.models.num_rows:
            assert found["model"].null_count() == 0, "an objection names a model, if there is one"
        assert set(found["model"].drop_nulls()) <= set(event.models["model"].to_pylist())
        assert all((reason or "").strip() for reason in found["reason"]), "an objection has words"
        return found

    def test_it_says_what_it_checks(self) -> None:
        """Only verbs that exist, or effects, and a line for the list of policies."""
        assert self.policy.verbs or self.policy.touches
        assert self.policy.verbs <= set(verbs())
        assert self.policy.summary.strip()

    def test_what_is_allowed_passes(self) -> None:
        """There is at least one such change, and nothing is said against it."""
        cases = list(self.allowed())
        assert cases
        for event in cases:
            assert self.findings(event).is_empty()

    def test_what_is_refused_is_refused_for_the_right_models(self) -> None:
        """Models that are fine are not named."""
        cases = list(self.refused())
        assert cases
        for event, models in cases:
            assert set(self.findings(event)["model"]) == models

    def test_every_change_gets_an_answer(self) -> None:
        """No models, one without anything known of it, odd names, and hundreds at once."""
        for event in every():
            if event.verb in self.policy.verbs or event.touches & self.policy.touches:
                self.findings(event)

    def test_a_change_of_nothing_is_allowed(self) -> None:
        """There is no model to object to."""
        for event in every():
            if event.models.num_rows == 0:
                assert self.findings(event).is_empty()

    def test_asking_again_gives_the_same_answer(self) -> None:
        """A change may be decided several times."""
        for event, _ in self.refused():
            assert self.findings(event).equals(self.findings(event))

    def test_its_options_are_kept_as_json(self) -> None:
        """They are stored in the fleet, and read back when a change is made."""
        if self.policy.options is None:
            return
        options = self.policy.options.model_validate(self.options)
        kept = json.dumps(options.model_dump(mode="json"))
        assert self.policy.options.model_validate_json(kept) == options

    def test_its_options_are_described(self) -> None:
        """Users read them in `argosy policies` and in its error messages."""
        fields = self.policy.options.model_fields if self.policy.options else {}
        assert all(field.description for field in fields.values())
