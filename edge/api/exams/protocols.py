"""The protocols that an exam can follow."""

from fastapi import APIRouter

from edge.api.exams.schema import ProtocolOut, SkipReasonOut, protocol_out
from edge.api.view import ApplianceView
from edge.exam.exam import SKIP_REASONS
from edge.exam.protocol.protocol import Protocol


def router(view: ApplianceView) -> APIRouter:
    routes = APIRouter()

    @routes.get("/protocols", summary="The protocols that an exam can follow")
    async def protocols() -> list[ProtocolOut]:
        return [protocol_out(protocol) for protocol in view.exam.catalogue.protocols]

    @routes.get("/protocols/{protocol}", summary="One protocol, whole")
    async def one(protocol: str) -> Protocol:
        return view.exam.catalogue.named(protocol)

    @routes.get("/skip-reasons", summary="Why a zone may be skipped")
    async def skip_reasons() -> list[SkipReasonOut]:
        return [SkipReasonOut(reason=reason, text=text) for reason, text in SKIP_REASONS.items()]

    return routes
