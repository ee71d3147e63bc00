"""Asks a peer for what is scheduled, and stores its answer for times without a network."""

from datetime import date, datetime
from pathlib import Path

from edge.exchange.peers.hospital import DicomPeer, Hospital
from edge.exchange.worklist.cache import CachedWorklist, save_worklist


def ask_worklist(data_dir: Path, hospital: Hospital, peer: DicomPeer, days: tuple[date, date], now: datetime) -> CachedWorklist:
    """The answer for the first to the last of the `days`, at `now` (UTC).

    Raises:
        PeerFault: the peer does not answer, or not as it should.
        OSError: the disk refuses the answer. The last worklist is still there in either case.
    """
    from edge.exchange.peers.worklist import WorklistQuery, worklist  # noqa: PLC0415 - heavy, and wanted here only

    answer = CachedWorklist(peer.name, now, *days, worklist(peer, hospital, WorklistQuery(*days)))
    save_worklist(data_dir, answer)
    return answer
