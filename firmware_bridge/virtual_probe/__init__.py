"""The probe that needs no hardware: it speaks SonoLink over a pty, so that the appliance opens it as it opens hardware."""
