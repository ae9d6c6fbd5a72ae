"""The registry's rules: what may be registered, bound and named, and how a fleet is selected."""
