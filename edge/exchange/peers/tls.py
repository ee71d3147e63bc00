"""TLS of a peer: the authority that vouches for it, and the board's own certificate where the peer asks for one."""

import socket
import ssl
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, model_validator

HANDSHAKE_S = 5.0
"""For a peer that calls."""


class _Listening(ssl.SSLContext):
    """A caller that says nothing does not hold the thread that takes calls."""

    def wrap_socket(  # noqa: PLR0917 - as its base
        self,
        sock: socket.socket,
        server_side: bool = False,
        do_handshake_on_connect: bool = True,
        suppress_ragged_eofs: bool = True,
        server_hostname: str | bytes | None = None,
        session: ssl.SSLSession | None = None,
    ) -> ssl.SSLSocket:
        try:
            sock.settimeout(HANDSHAKE_S)
            wrapped = super().wrap_socket(sock, server_side, do_handshake_on_connect, suppress_ragged_eofs, server_hostname, session)
        except BaseException:
            sock.close()
            raise
        wrapped.settimeout(None)
        return wrapped


class Tls(BaseModel):
    """Paths of PEM files; `ca` vouches for the peer, whose certificate must name its host. Without `ca`, the system's authorities do."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    ca: Path | None = Field(None, strict=False)
    certificate: Path | None = Field(None, strict=False)
    key: Path | None = Field(None, strict=False)

    @model_validator(mode="after")
    def _both(self) -> "Tls":
        if (self.certificate is None) != (self.key is None):
            raise ValueError("certificate and key belong together: name both, or neither")
        return self

    def in_folder(self, folder: Path) -> "Tls":
        """With paths that begin in `folder`, where they are relative."""
        return self.model_copy(update={name: folder / path for name, path in self.files().items()})

    def files(self) -> dict[str, Path]:
        """The files by their keys."""
        named = {"ca": self.ca, "certificate": self.certificate, "key": self.key}
        return {name: path for name, path in named.items() if path is not None}

    def context(self) -> ssl.SSLContext:
        """For connections to the peer: its certificate and its host are checked.

        Raises:
            OSError: a file cannot be read, or is not what its key states (ssl.SSLError).
        """
        context = ssl.create_default_context(cafile=self.ca)
        self._own(context)
        return context

    def listening(self) -> ssl.SSLContext:
        """For connections from peers: with `ca`, they must have a certificate from it.

        Raises:
            OSError: as for `context`.
        """
        context = _Listening(ssl.PROTOCOL_TLS_SERVER)
        if self.ca is not None:
            context.verify_mode = ssl.CERT_REQUIRED
            context.load_verify_locations(self.ca)
        self._own(context)
        return context

    def _own(self, context: ssl.SSLContext) -> None:
        if self.certificate is not None and self.key is not None:
            context.load_cert_chain(self.certificate, self.key, password="")
