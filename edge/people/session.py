"""How long a session lasts, and what its tokens are."""

import base64
import hashlib
import hmac
import secrets
from datetime import timedelta

from pydantic import BaseModel, ConfigDict, Field


class SessionLimits(BaseModel):
    """Minutes: unused, in all, after the PIN was given for what cannot be undone, and of a scan without a sign-in.

    Ours, as no source gives them: unused for longer than between two patients, in all for longer than a shift.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    idle_minutes: int = Field(20, ge=1, le=720)
    whole_minutes: int = Field(720, ge=1, le=1440)
    pin_minutes: int = Field(5, ge=1, le=60)
    break_glass_minutes: int = Field(60, ge=1, le=720)

    @property
    def idle(self) -> timedelta:
        return timedelta(minutes=self.idle_minutes)

    @property
    def pin(self) -> timedelta:
        return timedelta(minutes=self.pin_minutes)

    def whole(self, *, break_glass: bool) -> timedelta:
        return timedelta(minutes=self.break_glass_minutes if break_glass else self.whole_minutes)


def new_token() -> str:
    """256 random bits."""
    return secrets.token_urlsafe(32)


def csrf_of(token: str) -> str:
    """What a page of this appliance sends with each change. It is made of the token, which it does not give away."""
    made = hmac.new(token.encode(), b"csrf", hashlib.sha256).digest()
    return base64.urlsafe_b64encode(made).decode().rstrip("=")


def same(one: str, other: str) -> bool:
    """Takes as long whether they differ early or late."""
    return hmac.compare_digest(one.encode(), other.encode())
