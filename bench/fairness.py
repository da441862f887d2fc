"""How fairly the tickets of a group are given out: shifts, leave, caps and weights, 1,000 tickets a run."""

import argparse

from fixtures.fairness import policy, simulate, unweighted
from show import figures

_RUNS = 12


def measure(chosen: argparse.Namespace) -> None:
    """The largest difference from a fair share, and whether anybody was over his cap; a faulty desk beside it."""
    runs = [simulate("round robin", seed=seed) for seed in range(_RUNS)]
    caps = {key: person.cap for key, person in policy("round robin").people.items()}
    balanced = [simulate("least load", seed=seed) for seed in range(_RUNS)]
    worst = max(run.load_deviation() for run in balanced)
    blind = simulate("least load", as_if=unweighted)
    over = sum(most > caps[key] for run in (*runs, *balanced) for key, most in run.most_open.items())
    figures(
        "fairness",
        {
            "runs of 1,000 tickets": f"{_RUNS}",
            "round robin, largest difference from a fair share": f"{max(run.deviation() for run in runs):.1%}",
            "least load, largest difference of the open work from a fair share": f"{worst:.1%}",
            "the same, of a desk that is blind to weights": f"{blind.load_deviation():.1%}",
            "people over their cap": f"{over}",
            "tickets nobody could take at once": f"{sum(run.waited for run in runs) / _RUNS:.0f} a run",
            "tickets lost": f"{sum(run.lost for run in (*runs, *balanced))}",
        },
    )
