"""The proof on data: estimates against truths that are known because they were injected.

`make proof` runs it in full and writes `.local/proof/`; a short run is part of `make test`.
"""
