"""SonoLink, the wire protocol between a probe and the appliance (docs/sonolink.md): bytes in, messages out, no I/O."""
