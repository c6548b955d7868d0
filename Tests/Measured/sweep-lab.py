#!/usr/bin/env python3
"""sweep-lab.py PROGRAM FOLDER [ROUNDS [SECONDS [WORKERS [WORKLOADS]]]]

Measures every listener mode over loopback in the lab's guest with 64 CPUs, and writes results, pages
and a README into FOLDER. As root, after `make lab-kernels`. Only what WORKLOADS names is measured
again. On two cores that emulate the guest's a run takes about two seconds, all of them some forty
minutes; it says how far it is.
"""
import json
import os
import pathlib
import socket
import subprocess
import sys
import tempfile
import time

here = pathlib.Path(__file__).resolve().parent
program, folder = (pathlib.Path(path).resolve() for path in sys.argv[1:3])
rounds, seconds, workers, workloads = (
    sys.argv[3:] + ["7", "1", "1,2,4,8,16,32", "crr,rr,udp-rr"][len(sys.argv) - 3:])[:4]
# Half of the guest's CPUs serve; a quarter of that suffices for load, as all share the host's.
cpus = "server=0-31 client=32-39"


class Guest:
    """The agent of Tests/Lab/guest, at its socket."""

    def __init__(self, folder):
        # The guest lives as long as this pipe.
        self.process = subprocess.Popen(
            [here.parent / "Lab" / "boot.sh", "virtio-64q", folder], stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL, env=dict(os.environ, SECONDS_TO_LIVE=str(7 * 86400)))
        deadline = time.monotonic() + 300
        path = os.path.join(folder, "agent.sock")
        while True:
            try:
                self.stream = socket.socket(socket.AF_UNIX)
                self.stream.connect(path)
                break
            except OSError:
                self.stream.close()
                if self.process.poll() is not None or time.monotonic() > deadline:
                    sys.exit("the guest did not boot")
                time.sleep(0.1)
        self.file = self.stream.makefile("rb")
        self.stream.settimeout(600)
        self.file.readline()

    def ask(self, request, data=b""):
        self.stream.sendall(request.encode() + b"\n" + data)
        status, *sizes = map(int, self.file.readline().split())
        return status, *(self.file.read(size) for size in sizes)

    def run(self, script):
        status, output, errors = self.ask(f"run 300 {len(script.encode())}", script.encode())
        if status:
            sys.exit(f"in the guest: {script}: {errors.decode()}")
        return output

    def put(self, data, path):
        self.ask(f"put {len(data)} {path}", data)

    def get(self, path):
        return self.ask(f"get {path}")[1]


def thinned(line):
    """A run without what its report can do without: CPUs, counters that did not move, second counts."""
    run = line.get("run")
    if run:
        for half in run["load"]["host"], run["server"]["host"]:
            half["processors"] = {}
            half["counters"] = {name: n for name, n in half["counters"].items() if n}
        run["server"]["measured"] = []
    return line


def measure(guest, workload):
    begun = time.monotonic()
    # The guest's init keeps to its first CPU.
    guest.run(f"""
        cd /tmp && rm -rf {workload} && PATH=/tmp/bin:$PATH && taskset -p ffffffffffffffff $$ >/dev/null
        rxtune bench reuseport --workload {workload} --workers {workers} --cpus {cpus} \\
          --duration {seconds} --warm-up 0.25 --repeat {rounds} --max-repeat {rounds} --no-netns \\
          --no-locks --time-limit 7d --out {workload} >{workload}.log 2>&1 </dev/null &
        echo $! >{workload}.pid""")
    while True:
        time.sleep(10)
        state = guest.run(f"""cd /tmp
            # Where the machine is slow there are no results yet.
            cat {workload}/results.jsonl 2>/dev/null | grep -c '^{{"run"' || true
            kill -0 $(cat {workload}.pid) 2>/dev/null && echo runs || echo ended""").split()
        print(f"{workload}: {state[0].decode()} runs after {time.monotonic() - begun:.0f} s",
              file=sys.stderr)
        if state[1] == b"ended":
            break
    print(guest.run(f"tail -n 3 /tmp/{workload}.log").decode(), file=sys.stderr)
    lines = [json.loads(line) for line in guest.get(f"/tmp/{workload}/results.jsonl").splitlines()]
    with open(folder / f"{workload}.jsonl", "w") as file:
        for line in lines:
            file.write(json.dumps(
                thinned(line), sort_keys=True, separators=(",", ":"), ensure_ascii=False) + "\n")


folder.mkdir(parents=True, exist_ok=True)
with tempfile.TemporaryDirectory() as work:
    stripped = os.path.join(work, "rxtune")
    subprocess.run(["strip", "-o", stripped, program], check=True)
    guest_folder = os.path.join(work, "guest")
    os.mkdir(guest_folder)
    guest = Guest(guest_folder)
    try:
        guest.put(pathlib.Path(stripped).read_bytes(), "/tmp/bin/rxtune")
        guest.run("chmod +x /tmp/bin/rxtune; hostname rxtune-lab")
        for workload in workloads.split(","):
            measure(guest, workload)
    finally:
        guest.process.stdin.close()
        guest.process.wait()
subprocess.run([here / "render.sh", program, folder], check=True)
