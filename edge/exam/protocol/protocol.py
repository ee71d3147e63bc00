"""Protocol: which zones of the chest are examined, in which order, how each is taken and scored. Versioned data, no code."""

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator
from typing_extensions import Self

from edge.records.exams.protocol_texts import digest_of_text
from firmware_bridge.errors import Damaged, NotFound

FindingKey = Literal["b_lines", "a_lines", "severity_2_plus"]
"""The findings that a protocol can ask for."""

Side = Literal["left", "right"]
View = Literal["front", "back", "side"]
Position = Literal["supine", "semi-erect", "sitting", "lateral decubitus", "prone"]
Probe = Literal["curvilinear", "linear", "sector"]

WORST = 3
"""Zone scores run from 0 to this."""


class ProtocolInvalid(Damaged):
    """A protocol file cannot be used."""

    code = "protocol-invalid"
    says_code = "protocol_invalid"


class ProtocolUnknown(NotFound):
    """No protocol has this id."""

    code = "protocol-unknown"
    says_code = "protocol_unknown"


class ZoneUnknown(NotFound):
    """The protocol has no such zone."""

    code = "zone-unknown"
    says_code = "zone_unknown"


def _not_crossed(band: tuple[float, float]) -> tuple[float, float]:
    if band[0] >= band[1]:
        raise ValueError(f"the limits are crossed: {band[0]:g} is not below {band[1]:g}")
    return band


def _distinct(words: tuple[str, ...]) -> tuple[str, ...]:
    if len(set(words)) < len(words):
        raise ValueError("an entry is there twice")
    return words


Name = Annotated[str, Field(min_length=1, max_length=80)]
Sentence = Annotated[str, Field(min_length=1, max_length=600)]
Unit = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]
Millimetres = Annotated[float, Field(ge=5, le=400, allow_inf_nan=False)]
Megahertz = Annotated[float, Field(ge=0.5, le=60, allow_inf_nan=False)]
Seconds = Annotated[float, Field(ge=0.5, le=60, allow_inf_nan=False)]
Band = AfterValidator(_not_crossed)
Distinct = AfterValidator(_distinct)


class Data(BaseModel):
    """Immutable, without unknown keys."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Acquisition(Data):
    """How a zone is taken. Limits are (least, most); after `seconds` of good image in a row the clip is saved automatically.

    The name of the preset of the probe must contain one of the words `presets`; none: any preset.
    """

    positions: Annotated[tuple[Position, ...], Field(min_length=1), Distinct]
    probes: Annotated[tuple[Probe, ...], Field(min_length=1), Distinct]
    depth_mm: Annotated[tuple[Millimetres, Millimetres], Band]
    frequency_mhz: Annotated[tuple[Megahertz, Megahertz], Band]
    presets: Annotated[tuple[Annotated[str, Field(min_length=1, max_length=40)], ...], Field(max_length=20), Distinct]
    seconds: Seconds
    findings: Annotated[tuple[FindingKey, ...], Field(min_length=1), Distinct]


class Drawing(Data):
    """The place of the zone on an outline of the chest: x from the viewer's left, y from above, both 0 to 1 of the outline.

    The side view is drawn with the breastbone at x = 0 and the spine at x = 1, whichever side it is.
    """

    view: View
    x: Unit
    y: Unit


class Zone(Data):
    """One place on the chest; `acquisition` names an entry of the protocol's `acquisitions`."""

    id: Annotated[str, Field(pattern=r"^[A-Za-z0-9]{1,8}$")]
    name: Name
    side: Side
    draw: Drawing
    acquisition: Name

    @model_validator(mode="after")
    def _drawn_on_its_side(self) -> Self:
        viewers_right = {"front": "left", "back": "right", "side": None}[self.draw.view]
        if viewers_right and (self.draw.x > 0.5) is not (self.side == viewers_right):
            raise ValueError(f"the zone is on the patient's {self.side}, but x = {self.draw.x:g} of the {self.draw.view} view is not")
        return self


class Pattern(Data):
    """A score, and the findings `when` it applies. `unreadable`: the model cannot distinguish it from the next lower pattern."""

    score: Annotated[int, Field(ge=0, le=WORST)]
    name: Name
    when: Annotated[Mapping[FindingKey, Literal["present", "absent"]], Field(min_length=1)]
    unreadable: bool = False

    @model_validator(mode="before")
    @classmethod
    def _always_stated(cls, stated: object) -> object:
        """`unreadable` has been in the text of every protocol from the first, whether the file states it or not."""
        return {"unreadable": False, **stated} if isinstance(stated, dict) else stated


class ScoreRule(Data):
    """Patterns from the mildest to the worst; the worst pattern present counts. `note` is shown with every total."""

    source: Sentence
    note: Sentence
    patterns: Annotated[tuple[Pattern, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _from_mildest_to_worst(self) -> Self:
        scores = [pattern.score for pattern in self.patterns]
        if scores != sorted(set(scores)):
            raise ValueError(f"scores {', '.join(map(str, scores))} do not rise")
        return self

    @property
    def most(self) -> int:
        """The worst score that one zone can have."""
        return self.patterns[-1].score


class Protocol(Data):
    """Zones are in the order in which they are taken; `source` cites where they are defined."""

    id: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{1,31}$")]
    name: Name
    version: Annotated[str, Field(pattern=r"^\d+\.\d+\.\d+$")]
    source: Sentence
    acquisitions: Annotated[Mapping[Name, Acquisition], Field(min_length=1, max_length=20)]
    zones: Annotated[tuple[Zone, ...], Field(min_length=1, max_length=60)]
    score: ScoreRule

    @model_validator(mode="after")
    def _holds_together(self) -> Self:
        seen: set[str] = set()
        for zone in self.zones:
            if zone.id in seen:
                raise ValueError(f"zone {zone.id} is there twice")
            seen.add(zone.id)
            if zone.acquisition not in self.acquisitions:
                raise ValueError(f"zone {zone.id}: acquisition '{zone.acquisition}' is not one of {', '.join(self.acquisitions)}")
        for name, acquisition in self.acquisitions.items():
            asked = {finding for pattern in self.score.patterns for finding in pattern.when}
            if missing := sorted(asked - set(acquisition.findings)):
                raise ValueError(f"the score asks for {', '.join(missing)}, which acquisition '{name}' does not include")
        return self

    @property
    def text(self) -> str:
        """The protocol as JSON, independent of the layout of its file; without fields that the file does not state.

        So a new optional field of this model changes neither text nor digest of a protocol that does not use it.
        """
        return self.model_dump_json(exclude_unset=True)

    @property
    def digest(self) -> str:
        """SHA-256 of `text`."""
        return digest_of_text(self.text)

    def zone(self, zone_id: str) -> Zone:
        """The zone with this id.

        Raises:
            ZoneUnknown: there is none.
        """
        for zone in self.zones:
            if zone.id == zone_id:
                return zone
        raise ZoneUnknown(f"{self.id} has no zone '{zone_id}'", f"Its zones are {', '.join(zone.id for zone in self.zones)}")

    def acquisition(self, zone_id: str) -> Acquisition:
        """How this zone is taken.

        Raises:
            ZoneUnknown: there is no such zone.
        """
        return self.acquisitions[self.zone(zone_id).acquisition]
