"""What plugins that compute over many models at once are built of.

For authors of metrics: `aggregation` makes one of polars expressions, `answer` assembles what a
`measure` of one's own found, `ANSWER` is its type.

For authors of loops over numbers: `ragged` lays a column of lists out as one flat array,
`compiled` turns a loop over it into machine code, `ascending` sorts every list, and `order` says
how.
"""

from argosy.kernels.aggregation import aggregation
from argosy.kernels.answers import ANSWER, answer
from argosy.kernels.ascending import ascending
from argosy.kernels.compiled import compiled
from argosy.kernels.ragged import Ragged, ragged
from argosy.kernels.sorting import order

__all__ = ["ANSWER", "Ragged", "aggregation", "answer", "ascending", "compiled", "order", "ragged"]
