#!/usr/bin/env python3
"""Runs the echo server, talks to it, and stops it.

    check_echo_server.py uwsk-run OPTION... DRIVER

The driver says on which port it listens. Many connections at once must each get
their own bytes back. Then the driver is unloaded while clients are connected: idle,
with data in flight that nobody reads, and with a disconnect behind such data. All
must be cut off with nothing left behind.
"""
import re
import signal
import socket
import struct
import subprocess
import sys

CONNECTIONS = 64


def read_port(process):
    for line in process.stdout:
        sys.stdout.write(line)
        found = re.search(r"listens on port (\d+)", line)
        if found:
            return int(found.group(1))
    sys.exit("the server does not listen")


def receive(connection, length):
    data = b""
    while len(data) < length:
        piece = connection.recv(length - len(data))
        if not piece:
            sys.exit("a connection ended early")
        data += piece
    return data


def connect(port):
    return socket.create_connection(("127.0.0.1", port), 30)


def talk(port):
    connections = [connect(port) for _ in range(CONNECTIONS)]
    texts = [bytes([65 + i]) * (1 + 401 * i) for i in range(CONNECTIONS)]
    for connection, text in zip(connections, texts):
        connection.sendall(text)
    for connection, text in zip(connections, texts):
        if receive(connection, len(text)) != text:
            sys.exit("what came back is not what was sent")
        connection.shutdown(socket.SHUT_WR)
        if connection.recv(1) != b"":
            sys.exit("more came back than was sent")
        connection.close()


def idle(port):
    made = connect(port)
    made.sendall(b"idle")
    receive(made, 4)
    return made


def stuck(port, ends):
    """Sends until some comes back that it does not read, and may end then."""
    made = socket.socket()
    made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    made.connect(("127.0.0.1", port))
    for _ in range(128):
        made.sendall(b"x" * 65536)
        made.recv(1)
    if ends:
        made.shutdown(socket.SHUT_WR)
    return made


def drain(made):
    """Until the server's end of the connection is seen."""
    try:
        while made.recv(65536):
            pass
    except ConnectionResetError:
        pass


def reset(port):
    made = idle(port)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                    struct.pack("ii", 1, 0))
    made.close()


def main():
    process = subprocess.Popen(sys.argv[1:], stdout=subprocess.PIPE,
                               stderr=subprocess.STDOUT, text=True)
    try:
        port = read_port(process)
        talk(port)
        reset(port)
        left = [idle(port) for _ in range(CONNECTIONS)]
        left += [stuck(port, ends) for ends in (False, True) for _ in range(4)]
        process.send_signal(signal.SIGTERM)
        output, _ = process.communicate(timeout=60)
        sys.stdout.write(output)
        for made in left:
            drain(made)
        if process.returncode != 0:
            sys.exit(f"ended with {process.returncode}")
        if "left behind" in output.replace("nothing was left", ""):
            sys.exit("something was left behind")
    finally:
        process.kill()


if __name__ == "__main__":
    main()
