"""Figures of the service that the authority gives: counters, telephones, what waits."""
