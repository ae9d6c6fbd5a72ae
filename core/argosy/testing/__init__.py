"""Seeded fleets and conformance suites, for the tests of plugin authors and our own.

A suite is a class to inherit: name the value under test, and pytest collects its tests.
"""
