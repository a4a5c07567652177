"""What is known of a meter's error before its readings: most are small, few are large, as a mixture of scales."""

from dataclasses import dataclass, replace

import numpy as np

from yuejingzhun.metrology.arguments import ArgumentError, Floats, finite, positive

# Least spread of small errors that learning may find, relative: no batch of meters is better alike than 0.05 %.
LEAST_SPREAD = 5e-4


@dataclass(frozen=True, slots=True)
class Prior:
    """A mixture of normal distributions of the relative error; the first is that of meters in order.

    The further ones have fixed scales, from a meter just out of its class to one that is bypassed, so that only their
    weights are learnt and no form of the large errors is taken for granted.
    """

    weights: Floats
    means: Floats
    spreads: Floats

    def __post_init__(self) -> None:
        weights = positive("weights", self.weights)
        if not weights.shape == finite("means", self.means).shape == positive("spreads", self.spreads).shape:
            raise ArgumentError("weights、means、spreads", "长度应相同")
        if abs(float(weights.sum()) - 1) > 1e-9:
            raise ArgumentError("weights", f"之和应为 1，为 {weights.sum():g}")

    def __str__(self) -> str:
        """All of it, exactly: a run is known by the prior that it was done with."""
        return f"权重 {self.weights.tolist()}，均值 {self.means.tolist()}，标准差 {self.spreads.tolist()}"


def default_prior() -> Prior:
    """Errors as surveys of meters in service find them, wide enough to be moved by the data of any fleet."""
    return Prior(
        weights=np.array([0.984, 0.004, 0.004, 0.005, 0.002, 0.001]),
        means=np.array([0.0, 0.0, 0.0, 0.0, 0.0, 0.0]),
        spreads=np.array([0.0035, 0.01, 0.025, 0.06, 0.15, 0.5]),
    )


def learn(prior: Prior, mean: Floats, variance: Floats, rounds: int = 20) -> Prior:
    """The prior that fits a batch: expectation-maximisation over what each meter's readings alone say of its error.

    `mean` and `variance` are the cavities of the meters (see posterior.py), any shape: normal likelihoods of one error
    each. The given weights count as a thousand meters (half of them for a small batch), so that a handful of districts
    can't empty a component.
    """
    m, v = mean.reshape(-1, 1), variance.reshape(-1, 1)
    strength = min(1000.0, 0.5 * m.size)
    weights, centre, spread = prior.weights, float(prior.means[0]), float(prior.spreads[0])
    for _ in range(rounds):
        means = np.concatenate([[centre], prior.means[1:]])
        spreads = np.concatenate([[spread], prior.spreads[1:]])
        share = responsibilities(Prior(weights, means, spreads), m, v)
        weights = share.sum(axis=0) + strength * prior.weights
        weights /= weights.sum()
        small, within = share[:, :1], 1 / (1 / v + 1 / spread**2)
        guess = within * (m / v + centre / spread**2)
        centre = float((small * guess).sum() / small.sum())
        spread = float(np.sqrt((small * (within + (guess - centre) ** 2)).sum() / small.sum()))
        spread = max(spread, LEAST_SPREAD)
    return replace(
        prior,
        weights=weights,
        means=np.concatenate([[centre], prior.means[1:]]),
        spreads=np.concatenate([[spread], prior.spreads[1:]]),
    )


def responsibilities(prior: Prior, mean: Floats, variance: Floats) -> Floats:
    """Posterior probability of each component, on the last axis; `mean` and `variance` have a last axis of one."""
    width = variance + prior.spreads**2
    log = np.log(prior.weights) - 0.5 * np.log(width) - 0.5 * (mean - prior.means) ** 2 / width
    log -= log.max(axis=-1, keepdims=True)
    share = np.exp(log)
    return np.asarray(share / share.sum(axis=-1, keepdims=True))
