"""Addresses as messages and logs show them."""


def shown_address(url: str) -> str:
    """Give an address without credentials and parameters, whether or not it can be read."""
    scheme, mark, rest = url.rpartition("://")
    return f"{scheme}{mark}{rest.rpartition('@')[2].partition('?')[0]}"
