"""Other people's statistics of the tables on stdin, as JSON; a script for an environment of its own, as two of its packages are GPL.

It imports nothing of SonoEdge: what they state travels as numbers.
"""

import json
import sys


def shares(tables):
    """Of (hits, of): Wilson's interval."""
    from statsmodels.stats.proportion import proportion_confint

    return [proportion_confint(hits, of, method="wilson") for hits, of in tables]


def ratios(tables):
    """Of ((hits with, misses with), (hits without, misses without)): the ratio of the two shares with its interval."""
    from statsmodels.stats.contingency_tables import Table2x2

    found = [Table2x2(counts, shift_zeros=False) for counts in tables]
    return [(table.riskratio, *table.riskratio_confint()) for table in found]


def kappas(tables):
    """Of counts (values, values) of two readers: plain, linear and quadratic."""
    import numpy as np
    from statsmodels.stats.inter_rater import cohens_kappa

    kinds = ({}, {"wt": "linear"}, {"wt": "quadratic"})
    return [[float(cohens_kappa(np.array(counts), return_results=False, **kind)) for kind in kinds] for counts in tables]


def fleiss(tables):
    """Of counts (cases, values)."""
    import numpy as np
    from statsmodels.stats.inter_rater import fleiss_kappa

    return [float(fleiss_kappa(np.array(counts))) for counts in tables]


def alphas(tables):
    """Of values (cases, readers) with null for a gap: nominal, ordinal and interval."""
    import krippendorff
    import numpy as np

    levels = ("nominal", "ordinal", "interval")
    return [[float(krippendorff.alpha(np.array(rows, float).T, level_of_measurement=level)) for level in levels] for rows in tables]


def iccs(tables):
    """Of values (cases, readers): ICC(2,1) and ICC(3,1), each with its interval."""
    import pandas as pd
    import pingouin

    pingouin.options.update({"round": None, "round.column.CI95": None})
    found = []
    for rows in tables:
        cells = [(case, reader, value) for case, row in enumerate(rows) for reader, value in enumerate(row)]
        data = pd.DataFrame(cells, columns=["case", "reader", "value"])
        icc = pingouin.intraclass_corr(data, "case", "reader", "value").set_index("Type")
        found.append([[float(icc.at[kind, "ICC"]), *map(float, icc.at[kind, "CI95"])] for kind in ("ICC(A,1)", "ICC(C,1)")])
    return found


ORACLES = {each.__name__: each for each in (shares, ratios, kappas, fleiss, alphas, iccs)}

if __name__ == "__main__":
    json.dump({name: ORACLES[name](tables) for name, tables in json.load(sys.stdin).items()}, sys.stdout)
