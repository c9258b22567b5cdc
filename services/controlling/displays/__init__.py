"""Displays on the walls of offices: how the service stands today, without anybody signed in."""
