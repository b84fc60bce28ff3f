"""How late, and how likely late, a parcel with a p50 and a p90 will be.

Hours in transit are taken as lognormal, fitted to both percentiles: never
negative, with the long right tail that carriers' times have. Both answers are
closed forms (the second is that of a call option on the transit time).
"""

from math import erf, exp, log, sqrt

# The 90th percentile of a standard normal.
Z90 = 1.2815515655446004


def normal_cdf(z: float) -> float:
    """Return the chance that a standard normal is at most z."""
    return 0.5 * (1.0 + erf(z / sqrt(2.0)))


def lateness(p50_h: float, p90_h: float, slack_h: float) -> tuple[float, float]:
    """Return the chance of taking longer than ``slack_h``, and the hours expected.

    The hours are the expectation of max(0, transit − slack). Equal percentiles
    mean a transit time known for certain; arriving exactly then is in time.
    """
    # The logarithms may be equal where the hours are a float's last bit apart.
    if p50_h <= 0 or log(p90_h) <= log(p50_h):
        late_h = p50_h - slack_h
        return (1.0, late_h) if late_h > 0 else (0.0, 0.0)
    mu = log(p50_h)
    sigma = (log(p90_h) - mu) / Z90
    mean_h = exp(mu + sigma * sigma / 2)
    if slack_h <= 0:
        return 1.0, mean_h - slack_h
    z = (mu - log(slack_h)) / sigma
    chance = normal_cdf(z)
    return chance, max(0.0, mean_h * normal_cdf(z + sigma) - slack_h * chance)
