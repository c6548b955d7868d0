# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Three hosts on one machine, reached over real SSH.

    controller ── management bridge ── h1 h2 h3 ── data bridge (veth of 4 queues a host)

Each host has its own network, processes, hostname, /run and files (an overlay of this machine's), and an
sshd as its first process: when that is killed, all of it is gone. The caller gives this process network, mount
and PID namespaces of its own (check.sh), so nothing of it is left on the machine.
"""

from __future__ import annotations

import json
import os
import pathlib
import shlex
import subprocess
import threading
import time

HERE = pathlib.Path(__file__).resolve().parent
COLLECTION = HERE.parent

SSHD = """\
HostKey /etc/ssh/fleet_key
AuthorizedKeysFile /etc/ssh/fleet_authorized
PermitRootLogin prohibit-password
StrictModes no
PasswordAuthentication no
UsePAM no
UseDNS no
KexAlgorithms curve25519-sha256
Subsystem sftp internal-sftp
PidFile /run/sshd.pid
"""

# What a host does before it becomes its sshd. $1: its name, $2: its directory, $3: that of what all share,
# $4: packages to unpack
BOOT = r"""
set -e
mount -t tmpfs -o mode=755 fleet "$2"
mkdir "$2/up" "$2/work" "$2/root"
mount -t overlay -o "lowerdir=/,upperdir=$2/up,workdir=$2/work" fleet "$2/root"
cd "$2/root"
mount -t proc proc proc
mount -t sysfs sysfs sys
mount --rbind /dev dev
mount -t tmpfs -o mode=755 run run
mount -t tmpfs -o mode=1777 tmp tmp
mkdir -p run/sshd run/fleet etc/ssh
mount --bind "$3" run/fleet
hostname "$1"
for package in $4; do dpkg --fsys-tarfile "$package" | tar -x --keep-directory-symlink; done
grep -q ^sshd: etc/passwd || echo 'sshd:x:64999:65534::/run/sshd:/usr/sbin/nologin' >> etc/passwd
echo 'ops:x:64998:64998::/home/ops:/bin/sh' >> etc/passwd
echo 'ops:x:64998:' >> etc/group
echo 'ops:*:19000::::::' >> etc/shadow
mkdir -p home/ops && chown 64998:64998 home/ops
sed -i 's/^root:[^:]*:/root::/' etc/shadow
cp "$3/host_key" etc/ssh/fleet_key && chmod 600 etc/ssh/fleet_key
cp "$3/key.pub" etc/ssh/fleet_authorized
cp "$3/sshd_config" etc/ssh/fleet_config
rm -rf etc/rxtune usr/local/bin/rxtune
ip link set lo up
exec chroot . /usr/sbin/sshd -D -e -f /etc/ssh/fleet_config
"""


def run(*command, check=True, **options):
    """Runs a command; its output as text."""
    options = {"stderr": subprocess.STDOUT, **options}
    result = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False, **options)
    if check and result.returncode:
        raise AssertionError("%s: exit status %d\n%s" % (shlex.join(command), result.returncode, result.stdout))
    return result.stdout


def wait(condition, what, limit=30.0):
    """Waits until a condition holds, and fails long after it should have."""
    end = time.monotonic() + limit
    while True:
        found = condition()
        if found:
            return found
        assert time.monotonic() < end, "waited %.0f s for %s" % (limit, what)
        time.sleep(0.02)


class Host:
    """One managed host."""

    def __init__(self, fleet, number):
        self.fleet = fleet
        self.name = "h%d" % number
        self.address = "192.0.2.%d" % (10 + number)
        self.data_address = "198.51.100.%d" % (10 + number)
        self.shared = fleet.directory / self.name / "shared"
        self.process = None

    def start(self, packages):
        """Brings up its network and its sshd."""
        fleet, name = self.fleet, self.name
        root = fleet.directory / name / "host"
        root.mkdir(parents=True)
        self.shared.mkdir()
        for file in ("host_key", "key.pub", "sshd_config"):
            (self.shared / file).write_bytes((fleet.directory / file).read_bytes())
        run("ip", "netns", "add", name)
        run("ip", "link", "add", "m-" + name, "type", "veth", "peer", "name", "mgmt0", "netns", name)
        run("ip", "link", "set", "m-" + name, "master", "mgmt", "up")
        queues = ("numrxqueues", "4", "numtxqueues", "4")
        run("ip", "link", "add", "d-" + name, *queues, "type", "veth",
            "peer", "name", "data0", *queues, "netns", name)
        run("ip", "link", "set", "d-" + name, "master", "data", "up")
        for device, address in (("mgmt0", self.address), ("data0", self.data_address)):
            run("ip", "-n", name, "address", "add", address + "/24", "dev", device)
            run("ip", "-n", name, "link", "set", device, "up")
        log = open(fleet.directory / name / "sshd.log", "wb")
        self.process = subprocess.Popen(
            ["ip", "netns", "exec", name,
             "unshare", "--mount", "--uts", "--ipc", "--pid", "--fork", "--kill-child", "--propagation", "private",
             "sh", "-c", BOOT, "sh", name, str(root), str(self.shared), " ".join(packages)],
            stdout=log, stderr=log, stdin=subprocess.DEVNULL)
        log.close()

    def is_up(self):
        """Whether its sshd answers."""
        assert self.process.poll() is None, (self.fleet.directory / self.name / "sshd.log").read_text()
        return subprocess.run(self._ssh("true"), check=False, capture_output=True).returncode == 0

    def _ssh(self, *command):
        return ["ssh", "-F", "none", "-i", str(self.fleet.directory / "key"), "-o", "StrictHostKeyChecking=no",
                "-o", "UserKnownHostsFile=/dev/null", "-o", "LogLevel=ERROR", "-o", "BatchMode=yes", "-o", "ConnectTimeout=3",
                "root@" + self.address, *command]

    def ssh(self, command, check=True):
        """Runs a command by the management link, apart from Ansible."""
        return run(*self._ssh(command), check=check, timeout=60)

    def inside(self, *command, check=True, **options):
        """Runs a command in it without any network, as its console would."""
        children = pathlib.Path("/proc/%d/task/%d/children" % (self.process.pid, self.process.pid)).read_text()
        return run("nsenter", "-t", children.split()[0], "-m", "-u", "-i", "-n", "-p", "-r", "-w",
                   *command, check=check, timeout=60, **options)

    def rxtune(self, *arguments, check=True):
        """What rxtune on it says, as JSON, asked at its console."""
        return json.loads(self.inside("/usr/local/bin/rxtune", *arguments, "--json", check=check, stderr=subprocess.DEVNULL))

    def history(self):
        """Its changes, oldest first."""
        return self.rxtune("history")["changes"]

    def replace(self, script):
        """Puts a script in rxtune's place, which knows it as rxtune.real."""
        (self.shared / "script").write_text("#!/bin/sh\n" + script)
        self.inside("sh", "-c", "cd /usr/local/bin && mv rxtune rxtune.real && install -m 755 /run/fleet/script rxtune")

    def mend_rxtune(self):
        """Puts rxtune back in its place."""
        self.inside("sh", "-c", "cd /usr/local/bin && mv rxtune.real rxtune")

    def value(self, knob, device="data0"):
        """A knob of a device, as `rxtune get` prints it."""
        return self.inside("/usr/local/bin/rxtune", "get", knob, device).strip()

    def cut(self):
        """Cuts its management link, both ways; the controller's own end stays up."""
        run("ip", "link", "set", "m-" + self.name, "down")

    def mend(self):
        """Mends the link."""
        run("ip", "link", "set", "m-" + self.name, "up")

    def saboteur(self, when):
        """A program to use as rxtune on it, which has the link cut "before" its `apply` begins, or "after" it ended and before
        anybody is told. It goes on once the link is cut."""
        cut = "touch /run/fleet/cut; until [ -e /run/fleet/is-cut ]; do sleep 0.02; done"
        real = "$(command -v /usr/local/bin/rxtune.real || echo /usr/local/bin/rxtune) \"$@\""
        script = "#!/bin/sh\ncase $1 in apply) ;; *) exec %s ;; esac\n" % real
        if when == "before":
            script += "%s\nexec %s\n" % (cut, real)
        else:
            script += "answer=$(%s); status=$?\n%s\nprintf '%%s\\n' \"$answer\"; exit $status\n" % (real, cut)
        (self.shared / "sabotaged").write_text(script)
        (self.shared / "sabotaged").chmod(0o755)
        return "/run/fleet/sabotaged"


class Cut:
    """Cuts a host's link as soon as its saboteur asks for it, and mends it `seconds` later, or at the end."""

    def __init__(self, host, seconds=None):
        self.host, self.seconds = host, seconds
        self.at = None
        self.thread = threading.Thread(target=self._run)
        self.over = threading.Event()

    def _run(self):
        while not (self.host.shared / "cut").exists():
            if self.over.wait(0.02):
                return
        self.host.cut()
        self.at = time.monotonic()
        (self.host.shared / "is-cut").touch()
        self.over.wait(self.seconds)
        self.host.mend()

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_unused):
        self.over.set()
        self.thread.join()
        for name in ("cut", "is-cut"):
            (self.host.shared / name).unlink(missing_ok=True)


