"""The protocols that an exam can follow."""

from fastapi import APIRouter

from edge.api.exams.schema import ProtocolOut, SkipReasonOut, protocol_out
from edge.api.says import says_out
from edge.api.view import ApplianceView
from edge.api.who import Who
from edge.exam.exam import SKIP_REASONS
from edge.exam.protocol.protocol import Protocol


def add_routes(routes: APIRouter, view: ApplianceView) -> None:
    @routes.get("/protocols", summary="The protocols that an exam can follow")
    def protocols(who: Who) -> list[ProtocolOut]:
        return [protocol_out(protocol) for protocol in view.exam.protocols.all(who)]

    @routes.get("/protocols/{protocol}", summary="One protocol, whole")
    def one(who: Who, protocol: str) -> Protocol:
        return view.exam.protocols.get(who, protocol)

    @routes.get("/skip-reasons", summary="Why a zone may be skipped")
    async def skip_reasons() -> list[SkipReasonOut]:
        return [SkipReasonOut(reason=reason, text=text, says=says_out(text)) for reason, text in SKIP_REASONS.items()]
