#!/usr/bin/env python3
"""Runs the UDP echo server, talks to it, and stops it.

    check_udp_echo.py uwsk-run OPTION... DRIVER

The driver says on which port it listens. Several clients send datagrams of all
lengths; each gets its own back, whole and in order. Then the driver is unloaded
under fire, and must leave nothing behind.
"""
import re
import signal
import socket
import subprocess
import sys

CLIENTS = 8
SHORT = [0, 1, 100, 1472]
LONG = [2048, 2049, 9000, 65507]  # one at a time: a host's buffer is bounded


def read_port(process):
    for line in process.stdout:
        sys.stdout.write(line)
        found = re.search(r"listens on port (\d+)", line)
        if found:
            return int(found.group(1))
    sys.exit("the server does not listen")


def client(port):
    made = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    made.settimeout(30)
    made.connect(("127.0.0.1", port))
    return made


def expect(made, text):
    if made.recv(65536) != text:
        sys.exit("what came back is not what was sent")


def talk(port):
    clients = [client(port) for _ in range(CLIENTS)]
    for length in SHORT:
        texts = [bytes([65 + i]) * length for i in range(CLIENTS)]
        for made, text in zip(clients, texts):
            made.send(text)
        for made, text in zip(clients, texts):
            expect(made, text)
    for length in LONG:
        for made in clients:
            made.send(b"x" * length)
            expect(made, b"x" * length)
    for i in range(50):
        clients[0].send(b"%d" % i)
    for i in range(50):
        if clients[0].recv(100) != b"%d" % i:
            sys.exit("the order is another one")


def main():
    process = subprocess.Popen(sys.argv[1:], stdout=subprocess.PIPE,
                               stderr=subprocess.STDOUT, text=True)
    try:
        port = read_port(process)
        talk(port)
        fire = client(port)
        for _ in range(500):
            fire.send(b"fire")
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
