"""What plugins that compute over many models at once are built of.

For authors of metrics: `aggregation` makes one of polars expressions, `answer` assembles what a
`measure` of one's own found, `ANSWER` is its type.

For authors of loops over numbers: `ragged` lays a column of lists out as one flat array, and
`compiled` turns a loop over it into machine code.
"""

from argosy.kernels.aggregation import aggregation
from argosy.kernels.answers import ANSWER, answer
from argosy.kernels.compiled import compiled
from argosy.kernels.ragged import Ragged, ragged

__all__ = ["ANSWER", "Ragged", "aggregation", "answer", "compiled", "ragged"]
