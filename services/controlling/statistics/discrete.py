"""The distributions of counts. `scipy.stats` takes seconds to load, so only who needs it waits."""

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import bdtr


def binomial_cdf(most: ArrayLike, sample: ArrayLike, rate: float) -> NDArray[np.float64]:
    """Give the chance of at most so many errors in a sample from a population without end."""
    return np.asarray(bdtr(most, sample, rate), dtype=np.float64)


def binomial_quantile(chance: float, sample: int, rate: float) -> int:
    """Give the fewest errors that, with all below, have at least this chance."""
    low, high = 0, sample
    while low < high:
        middle = (low + high) // 2
        if bdtr(middle, sample, rate) >= chance:
            high = middle
        else:
            low = middle + 1
    return low


def hypergeometric_cdf(
    most: ArrayLike, population: int, errors: int, sample: ArrayLike
) -> NDArray[np.float64]:
    """Give the chance of at most so many errors in a sample from a population with so many."""
    from scipy.stats import hypergeom

    return np.asarray(hypergeom.cdf(most, population, errors, sample), dtype=np.float64)
