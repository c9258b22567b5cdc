"""Our figures against other libraries, each in an environment of its own: `make oracle`."""
