"""What plugins that compute over many models at once are built of.

For authors of metrics: `aggregation` makes one of polars expressions, `answer` assembles what a
`measure` of one's own found, `ANSWER` is its type. Whatever either adds up over rows is added up
by `addition`, so that no bit depends on the neighbours: arrays by `sums`, `runs`, `running`,
`down` and `across`, the groups of a query by `total`, `mean` and `spread`.

For authors of loops over numbers: `ragged` lays a column of lists out as one flat array,
`compiled` turns a loop over it into machine code, `ascending` sorts every list, and `order` says
how. `argosy.kernels.batches` cuts rows that depend on each other into batches that hardly do, and
says what they are worth. Linear algebra of one model after another goes into a `single_threaded`
block.
"""

from argosy.kernels.addition import across, down, mean, running, runs, spread, sums, total
from argosy.kernels.aggregation import aggregation
from argosy.kernels.answers import ANSWER, answer
from argosy.kernels.ascending import ascending
from argosy.kernels.batches import Batches, batches
from argosy.kernels.compiled import compiled
from argosy.kernels.ragged import Ragged, ragged
from argosy.kernels.single_thread import single_threaded
from argosy.kernels.sorting import order

__all__ = [
    "ANSWER",
    "Batches",
    "Ragged",
    "across",
    "aggregation",
    "answer",
    "ascending",
    "batches",
    "compiled",
    "down",
    "mean",
    "order",
    "ragged",
    "running",
    "runs",
    "single_threaded",
    "spread",
    "sums",
    "total",
]
