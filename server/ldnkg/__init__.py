"""Publish a folder of ontology, shapes and graph as linked data."""

__version__ = "0.1.0"
"""The version of the software; the wheel has it from here."""
