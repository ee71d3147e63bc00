"""The un0rick on USB: registers behind an SPI bus on an FTDI chip."""
