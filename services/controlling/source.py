"""Who says what controlling publishes."""

SOURCE = "urn:gleichfall:controlling"
