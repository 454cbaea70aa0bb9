#!/usr/bin/env python3
"""Runs the echo server, talks to it, and stops it.

    check_echo_server.py uwsk-run OPTION... DRIVER

The driver says on which port it listens. Many connections at once must each get
their own bytes back; one is left open when the driver is unloaded, and must be
cut off with nothing left behind.
"""
import re
import signal
import socket
import subprocess
import sys

CONNECTIONS = 32


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


def talk(port):
    connections = [socket.create_connection(("127.0.0.1", port), 30)
                   for _ in range(CONNECTIONS)]
    texts = [bytes([65 + i]) * (1 + 701 * i) for i in range(CONNECTIONS)]
    for connection, text in zip(connections, texts):
        connection.sendall(text)
    for connection, text in zip(connections, texts):
        if receive(connection, len(text)) != text:
            sys.exit("what came back is not what was sent")
        connection.shutdown(socket.SHUT_WR)
        if connection.recv(1) != b"":
            sys.exit("more came back than was sent")
        connection.close()


def main():
    process = subprocess.Popen(sys.argv[1:], stdout=subprocess.PIPE,
                               stderr=subprocess.STDOUT, text=True)
    try:
        port = read_port(process)
        talk(port)
        idle = socket.create_connection(("127.0.0.1", port), 30)
        idle.sendall(b"idle")
        receive(idle, 4)
        process.send_signal(signal.SIGTERM)
        output, _ = process.communicate(timeout=60)
        sys.stdout.write(output)
        if process.returncode != 0:
            sys.exit(f"ended with {process.returncode}")
        if "left behind" in output.replace("nothing was left", ""):
            sys.exit("something was left behind")
    finally:
        process.kill()


if __name__ == "__main__":
    main()
