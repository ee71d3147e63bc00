"""Folds of patients: a network that is judged on a fold has never seen its patients."""

from collections.abc import Collection, Mapping

FOLDS = 4
"""As many as the recipe of `models/lung` has."""


def folds_of(present: Mapping[str, Collection[str]]) -> Mapping[str, int]:
    """The fold of each patient, 0 to `FOLDS` - 1, by the findings that are `present` in each.

    Patients with the same findings are dealt out in turn, so that each fold has its share of them.
    """
    order = sorted(present, key=lambda patient: (sorted(present[patient]), patient))
    return {patient: number % FOLDS for number, patient in enumerate(order)}
