"""Say what data and artifacts may come from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from argosy.fleet.writable import Writable
from argosy.registry import roots

if TYPE_CHECKING:
    import polars as pl


class Roots(Writable):
    """The roots of a fleet; `roots()` lists them."""

    def add_root(
        self, *urls: str, reason: str | None = None, dry_run: bool = False
    ) -> pl.DataFrame:
        """Let data and artifacts come from folders, or prefixes such as `s3://bucket/models`.

        Args:
            urls: one or more.
            reason: kept with the change.
            dry_run: write nothing, return the difference.

        Raises:
            RowsRefused: for what can be no root, such as a pattern or the whole disk.

        >>> import argosy, tempfile
        >>> fleet = argosy.open(tempfile.mkdtemp() + "/fleet", create=True)
        >>> fleet.add_root("/data/models", reason="where the trainers write")["outcome"].item()
        'added'
        """
        return roots.add(self.ledger, [str(url) for url in urls], reason, dry_run)

    def remove_root(
        self, *urls: str, reason: str | None = None, dry_run: bool = False
    ) -> pl.DataFrame:
        """Let nothing come from folders or prefixes any more; jobs that would read there fail.

        Raises:
            UnknownName: for what is no root of the fleet.
            BadInput: if no root would be left.
        """
        return roots.remove(self.ledger, [str(url) for url in urls], reason, dry_run)
