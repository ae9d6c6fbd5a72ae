"""Lists that were ranked at night, looked up by day.

`desk` answers for one customer; `command` is `argosy recommend`.
"""
