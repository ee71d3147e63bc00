"""The web server: it says nothing of its own, and ends when it is told to."""

import uvicorn
from fastapi import FastAPI

GRACE_S = 2
"""How long open requests may take to end when the appliance stops."""


def server_of(app: FastAPI) -> uvicorn.Server:
    """WebSockets are not compressed: it would deflate each JPEG on the event loop, once for each watcher."""
    config = uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        ws="websockets-sansio",
        ws_per_message_deflate=False,
        timeout_graceful_shutdown=GRACE_S,
    )
    return uvicorn.Server(config)
