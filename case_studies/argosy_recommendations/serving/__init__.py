"""Lists that were ranked at night, looked up by day.

`lookup_service` answers for one customer, `batch` for a table of them; `command` is
`argosy recommend`.
"""
