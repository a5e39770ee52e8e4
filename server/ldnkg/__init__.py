"""Publish a folder of ontology, shapes and graph as linked data."""

from importlib.metadata import version

__version__ = version("ldnkg")
