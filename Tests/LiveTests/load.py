#!/usr/bin/env python3
"""A paced load, and the program that reads it.

load.py serve tcp|udp PORT COUNT PAUSE   reads COUNT messages, sleeping PAUSE seconds before each
                                         look at its sockets; prints how many came, and the mean
                                         time in ns from the kernel's stamp to this program
load.py poll PORT COUNT                  two readers of COUNT datagrams each: one that polls the
                                         device busily at PORT, one at PORT + 1 that sleeps
load.py hold PORT SECONDS                has a UDP socket of the least buffer, and never reads
load.py send tcp|udp HOST PORT COUNT RATE CONNECTIONS
load.py frames DEVICE COUNT              sends COUNT frames to another host's address, and as many
                                         of a protocol that nobody knows
load.py tun SECONDS                      a process called "tun" that connects to hosts behind a tun
                                         device of its own and takes from there what it sends
"""
import fcntl
import json
import select
import socket
import struct
import subprocess
import sys
import threading
import time

SIZE = 64
# Debian's headers have them; Python does not.
SO_TIMESTAMPING = 37
SO_BUSY_POLL = 46
TUNSETIFF = 0x400454CA
IFF_TUN_NO_PI = 0x1001
SO_PREFER_BUSY_POLL = 69
RX_SOFTWARE_AND_SOFTWARE = 8 | 16
# Nobody waits for a load that never comes.
PATIENCE = 30


def stamp(ancillary):
    for level, kind, data in ancillary:
        if level == socket.SOL_SOCKET and kind == SO_TIMESTAMPING:
            seconds, nanoseconds = struct.unpack_from("qq", data)
            return seconds * 1_000_000_000 + nanoseconds
    return 0


def serve(kind, port, count, pause):
    is_stream = kind == "tcp"
    family = socket.SOCK_STREAM if is_stream else socket.SOCK_DGRAM
    listener = socket.socket(socket.AF_INET6, family)
    listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
    listener.bind(("::", port))
    listener.setblocking(False)
    poll = select.epoll()
    readers = {listener.fileno(): listener}
    poll.register(listener, select.EPOLLIN)
    if is_stream:
        listener.listen(64)
    else:
        listener.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPING, RX_SOFTWARE_AND_SOFTWARE)
    print("ready", flush=True)
    messages = reads = total = stamped = 0
    end = time.monotonic() + PATIENCE
    while messages < count and time.monotonic() < end:
        if pause:
            time.sleep(pause)
        for descriptor, _ in poll.poll(1):
            reader = readers[descriptor]
            if is_stream and reader is listener:
                reader, _ = listener.accept()
                reader.setblocking(False)
                reader.setsockopt(
                    socket.SOL_SOCKET, SO_TIMESTAMPING, RX_SOFTWARE_AND_SOFTWARE)
                readers[reader.fileno()] = reader
                poll.register(reader, select.EPOLLIN)
                continue
            # All that is there: what comes meanwhile is the next look's.
            for _ in range(count):
                try:
                    data, ancillary, _, _ = reader.recvmsg(64 * SIZE, 256)
                except BlockingIOError:
                    break
                now = time.clock_gettime_ns(time.CLOCK_REALTIME)
                if not data:
                    poll.unregister(reader)
                    break
                reads += 1
                messages += len(data) / SIZE
                at = stamp(ancillary)
                if at:
                    stamped += 1
                    total += now - at
    print(json.dumps({
        "messages": int(messages), "reads": reads, "mean": total / stamped if stamped else 0}))


def send(kind, host, port, count, rate, connections):
    family = socket.SOCK_STREAM if kind == "tcp" else socket.SOCK_DGRAM
    version = socket.AF_INET6 if ":" in host else socket.AF_INET
    senders = []
    for _ in range(connections):
        sender = socket.socket(version, family)
        sender.connect((host, port))
        if kind == "tcp":
            sender.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        senders.append(sender)
    message = bytes(SIZE)
    start = time.monotonic()
    for index in range(count):
        wait = start + index / rate - time.monotonic()
        if wait > 0:
            time.sleep(wait)
        try:
            senders[index % connections].send(message)
        except ConnectionRefusedError:
            # Of an earlier datagram, that nobody took: this one was not sent.
            senders[index % connections].send(message)
    # A connection that ends with data on its way may lose it.
    time.sleep(0.5)
    print(json.dumps({"sent": count}))


def read_datagrams(port, count, busy):
    reader = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    if busy:
        reader.setsockopt(socket.SOL_SOCKET, SO_BUSY_POLL, 2000)
        reader.setsockopt(socket.SOL_SOCKET, SO_PREFER_BUSY_POLL, 1)
    reader.bind(("", port))
    for _ in range(count):
        reader.recv(SIZE)


def poll(port, count):
    sleeper = threading.Thread(target=read_datagrams, args=(port + 1, count, False), daemon=True)
    poller = threading.Thread(target=read_datagrams, args=(port, count, True), daemon=True)
    sleeper.start()
    poller.start()
    time.sleep(0.2)
    print("ready", flush=True)
    poller.join(PATIENCE)
    sleeper.join(PATIENCE)


def hold(port, seconds):
    holder = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    holder.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1)
    holder.bind(("", port))
    print("ready", flush=True)
    time.sleep(seconds)


def frames(device, count):
    sender = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
    sender.bind((device, 0))
    header = bytes([2, 0, 0, 0, 0, 9]) + sender.getsockname()[4]
    datagram = bytes.fromhex("4500001c0000000040110000c0000201c00002020007000700080000")
    everybody = bytes([255] * 6) + sender.getsockname()[4]
    for _ in range(count):
        sender.send(header + b"\x08\x00" + datagram + bytes(18))
        sender.send(everybody + b"\x88\xb5" + bytes(46))
    time.sleep(0.2)
    print(json.dumps({"sent": 2 * count}))


def tun(seconds):
    with open("/proc/self/comm", "w") as name:
        name.write("tun")
    device = open("/dev/net/tun", "r+b", buffering=0)
    fcntl.ioctl(device, TUNSETIFF, struct.pack("16sH22x", b"tun0", IFF_TUN_NO_PI))
    subprocess.run("ip addr add 10.99.0.1/16 dev tun0 && ip link set tun0 up", shell=True, check=True)
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        calls = []
        for _ in range(32):
            call = socket.socket()
            call.setblocking(False)
            call.connect_ex(("10.99.7.7", 9))
            calls.append(call)
        while select.select([device], [], [], 0)[0]:
            device.read(2048)
        for call in calls:
            call.close()
        time.sleep(0.001)


if sys.argv[1] == "serve":
    serve(sys.argv[2], int(sys.argv[3]), int(sys.argv[4]), float(sys.argv[5]))
elif sys.argv[1] == "poll":
    poll(int(sys.argv[2]), int(sys.argv[3]))
elif sys.argv[1] == "hold":
    hold(int(sys.argv[2]), float(sys.argv[3]))
elif sys.argv[1] == "frames":
    frames(sys.argv[2], int(sys.argv[3]))
elif sys.argv[1] == "tun":
    tun(float(sys.argv[2]))
else:
    send(sys.argv[2], sys.argv[3], int(sys.argv[4]), int(sys.argv[5]), float(sys.argv[6]),
         int(sys.argv[7]))
