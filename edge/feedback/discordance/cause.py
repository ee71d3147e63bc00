"""Root causes: why the answers on an exam differed. A person states one when closing a difference."""

from collections.abc import Mapping
from enum import Enum


class RootCause(str, Enum):
    ACQUISITION = "acquisition"
    PERCEPTION = "perception"
    MODEL = "model"
    LABELLING = "labelling"


SENTENCES: Mapping[RootCause, str] = {
    RootCause.ACQUISITION: "The images do not show it well: view, contact, depth, gain or movement",
    RootCause.PERCEPTION: "The images show it, and a person overlooked or misread it",
    RootCause.MODEL: "The images show it, and the model states something else",
    RootCause.LABELLING: "It was seen rightly and recorded wrongly, or the definition leaves it open",
}
