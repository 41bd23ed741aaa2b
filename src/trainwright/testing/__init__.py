"""Conformance suites and fixtures, shipped so that plug-ins can use them too."""
