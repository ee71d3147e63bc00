"""The length of a session, and its tokens."""

import base64
import hashlib
import hmac
import secrets
from datetime import timedelta

from pydantic import BaseModel, ConfigDict, Field


class SessionLimits(BaseModel):
    """Limits in minutes: without use, in total, after the PIN for actions that cannot be undone, and of a scan without a sign-in.

    Our own choice, because no source gives them: longer without use than between two patients, longer in total than a shift.
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
    """The value that a page of this appliance sends with each change. It comes from the token, but does not reveal it."""
    made = hmac.new(token.encode(), b"csrf", hashlib.sha256).digest()
    return base64.urlsafe_b64encode(made).decode().rstrip("=")


def same(one: str, other: str) -> bool:
    """Compares in constant time: the time does not show where the two differ."""
    return hmac.compare_digest(one.encode(), other.encode())
