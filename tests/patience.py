"""How long tests wait for what is bound to come."""

PATIENCE = 100
"""Seconds. Only a broken system uses them up: a machine that many share is slow, not wrong."""
