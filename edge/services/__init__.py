"""The services: API, page, shell and viewers reach records and devices only through them; each service has one subject."""
