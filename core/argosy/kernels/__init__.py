"""What plugins that compute over many models at once are built of.

For authors of metrics: `aggregation` makes one of polars expressions, `answer` assembles what a
`measure` of one's own found, `ANSWER` is its type.

For authors of loops over numbers: `ragged` lays a column of lists out as one flat array,
`compiled` turns a loop over it into machine code, and `order` sorts every list.
"""

from argosy.kernels.aggregation import aggregation
from argosy.kernels.answers import ANSWER, answer
from argosy.kernels.compiled import compiled
from argosy.kernels.ragged import Ragged, ragged
from argosy.kernels.sorting import order

__all__ = ["ANSWER", "Ragged", "aggregation", "answer", "compiled", "order", "ragged"]
