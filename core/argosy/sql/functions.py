"""The functions that SQL may call, and the types that it may cast to.

They are those that the engine documents, without `range` and `generate_series`, which make rows out
of nothing, and without all that reads files.
"""

from __future__ import annotations


def word_set(text: str) -> frozenset[str]:
    """Return a set of words.

    >>> sorted(word_set("lag lead"))
    ['lag', 'lead']
    """
    return frozenset(text.split())


NUMBERS = word_set(
    "abs cbrt ceil ceiling div erf erfc exp floor ln log log10 log1p log2 mod pi pow power round"
    " sign sqrt trunc truncate cos cot sin tan cosd cotd sind tand acos asin atan atan2 acosd"
    " asind atand atan2d degrees radians bit_and bitand bit_count bitcount bit_not bitnot bit_or"
    " bitor bit_xor bitxor xor"
)
CHOICES = frozenset(["coalesce", "greatest", "if", "ifnull", "least", "nullif"])
TIMES = word_set(
    "current_date current_time localtime current_timestamp localtimestamp now date date_part"
    " date_trunc year quarter month week day dayofmonth dayofweek dayofyear hour minute second"
    " strftime strptime time timestamp datetime"
)
TEXTS = word_set(
    "bit_length concat concat_ws ends_with initcap left length char_length character_length lower"
    " lpad ltrim normalize octet_length regexp_like regexp_replace replace reverse right rpad"
    " rtrim split_part starts_with string_to_array strpos substr upper"
)
AGGREGATES = word_set(
    "approx_quantile avg corr count covar covar_pop covar_samp first grouping grouping_id last"
    " max median min quantile_cont quantile_disc stdev stddev stdev_samp stddev_samp string_agg"
    " listagg group_concat sum total var variance var_samp array_agg"
)
LISTS = word_set(
    "array_contains array_dot_product array_inner_product array_get array_length array_lower"
    " array_mean array_reverse array_sum array_to_string array_unique array_upper unnest"
)
WINDOWS = word_set(
    "cume_dist dense_rank first_value lag last_value lead nth_value ntile percent_rank rank"
    " row_number"
)
COLUMNS = frozenset({"columns"})

ADMITTED = NUMBERS | CHOICES | TIMES | TEXTS | AGGREGATES | LISTS | WINDOWS | COLUMNS

TYPES = word_set(
    "BigInt Binary Blob Bool Boolean Bytea Bytes Char Character Clob Date Datetime Dec Decimal"
    " Double Float Float4 Float8 HugeInt Int Int128 Int16 Int2 Int32 Int4 Int64 Int8 Integer"
    " MediumInt Numeric Real SmallInt String Text TinyInt UBigInt UHugeInt UInt16 UInt32 UInt64"
    " UInt8 USmallInt UTinyInt Uuid Varbinary Varchar"
)
"""Types whose name, as the parser calls them, is how they are written."""
TYPES_OF_WORDS = {
    "BigIntUnsigned": "BIGINT UNSIGNED",
    "CharVarying": "CHAR VARYING",
    "CharacterVarying": "CHARACTER VARYING",
    "DoublePrecision": "DOUBLE PRECISION",
    "IntUnsigned": "INT UNSIGNED",
    "SmallIntUnsigned": "SMALLINT UNSIGNED",
    "TinyIntUnsigned": "TINYINT UNSIGNED",
}
"""Those whose name has several words."""
TYPES_BY_NAME = word_set("int1 uint1 utinyint uint2 usmallint uint4 uinteger uint uint8 ubigint")
"""Types that the parser does not know, and the engine does."""

GROWING = word_set(
    "array_agg concat concat_ws group_concat listagg lpad regexp_replace replace rpad string_agg"
    " unnest"
)
"""Those whose values can be many times as large as what they are given."""
