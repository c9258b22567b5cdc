"""Whether the time can be believed, before something is done that can't be undone."""
