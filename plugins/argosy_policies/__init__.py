"""Rules that changes must keep where a fleet requires them.

One policy per module: `owner` (every model has an owner), `reason` (a change says why) and `roots`
(only some people let data come from new places); `lifting` is who may take them away.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from argosy import hookimpl

if TYPE_CHECKING:
    from collections.abc import Iterator

    from argosy.types import Policy

argosy_api = ">=1.0,<2"


@hookimpl
def argosy_policies() -> Iterator[Policy]:
    """Offer the policies."""
    from argosy_policies import owner, reason, roots

    yield owner.POLICY
    yield reason.POLICY
    yield roots.POLICY
