"""Which updates the device believes: TUF metadata from a stick or a mirror, committed as one, with floors that outlive them."""
