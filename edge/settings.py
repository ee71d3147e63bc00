"""One validated model of every setting: defaults, then /etc/sonoedge/settings.toml (or SONOEDGE_SETTINGS), then SONOEDGE_* variables."""
