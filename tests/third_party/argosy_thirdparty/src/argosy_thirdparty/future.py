"""A plugin for an argosy that does not exist yet."""

argosy_api = ">=99"
