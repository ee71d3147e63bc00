"""What a client of the web server sees of its connection."""


def answer(line):
    """Everything that arrives until the server closes the connection."""
    line.settimeout(30)
    received = b""
    try:
        while data := line.recv(65536):
            received += data
    except ConnectionResetError:
        pass
    return received


def closed(line):
    line.settimeout(0)
    try:
        return line.recv(1) == b""
    except BlockingIOError:
        return False
    except OSError:
        return True
