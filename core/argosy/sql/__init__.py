"""SQL that people write: checked here, then written anew for the engine, which sees nothing else.

The engine's own parser opens files and URLs while it parses, so no text of a user, a request or a
fleet reaches it. A text is parsed here first; only nodes, functions and tables that are known are
written, each by one of the writers; and what they wrote is handed to the engine. What a writer does
not know is therefore refused, and nothing can be read in two ways.

In reading order:

    expression    what an expression over columns may be: conditions, segments, slices
    query         what a query over tables may be
    refusal       the error, and how a text is shown in it
    text          what is refused before any parser sees it
    tree          the parser
    writer        expressions, written anew; what is not written is not admitted
    calls         functions and windows, written anew
    select        queries, written anew
    words         names, values and types, written anew
    functions     the functions that are admitted, and the types of casts
"""
