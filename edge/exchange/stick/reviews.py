"""Reviews that come back: a signed file of what readers at the receiver's state of exams of this board."""

import re
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Annotated, Literal

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from pydantic import AfterValidator, AwareDatetime, Field, ValidationError

from edge.disk.durable import create_file
from edge.disk.plain_file import read_plain
from edge.exam.protocol.protocol import Data
from edge.exam.review.review import ReviewAnswer
from edge.exchange.stick.errors import BundleRefused
from edge.exchange.stick.receiver import Receiver
from edge.exchange.stick.signed import Form, Signer, signed, verified
from edge.records.ids import new_id

PATTERN = "sonoedge-reviews-*.json"
MOST_BYTES = 50_000_000
MOST_REVIEWS = 20_000
EXAMPLE = "sonoedge export sign --help shows the form"
NAME_OF_READER = r"^[^\x00-\x1f\x7f]{1,100}$"


def _made_in_order(text: str) -> str:
    """Ids of version 7 sort in the order in which they were made, as those of the records do."""
    if not re.fullmatch(r"[0-9a-f-]{36}", text) or uuid.UUID(text).version != 7:
        raise ValueError("not a UUID of version 7")
    return text


class GivenReview(Data):
    """A review as a reader's program states it: of an exam by its id, with the answer of `edge.exam.review.review`."""

    exam: Annotated[str, Field(max_length=60)]
    reader: Annotated[str, Field(pattern=NAME_OF_READER)]
    read_at: AwareDatetime
    answer: ReviewAnswer


class RemoteReview(GivenReview):
    """A review as it travels; by its `id` it is recognised when it comes again."""

    id: Annotated[str, AfterValidator(_made_in_order)]


class GivenReviews(Data):
    reviews: Annotated[tuple[GivenReview, ...], Field(min_length=1, max_length=MOST_REVIEWS)]


class ReviewFile(Form):
    """What a receiver signs, with the key in its public file."""

    kind: Literal["sonoedge-reviews/1"] = "sonoedge-reviews/1"
    receiver: str
    made_at: AwareDatetime
    reviews: Annotated[tuple[RemoteReview, ...], Field(max_length=MOST_REVIEWS)]


@dataclass(frozen=True, slots=True)
class ReadReviews:
    """The reviews of one file, and the receiver who signed it."""

    receiver: Receiver
    reviews: tuple[RemoteReview, ...]


def sign_reviews(given: Path, receiver: str, signer: Signer, into: Path, now: datetime) -> Path:
    """Writes the signed file of the reviews in a JSON file, which survives a power cut.

    Raises:
        BundleRefused: `given` cannot be read or is not such a file, or `into` cannot be written.
    """
    try:
        reviews = GivenReviews.model_validate_json(read_plain(given, MOST_BYTES, links=True)).reviews
    except ValidationError as error:
        fault = error.errors(include_url=False)[0]
        place = ".".join(map(str, fault["loc"]))
        raise BundleRefused(f"{given}: {place or 'the file'} is not valid: {fault['msg']}", f"Correct it; {EXAMPLE}") from error
    except OSError as error:
        raise BundleRefused(f"{given} cannot be read ({error.strerror or error})", "Name the JSON file of the reviews") from error
    travelling = tuple(RemoteReview.model_validate({**dict(review), "id": new_id()}) for review in reviews)
    path = into / PATTERN.replace("*", f"{receiver}-{now:%Y%m%dT%H%M%SZ}")
    try:
        create_file(path, signed(ReviewFile(receiver=receiver, made_at=now, reviews=travelling), signer))
    except OSError as error:
        raise BundleRefused(f"{path} cannot be written ({error.strerror})", "Name another folder") from error
    return path


def review_files(folder: Path) -> tuple[Path, ...]:
    """The files of reviews in a folder.

    Raises:
        BundleRefused: there are none.
    """
    found = tuple(sorted(folder.glob(PATTERN)))
    if not found:
        fix = f"Name the folder with {PATTERN}, which sonoedge export sign makes"
        raise BundleRefused(f"{folder} holds no reviews", fix, says="reviews_none")
    return found


def read_reviews(path: Path, receivers: Iterable[Receiver], now: datetime) -> ReadReviews:
    """The reviews in a file that a known receiver signed.

    Raises:
        BundleRefused: it cannot be read, is damaged, or is signed by nobody for whom this board wrote exams.
        KeyUnusable: the key of the receiver has expired.
    """
    try:
        file, key = verified(read_plain(path, MOST_BYTES), ReviewFile)
    except (OSError, ValueError) as error:
        what = f"{path} cannot be read, is damaged, or was changed after it was signed"
        raise BundleRefused(what, "Copy it again from the receiver", says="reviews_damaged") from error
    receiver = _who(key, receivers)
    if receiver is None or receiver.name != file.receiver:
        what = f"{path} is signed as {file.receiver}, with a key to which this board never wrote exams"
        fix = "Ask the receiver to sign with the key of the public file that this board has"
        raise BundleRefused(what, fix, says="reviews_of_stranger")
    receiver.require_valid(now)
    return ReadReviews(receiver, file.reviews)


def _who(key: Ed25519PublicKey, receivers: Iterable[Receiver]) -> Receiver | None:
    return next((each for each in receivers if each.signed_with(key)), None)
