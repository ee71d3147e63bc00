"""What a source offers to this board, by its trust; the floors that this raises are durable before anything is used."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from functools import partial
from pathlib import Path

from pydantic import ValidationError

from edge.disk.plain_file import read_plain
from provisioning.boot.selector import Selector
from provisioning.codes import ProvisionRefused
from provisioning.trust.client import Target
from provisioning.trust.source import Source
from provisioning.trust.trust import Trust, Verified
from provisioning.update.engine import Offer
from provisioning.update.floors import floors_of, stated
from provisioning.update.manifest import Facts

MOST_BYTES = 200_000


def trusted_root(file: Path) -> bytes:
    """The root that this device was given.

    Raises:
        ProvisionRefused: E-NOT-SET-UP, it was given none.
    """
    try:
        return read_plain(file, MOST_BYTES)
    except OSError as error:
        what = f"this device trusts nobody's releases yet: {file} cannot be read ({error.strerror})"
        raise ProvisionRefused("E-NOT-SET-UP", what) from error


def verified(selector: Selector, source: Source, now: datetime) -> Verified:
    """What a source holds, as far as this device believes it. The floors that this raises are durable.

    Raises:
        ProvisionRefused: the source is refused; its code names the cause.
        OSError: the disk of the board refuses to write.
    """
    trust = Trust(selector.place.trust, trusted_root(selector.place.trusted_root), floors_of(selector.settled()), now)
    try:
        return trust.refresh(source)
    finally:
        record = selector.load()
        if stated(trust.floors) != record.floors:
            selector.store(replace(record, floors=stated(trust.floors)))


def offers(selector: Selector, source: Source, compat: str, now: datetime) -> tuple[Offer, ...]:
    """The releases of a source for this board, the newest first.

    Raises:
        ProvisionRefused, OSError: as `verified`; E-NO-RELEASE, the source holds none.
    """
    believed = verified(selector, source, now)
    found = [_offer(believed, target) for target in believed.for_board(compat)]
    if not found:
        raise ProvisionRefused("E-NO-RELEASE", f"{source.name} is genuine, and holds no release")
    return tuple(sorted(found, key=lambda offer: offer.facts.counter, reverse=True))


def best(found: Iterable[Offer], active: int) -> Offer:
    """The newest offer that can be applied to the release with the counter `active`; the newest of all where none can."""
    newest, *_ = every = list(found)
    return next((offer for offer in every if offer.facts.least_counter <= active), newest)


def _offer(verified: Verified, target: Target) -> Offer:
    try:
        facts = Facts.model_validate(target.custom)
    except ValidationError as error:
        what = f"the signed facts of {target.name} make no sense ({error.error_count()} faults)"
        raise ProvisionRefused("E-TAMPER", what) from error
    return Offer(facts, target.length, target.sha256, partial(verified.fetch, target))
