# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The collection, as its users run it: from one host's tasks to a fleet's canary. They share
the hosts, and each test leaves them as they booted."""

from __future__ import annotations

import pytest

from fleet import Cut, wait

# Changes that a veth takes, and that none of its users misses.
CONTENT = {"name": "t", "settings": {"features.rx-gro": True, "queue.rps-cpus": "0"}}
KNOB, BEFORE, AFTER = "features.rx-gro", "off", "on"
UNCONFIRMED = ("interrupted", "awaiting-confirmation")


@pytest.fixture(name="fleet")
def clean(fleet):
    """The hosts as they booted, with rxtune."""
    yield fleet
    for host in fleet.hosts:
        assert not [change for change in host.history() if change["state"] in UNCONFIRMED], host.name
        undone = [change for change in host.history() if change["state"] == "in-force"]
        if undone:
            host.rxtune("rollback", undone[0]["id"])
        assert BEFORE in host.value(KNOB)


def apply(fleet, host="h1", status=0, **arguments):
    """Applies the profile to a host."""
    arguments = {"content": CONTENT, "devices": ["data0"], "confirm_within": "30s", **arguments}
    return fleet.task("profile", host, status=status, **arguments)


def only_change(host):
    """The last change of a host."""
    return host.history()[-1]


def test_check_mode_changes_nothing(fleet):
    outcome = fleet.play([{"hosts": "all", "gather_facts": False, "tasks": [
        {"name": "it", "rxtune.rxtune.profile": {"content": CONTENT, "devices": ["data0"], "confirm_within": "30s"}}]}],
        "--check", "--diff")
    for host in fleet.hosts:
        result = outcome.result("it", host.name)
        assert result["changed"] and result["state"] == "planned"
        assert "data0 features.rx-gro: off\n" in result["diff"]["before"]
        assert "data0 features.rx-gro: on\n" in result["diff"]["after"]
        assert BEFORE in host.value(KNOB)


def test_applied_once(fleet):
    """Applied, and confirmed; a second time nothing changes; verified; undone."""
    first = fleet.play([{"hosts": "all", "gather_facts": False, "tasks": [
        {"name": "profile", "rxtune.rxtune.profile": {
            "content": CONTENT, "devices": ["data0"], "confirm_within": "60s", "label": "web"}},
        {"name": "again", "rxtune.rxtune.profile": {
            "content": CONTENT, "devices": ["data0"], "confirm_within": "60s", "label": "web"}},
        {"name": "verify", "rxtune.rxtune.verify": {"content": CONTENT, "devices": ["data0"]}},
        {"name": "info", "rxtune.rxtune.info": {"gather": ["changes", "profiles", "receive-path"], "devices": ["data0"]}},
        {"name": "rollback", "rxtune.rxtune.rollback": {"label": "web"}},
        {"name": "rollback again", "rxtune.rxtune.rollback": {"label": "web"}},
    ]}])
    assert sorted(first.changed()) == sorted((name, host.name) for name in ("profile", "rollback") for host in fleet.hosts)
    for host in fleet.hosts:
        applied = first.result("profile", host.name)
        assert applied["state"] == "in-force" and applied["label"].startswith("web ")
        info = first.result("info", host.name)
        assert info["changes"][-1]["id"] == applied["id"] and info["changes"][-1]["label"] == applied["label"]
        assert [device["name"] for device in info["devices"]] == ["data0"]
        assert "spread" in [profile["name"] for profile in info["profiles"]]
        assert first.result("verify", host.name)["checked"] == 5
        assert only_change(host)["state"] == "rolled-back"


def test_drift_is_found(fleet):
    host = fleet.hosts[0]
    apply(fleet)
    host.inside("ip", "link", "set", "data0", "up")
    host.inside("ethtool", "-K", "data0", "gro", "off")
    result, _seconds = fleet.task("verify", "h1", status=2)
    assert not result["good"] and "data0 features.rx-gro is off, not on" in result["msg"]
    assert fleet.task("verify", "h1", fail_on_drift=False)[0]["drifted"][0]["culprit"]["kind"]
    host.inside("ethtool", "-K", "data0", "gro", "on")


def test_refusals_are_told(fleet):
    result, _seconds = apply(fleet, status=2, content={"name": "t", "settings": {"channels.rx": 64}})
    assert "channels.rx" in result["msg"] and result["error"]["kind"] == "refused"
    result, _seconds = apply(fleet, status=2, devices=["nosuch"])
    assert "nosuch" in result["msg"] and result["error"]["kind"] == "no-such-device"
    result, _seconds = apply(fleet, status=2, confirm_within="soon")
    assert "soon" in result["msg"]


def test_another_change_waits(fleet):
    """Settings that may be gone in a minute are not taken for what is wanted."""
    host = fleet.hosts[0]
    first, _seconds = apply(fleet, confirm=False, confirm_within="2m", label="first")
    assert first["state"] == "awaiting-confirmation" and AFTER in host.value(KNOB)
    second, _seconds = apply(fleet, status=2)
    assert second["error"]["kind"] == "unconfirmed" and "first" in second["msg"]
    kept, _seconds = fleet.task("confirm", "h1", label="first")
    assert kept["changed"] and kept["state"] == "in-force"
    assert not fleet.task("confirm", "h1", label="first")[0]["changed"]


def apply_all(fleet, status, **arguments):
    """Applies the profile to all hosts at once, with a value of each argument for each host."""
    arguments = {name: "{{ %r[inventory_hostname] }}" % {host.name: value for host, value in zip(fleet.hosts, values)}
                 for name, values in arguments.items()}
    return fleet.play([{"hosts": "all", "gather_facts": False, "tasks": [
        {"name": "it", "rxtune.rxtune.profile": {"content": CONTENT, "devices": ["data0"], **arguments}}]}], status=status)


@pytest.mark.essential
def test_cut_after_apply(fleet):
    """The link is away for a while; until the answer is lost; for good."""
    first, second, third = fleet.hosts
    with Cut(first, seconds=5), Cut(second, seconds=8), Cut(third):
        outcome = apply_all(
            fleet, status=4, executable=[host.saboteur("after") for host in fleet.hosts],
            confirm_within=["2m", "2m", "4s"], keepalive=[30, 1, 1], connect_timeout=[5, 2, 2])
        assert not third.is_up()
        wait(lambda: only_change(third)["state"] == "rolled-back", "the host to roll back")
        assert BEFORE in third.value(KNOB)
    for host, is_lost in (first, False), (second, True):
        result = outcome.result("it", host.name)
        assert result["changed"] and result["state"] == "in-force" and result.get("answer_lost", False) == is_lost
        change = only_change(host)
        assert (change["id"], change["label"]) == (result["id"], result["label"])
        assert change["state"] == "in-force" and AFTER in host.value(KNOB)
    entry = outcome.entry("it", "h3")
    assert entry["outcome"] == "unreachable" and not entry["result"]["changed"]
    assert "nobody confirmed it" in entry["result"]["msg"]
    wait(third.is_up, "the link")


def test_cut_at_other_times(fleet):
    """The link is cut before apply begins; until after the deadline; not at all, and the module dies after its change."""
    first, second, third = fleet.hosts
    third.replace("""rxtune.real "$@"; [ "$1" != apply ] || kill -9 $PPID""")
    try:
        with Cut(first, seconds=6), Cut(second, seconds=8):
            outcome = apply_all(
                fleet, status=2, executable=[first.saboteur("before"), second.saboteur("after"), "rxtune"],
                confirm_within=["2m", "4s", "2m"], keepalive=[1, 1, 30], connect_timeout=[2, 30, 5])
    finally:
        third.mend_rxtune()
    for host in first, third:
        assert outcome.result("it", host.name)["state"] == only_change(host)["state"] == "in-force"
        assert outcome.result("it", host.name)["answer_lost"] and AFTER in host.value(KNOB)
    result = outcome.result("it", "h2")
    assert result["state"] == "rolled-back" and "was rolled back" in result["msg"] and not result["changed"]
    assert BEFORE in second.value(KNOB)


def test_nothing_applied(fleet):
    """The module dies before any change: the task says so, and nothing is confirmed."""
    host = fleet.hosts[0]
    host.replace("""[ "$1" != apply ] || kill -9 $PPID $$; exec rxtune.real "$@" """)
    before = len(host.history())
    try:
        result, _seconds = apply(fleet, status=2)
    finally:
        host.mend_rxtune()
    assert "changed nothing" in result["msg"] and not result["changed"] and len(host.history()) == before


def test_unprivileged(fleet):
    """Another user than root, who becomes root only for the command, and confirms so."""
    outcome = fleet.play([{
        "hosts": "h3", "gather_facts": False, "become": True, "become_method": "ansible.builtin.su",
        "remote_user": "ops", "vars": {"ansible_user": "ops"},
        "tasks": [{"name": "it", "rxtune.rxtune.profile": {
            "content": CONTENT, "devices": ["data0"], "confirm_within": "60s"}}]}])
    assert outcome.result("it", "h3")["state"] == "in-force"


def test_role_tune(fleet):
    """Kept where it holds, rolled back where another program interferes; again it changes nothing."""
    host = fleet.hosts[1]
    host.replace("""rxtune.real "$@"; status=$?; [ "$1" != apply ] || ethtool -K data0 gro off; exit $status""")
    variables = {"tune_content": CONTENT, "tune_devices": ["data0"], "rxtune_hosts": "h1:h2"}
    first = fleet.play("rxtune.rxtune.tune", status=2, **variables)
    assert "features.rx-gro is off, not on" in first.result("Tell what failed", "h2")["msg"]
    assert [only_change(each)["state"] for each in fleet.hosts[:2]] == ["in-force", "rolled-back"]
    host.mend_rxtune()
    second = fleet.play("rxtune.rxtune.tune", **variables)
    assert {name for _task, name in second.changed()} == {"h2"}
    assert not fleet.play("rxtune.rxtune.tune", **variables).changed()
    undone = fleet.play("rxtune.rxtune.rollback", rxtune_label="rxtune.rxtune.tune")
    assert sorted(undone.changed()) == [("Roll back", "h1"), ("Roll back", "h2")]


CANARY = {"tune_content": CONTENT, "tune_devices": ["data0"], "rxtune_canary_watch": "1s"}


def test_canary_fails(fleet):
    """What is worse than before on the first host is rolled back there, and goes no further."""
    host = fleet.hosts[0]
    defer = "/sys/class/net/data0/napi_defer_hard_irqs"
    host.replace("""rxtune.real "$@"; status=$?; [ "$1" != apply ] || echo 2 > %s; exit $status""" % defer)
    try:
        outcome = fleet.play("rxtune.rxtune.canary", status=2, rxtune_canary_fail_on=["loss", "cost", "risk"], **CANARY)
    finally:
        host.mend_rxtune()
        host.inside("sh", "-c", "echo 0 > " + defer)
    judged = outcome.result("Examine the host as it is now", "h1")
    assert [finding["rule"] for finding in judged["new"]] == ["defer-no-flush"]
    assert outcome.hosts("Apply the profile") == outcome.hosts("Roll back") == ["h1"]
    assert "h1 is as it was before" in outcome.result("Go on only if all of them are tuned", "h1")["msg"]
    assert only_change(host)["state"] == "rolled-back" and BEFORE in host.value(KNOB)


@pytest.mark.essential
def test_canary_goes_on(fleet):
    """One host, then the others; all are kept."""
    outcome = fleet.play("rxtune.rxtune.canary", **CANARY)
    assert sorted(outcome.hosts("Keep the settings")) == ["h1", "h2", "h3"]
    for host in fleet.hosts:
        assert only_change(host)["state"] == "in-force"


@pytest.mark.essential
def test_canary_cut(fleet):
    """A host that is cut off rolls back, the other of its batch is kept, and the next batch does not begin."""
    host = fleet.hosts[1]
    sabotaged = host.saboteur("after")
    host.replace("""exec %s "$@" """ % sabotaged)
    try:
        with Cut(host):
            outcome = fleet.play("rxtune.rxtune.canary", status=None, tune_confirm_within="5m",
                                 rxtune_canary_connect_within="6s", rxtune_canary_batches=[2, 1], **CANARY)
            assert only_change(host)["state"] == "awaiting-confirmation"
    finally:
        host.mend_rxtune()
        host.rxtune("rollback")
    assert outcome.status & 4
    assert sorted(outcome.hosts("Apply the profile")) == ["h1", "h2"]
    assert outcome.hosts("Apply the profile", "unreachable") == ["h2"]
    assert only_change(fleet.hosts[0])["state"] == "in-force"
    assert "h2" in outcome.result("Go on only if all of them are tuned", "h1")["msg"]


def test_installed_again(fleet):
    """The role changes nothing the second time."""
    again = fleet.play("rxtune.rxtune.install", install_source=str(fleet.directory / "rxtune.tar.gz"))
    assert not again.changed()
    assert not fleet.play("rxtune.rxtune.install", "--check", install_source=str(fleet.directory / "rxtune.tar.gz")).changed()


def test_package(fleet):
    """The role also installs a .deb, once."""
    host = fleet.hosts[2]
    package = fleet.package()
    first = fleet.play("rxtune.rxtune.install", install_source=str(package), rxtune_hosts="h3")
    assert ("Install the package", "h3") in first.changed()
    assert "ok installed" in host.inside("dpkg-query", "-Wf", "${Status}", "rxtune")
    assert not fleet.play("rxtune.rxtune.install", install_source=str(package), rxtune_hosts="h3").changed()


BENCH = {"bench_address": "{{ data_address }}", "bench_duration": 1, "bench_lead": 3}


def left_behind(host):
    """What runs or lies on a host yet that is rxtune's; a cut connection leaves Ansible's own payload of a module."""
    names = host.inside("sh", "-c", "cat /proc/[0-9]*/comm; ls /tmp /root/.ansible_async 2>/dev/null; true").split()
    return [name for name in names if "rxtune" in name and not name.startswith("ansible_")]


def test_bench(fleet):
    """Two hosts load a third from one moment on, and their figures are joined."""
    results = fleet.directory / "bench"
    outcome = fleet.play("rxtune.rxtune.bench", bench_results=str(results), **BENCH)
    report = outcome.result("Tell the report", "h1")["ansible_facts"]["bench_report"]
    assert report["server"]["host"] == "h1" and [load["host"] for load in report["loads"]] == ["h2", "h3"]
    starts = [load["start"] for load in report["loads"]]
    assert max(starts) - min(starts) < 0.5 and not report["cautions"]
    assert report["rate"] == pytest.approx(sum(load["rate"] for load in report["loads"]))
    assert report["latency"]["count"] == sum(load["latency"]["count"] for load in report["loads"]) > 0
    assert sorted(path.name for path in (results / "h1").iterdir()) == [
        "load-h2.json", "load-h3.json", "report.json", "serve.json"]
    for host in fleet.hosts:
        assert not left_behind(host)


def test_bench_fails(fleet):
    """What the server complains of is told."""
    outcome = fleet.play("rxtune.rxtune.bench", status=2, bench_mode="nosuch", **BENCH)
    assert "nosuch" in outcome.result("Tell what failed", "h1")["msg"]
    assert not left_behind(fleet.hosts[0])


def test_canary_bench(fleet):
    """A host that does less than before is rolled back. What it must do is set out of reach here."""
    outcome = fleet.play("rxtune.rxtune.canary", status=2, rxtune_hosts="h1", rxtune_canary_bench=True,
                         rxtune_canary_tolerance=-1000, **BENCH, **CANARY)
    assert "transactions per second" in outcome.result("Compare", "h1")["msg"]
    assert only_change(fleet.hosts[0])["state"] == "rolled-back"
