"""Event logs of other systems, read from files and sent to intake as our events."""
