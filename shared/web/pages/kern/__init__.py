"""KERN, the design system of German public administrations, and our own sheet over it."""

from pathlib import Path

FOLDER = Path(__file__).parent
"""Where sheets, fonts and scripts stand."""
