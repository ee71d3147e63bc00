"""Sessions: sign in, sign out, enter the PIN again, and scan in an emergency without signing in."""

from fastapi import APIRouter, Request, Response

from edge.api.authorise import address_of, origin_of
from edge.api.description import COOKIE
from edge.api.people.schema import BreakGlassIn, PinIn, SessionOut, SignInIn, session_out
from edge.api.people.steady import Steady
from edge.api.view import ApplianceView
from edge.api.who import Who
from edge.people.session import csrf_of
from edge.services.sign_in import SignedIn


def add_routes(routes: APIRouter, view: ApplianceView) -> None:
    steady = Steady()

    @routes.post("/sessions", status_code=201, summary="Sign in with a badge or name, and a PIN")
    async def begin(given: SignInIn, who: Who, request: Request, response: Response) -> SessionOut:
        address = address_of(request)
        begun = await steady.attempt(given.name, address, lambda: view.people.sign_in.begin(who, given.name, given.pin, address))
        return _begun(begun, request, response)

    @routes.post("/sessions/break-glass", status_code=201, summary="Scan in an emergency without signing in; every user sees a notice")
    def break_glass(given: BreakGlassIn, who: Who, request: Request, response: Response) -> SessionOut:
        begun = view.people.sign_in.begin_break_glass(who, given.reason, address_of(request))
        view.notices.unseen(who)  # updates the count of notices
        return _begun(begun, request, response)

    @routes.get("/sessions/current", summary="Who is signed in here")
    def current(who: Who, request: Request) -> SessionOut:
        return _current(view, who, request)

    @routes.delete("/sessions/current", summary="Sign out")
    def end(who: Who, request: Request, response: Response) -> SessionOut:
        view.people.sign_in.end(who)
        response.delete_cookie(COOKIE, httponly=True, samesite="strict")
        return session_out(view.people.sign_in.stranger, None, None, claim_needs_code=view.people.needs_code(who, origin_of(request)))

    @routes.post("/sessions/current/pin", summary="Enter the PIN again, for actions that cannot be undone")
    def again(given: PinIn, who: Who, request: Request) -> SessionOut:
        view.people.sign_in.pin_again(who, given.pin, address_of(request))
        token = request.cookies[COOKIE]
        return _current(view, view.people.sign_in.actor(token, address_of(request)), request)


def _begun(begun: SignedIn, request: Request, response: Response) -> SessionOut:
    """The new cookie replaces that of an earlier session in this browser; the earlier session expires by itself."""
    response.set_cookie(COOKIE, begun.token, httponly=True, samesite="strict", secure=request.url.scheme == "https")
    return session_out(begun.actor, begun.ends_at, begun.csrf)


def _current(view: ApplianceView, who: Who, request: Request) -> SessionOut:
    claim = view.people.needs_code(who, origin_of(request))
    if who.session_id is None:
        return session_out(who, None, None, claim_needs_code=claim)
    token = request.cookies[COOKIE]
    return session_out(who, view.people.sign_in.deadline(who, token), csrf_of(token), claim_needs_code=claim)