class Playbook:
    """What a run of ansible-playbook came to."""

    def __init__(self, status, text, results, seconds):
        self.status, self.text, self.results, self.seconds = status, text, results, seconds

    def entry(self, task, host):
        """How a task ended on a host, the last time that it ran there."""
        found = [entry for entry in self.results if (entry["task"], entry["host"]) == (task, host)]
        assert found, "no task %r on %s in:\n%s" % (task, host, self.text)
        return found[-1]

    def result(self, task, host):
        """What a task returned on a host."""
        return self.entry(task, host)["result"]

    def hosts(self, task, *outcomes):
        """The hosts where a task ran, in order; with outcomes, where it ended so."""
        return [entry["host"] for entry in self.results if entry["task"] == task
                and entry["outcome"] in (outcomes or ("ok", "failed", "unreachable"))]

    def changed(self):
        """The tasks that changed something."""
        return [(entry["task"], entry["host"]) for entry in self.results
                if entry["outcome"] != "skipped" and entry["result"].get("changed")]


class Fleet:
    """Three hosts and the controller, which is this process."""

    def __init__(self, directory, rxtune):
        self.directory = directory
        self.binary = rxtune
        self.hosts = [Host(self, number) for number in (1, 2, 3)]

    def start(self, packages):
        """Brings everything up."""
        run("ip", "link", "set", "lo", "up")
        for bridge in ("mgmt", "data"):
            run("ip", "link", "add", bridge, "type", "bridge", "forward_delay", "0", "stp_state", "0")
            run("ip", "link", "set", bridge, "up")
        run("ip", "address", "add", "192.0.2.1/24", "dev", "mgmt")
        for key in ("key", "host_key"):
            run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(self.directory / key))
        (self.directory / "sshd_config").write_text(SSHD)
        for host in self.hosts:
            host.start(packages)
        for host in self.hosts:
            wait(host.is_up, "the sshd of " + host.name)
        self._configure()

    def _configure(self):
        tree = self.directory / "collections/ansible_collections/rxtune"
        tree.mkdir(parents=True)
        (tree / "rxtune").symlink_to(COLLECTION)
        inventory = {"all": {
            "hosts": {host.name: {"ansible_host": host.address, "data_address": host.data_address}
                      for host in self.hosts},
            "vars": {"ansible_user": "root", "ansible_ssh_private_key_file": str(self.directory / "key"),
                     "ansible_python_interpreter": "/usr/bin/python3"},
            "children": {"servers": {"hosts": {"h1": {}}}, "loads": {"hosts": {"h2": {}, "h3": {}}}}}}
        (self.directory / "inventory.json").write_text(json.dumps(inventory))
        (self.directory / "ansible.cfg").write_text(
            "[defaults]\ninventory = inventory.json\nhost_key_checking = false\nforks = 5\n"
            "local_tmp = %s\nhome = %s\ncollections_path = %s\ncallback_plugins = %s\ncallbacks_enabled = results\n"
            "retry_files_enabled = false\n[ssh_connection]\nssh_args = -F none -C -o ControlMaster=auto "
            "-o ControlPersist=60s -o UserKnownHostsFile=/dev/null -o LogLevel=ERROR\ncontrol_path_dir = %s\n"
            % (self.directory / "tmp", self.directory / "home", self.directory / "collections",
               HERE / "callback", self.directory / "cp"))

    def tarball(self):
        """rxtune as it is released, in a folder of its name."""
        tree = self.directory / "rxtune"
        (tree / "bin").mkdir(parents=True)
        run("strip", "-o", str(tree / "bin/rxtune"), str(self.binary))
        path = self.directory / "rxtune.tar.gz"
        run("tar", "-C", str(self.directory), "-I", "gzip -1", "-cf", str(path), "rxtune")
        return path

    def package(self):
        """rxtune as a Debian package, the least that is one."""
        tree = self.directory / "deb"
        (tree / "DEBIAN").mkdir(parents=True)
        (tree / "usr/bin").mkdir(parents=True)
        run("strip", "-o", str(tree / "usr/bin/rxtune"), str(self.binary))
        (tree / "DEBIAN/control").write_text(
            "Package: rxtune\nVersion: 0.1.0\nArchitecture: %s\nMaintainer: tests <tests@rxtune.example>\n"
            "Description: for tests\n" % run("dpkg", "--print-architecture").strip())
        path = self.directory / "rxtune_0.1.0.deb"
        run("dpkg-deb", "-Zgzip", "-z1", "--root-owner-group", "--build", str(tree), str(path))
        return path

    def play(self, playbook, *options, status=0, **variables):
        """Runs a playbook: plays as data, or the path of a file."""
        if not isinstance(playbook, (str, pathlib.Path)):
            path = self.directory / "play.json"
            path.write_text(json.dumps(playbook))
            playbook = path
        command = ["ansible-playbook", str(playbook), "--extra-vars", json.dumps(variables), *options]
        results = self.directory / "results"
        results.unlink(missing_ok=True)
        environment = dict(os.environ, ANSIBLE_CONFIG=str(self.directory / "ansible.cfg"), FLEET_RESULTS=str(results),
                           ANSIBLE_NOCOLOR="1")
        start = time.monotonic()
        result = subprocess.run(command, cwd=self.directory, env=environment, stdout=subprocess.PIPE,
                                stderr=subprocess.STDOUT, text=True, check=False, timeout=240)
        seconds = time.monotonic() - start
        print(result.stdout)
        if status is not None:
            assert result.returncode == status, result.stdout
        lines = results.read_text().splitlines() if results.exists() else []
        return Playbook(result.returncode, result.stdout, [json.loads(line) for line in lines], seconds)

    def task(self, module, host, status=0, **arguments):
        """Runs one module on one host: its result, and the seconds that it took."""
        outcome = self.play(
            [{"hosts": host, "gather_facts": False,
              "tasks": [{"name": "it", "rxtune.rxtune." + module: arguments}]}], status=status)
        return outcome.result("it", host), outcome.seconds

    def stop(self):
        """Ends all hosts; what else there is ends with this process's namespaces."""
        for host in self.hosts:
            if host.process:
                host.process.kill()
                host.process.wait()
