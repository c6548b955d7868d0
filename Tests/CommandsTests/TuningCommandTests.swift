import KernelIO
import ReceivePath
import TestSupport
import TestTraits
import Testing
import Tuning

@testable import Commands

/// watch, history, profile, persist as a user meets them: what they say, and how they exit.
@Suite("Tuning commands", .ownThread, .enabled(if: NetworkNamespace.isAvailable, "needs root"))
struct TuningCommandTests {
  /// A directory of its own, and a program there that everyone may run.
  private func inScratch(_ body: (String) throws -> Void) throws {
    let scratch = try Shell.run("mktemp -d").filter { $0 != "\n" }
    defer { _ = try? Shell.run("rm -rf '\(scratch)'") }
    try Shell.run("chmod 755 '\(scratch)' && cp '\(Program.rxtune)' '\(scratch)/rxtune'")
    try NetworkNamespace.run { namespace in
      try namespace.shell("ip link add rxt0 type veth peer name rxt1")
      try body(scratch)
    }
  }

  private static let nobody = """
    setpriv --reuid=65534 --regid=65534 --clear-groups --inh-caps=-all --bounding-set=-all
    """

  @Test func watchEndsWhereItCannotLook() throws {
    try inScratch { scratch in
      let unknown = try Shell.result(
        "timeout 3 \(Program.rxtune) watch rxt9 --state-dir '\(scratch)/s'")
      #expect(unknown.status == 1)
      #expect(unknown.output.contains("no device 'rxt9' here; did you mean rxt1 or rxt0?"))
      // Journals of root's: it once looked at nothing for ever, and said nothing.
      try Shell.run("\(Program.rxtune) set link.mtu=1400 rxt0 --state-dir '\(scratch)/s'")
      let user = try Shell.result(
        "timeout 3 \(Self.nobody) '\(scratch)/rxtune' watch --state-dir '\(scratch)/s'")
      #expect(user.status == 1)
      #expect(
        user.output.contains(
          "(EACCES). Nothing was changed. Journals belong to root. Run rxtune as root."))
      let watched = try Shell.result(
        "ip link set rxt0 mtu 1300; timeout -s INT 1 \(Program.rxtune) watch rxt0 rxt1 "
          + "--state-dir '\(scratch)/s'")
      #expect(watched.output.contains("rxt0 link.mtu: wanted 1400, found 1300"))
    }
  }

  @Test func whereNothingWasChangedThereIsNoRecord() throws {
    try inScratch { scratch in
      let history = try Shell.result(
        "\(Self.nobody) '\(scratch)/rxtune' history --state-dir '\(scratch)/none'")
      #expect(history.status == 0)
      #expect(history.output == "No change is on record.\n")
      let verify = try Shell.result(
        "\(Self.nobody) '\(scratch)/rxtune' verify --state-dir '\(scratch)/none'")
      #expect(verify.status == 2)
      #expect(verify.output.hasPrefix("Nothing to verify: no change is in force.\n"))
      #expect(try Shell.run("ls '\(scratch)'") == "rxtune\n")
    }
  }

  @Test func profilesAreFoundAndSavedForAll() throws {
    try inScratch { scratch in
      let near = try Shell.result("\(Program.rxtune) profile show sprad")
      #expect(near.status == 1)
      #expect(near.output.contains("there is no profile 'sprad'; did you mean spread?"))
      let far = try Shell.result("\(Program.rxtune) plan qqqqqq rxt0")
      #expect(far.output.contains("there is no profile 'qqqqqq'; there are spread, throughput"))
      // In an /etc of this command alone.
      let listed = try Shell.run(
        """
        unshare -m sh -c "mount -t tmpfs -o mode=755 none /etc && '\(scratch)/rxtune' profile \
        save today rxt0 && \(Self.nobody) '\(scratch)/rxtune' profile check today"
        """)
      #expect(listed.contains("\ntoday: ") && listed.contains("nothing wrong"), "\(listed)")
    }
  }

  @Test func persistWritesEachFileOnceAndUnpersistRemovesThem() throws {
    try inScratch { scratch in
      let root = "--root '\(scratch)/r'"
      let files = try Shell.run("\(Program.rxtune) persist spread rxt0 rxt1 \(root)")
        .split(separator: "\n")
      #expect(files.count == 5 && Set(files).count == 5)
      let rest = { try Shell.run("find '\(scratch)/r' -type f -printf '%f '") }
      let first = try Shell.run("\(Program.rxtune) unpersist rxt0 \(root)")
      #expect(!first.contains("rxtune-watch.service"))
      #expect(try rest().contains("rxtune-watch.service"))
      try Shell.run("\(Program.rxtune) unpersist rxt1 \(root)")
      #expect(try rest() == "")
      #expect(try Shell.result("\(Program.rxtune) unpersist rxt1 \(root)").status == 1)
    }
  }

  @Test func unpersistAllLeavesNothing() throws {
    try inScratch { scratch in
      let root = "--root '\(scratch)/r'"
      // Of devices that are gone by now, too.
      let written = try Shell.run(
        """
        \(Program.rxtune) persist spread rxt0 \(root) && touch '\(scratch)/r/etc/rxtune/devices/eth9'
        """
      ).split(separator: "\n")
      let removed = try Shell.run("\(Program.rxtune) unpersist --all \(root)")
        .split(separator: "\n")
      #expect(Set(written).isSubset(of: removed) && removed.count == written.count + 1)
      #expect(try Shell.run("find '\(scratch)/r' -type f") == "")
      #expect(try Shell.result("\(Program.rxtune) unpersist --all \(root)").status == 0)
      for usage in ["unpersist", "unpersist --all rxt0"] {
        #expect(try Shell.result("\(Program.rxtune) \(usage) \(root)").status == 64)
      }
    }
  }

  /// What runs of it goes on, and holds the values.
  @Test func unpersistSaysWhatRunsOn() throws {
    try inScratch { scratch in
      let rxtune = "'\(scratch)/rxtune'"
      // In an /etc of this command alone.
      let said = try Shell.run(
        """
        unshare -m sh -c "mount -t tmpfs none /etc && \(rxtune) persist spread rxt0 rxt1 && \
        \(rxtune) unpersist rxt0 && \(rxtune) unpersist rxt1" 2>&1
        """)
      #expect(said.contains("systemctl start rxtune@rxt0.service rxtune@rxt1.service\n"), "\(said)")
      #expect(said.contains("holds them. Try: rxtune rollback\n"), "\(said)")
      #expect(
        said.contains("Try: systemctl stop rxtune-watch.service; rxtune rollback\n"), "\(said)")
    }
  }

  @Test func namesWhoKeepsTheLock() throws {
    try inScratch { scratch in
      let directory = try StateDirectory(scratch + "/s")
      let lock = try directory.lock(holder: "rxtune apply x eth9 (pid 1)")
      let error = #expect(throws: (any Error).self) {
        try Changes(of: Host(LiveKernel()), state: directory.path).open("set", patience: 100)
      }
      withExtendedLifetime(lock) {}
      #expect(
        error.map { "\($0)" }
          == "another change is under way: rxtune apply x eth9 (pid 1). Nothing was changed.")
    }
  }

  /// Devices that come at boot are changed one after the other, not one of them.
  @Test func aChangeWaitsForAnother() throws {
    try inScratch { scratch in
      let set = "\(Program.rxtune) set link.mtu=1400 rxt0 --state-dir '\(scratch)/s'"
      let hold =
        "mkdir -p '\(scratch)/s'; printf 'rxtune apply x eth9' >'\(scratch)/s/lock'; flock '\(scratch)/s/lock'"
      let waited = try Shell.result("\(hold) sleep 2 & sleep 0.5; \(set)")
      #expect(waited.status == 0, "\(waited.output)")
      #expect(
        waited.output.contains("waiting for another change that is under way: rxtune apply x eth9"))
      let short = try Shell.result(
        "\(hold) sleep 0.6 & sleep 0.2; \(Program.rxtune) rollback --state-dir '\(scratch)/s'")
      #expect(short.status == 0 && !short.output.contains("waiting"), "\(short.output)")
    }
  }

  /// A profile that cannot be read is not the built-in one of its name.
  @Test func anUnreadableProfileIsNotTheBuiltInOne() throws {
    try inScratch { scratch in
      let output = try Shell.run(
        """
        unshare -m sh -c "mount -t tmpfs -o mode=755 none /etc && mkdir -p /etc/rxtune/profiles \
        && cd /etc/rxtune/profiles && touch spread.yaml && chmod 600 spread.yaml && mkfifo x.yaml \
        && for command in 'profile show spread' 'plan spread lo' 'profile show latency' \
        'profile list' 'profile show x'; do timeout 5 \(Self.nobody) '\(scratch)/rxtune' \\$command; \
        echo status \\$?; done" 2>&1
        """)
      let parts = output.split(separator: "status ").map(String.init)
      try #require(parts.count == 6, "\(output)")
      #expect(
        parts[0].contains("/etc/rxtune/profiles/spread.yaml: permission denied (EACCES)"),
        "\(output)")
      #expect(
        parts[1].hasPrefix("1\n") && parts[1].contains("spread.yaml: permission denied (EACCES)"),
        "\(output)")
      #expect(parts[2].hasPrefix("1\n") && parts[2].contains("name: latency"), "\(output)")
      #expect(
        parts[3].hasPrefix("0\n") && parts[3].contains("spread.yaml: permission denied (EACCES)"),
        "\(output)")
      #expect(
        parts[3].contains("x.yaml (not a regular file): invalid argument (EINVAL)"), "\(output)")
      #expect(parts[3].contains("throughput"), "\(output)")
      #expect(parts[4].hasPrefix("1\n") && parts[5].hasPrefix("1\n"), "\(output)")
    }
  }

  /// What is not about a device that was named is about none.
  @Test(arguments: ["plan spread", "verify spread", "apply spread"])
  func aProfileOfDevicesWantsThemNamed(arguments: String) throws {
    try inScratch { scratch in
      let options = arguments.hasPrefix("plan") ? "" : "--state-dir '\(scratch)/s'"
      let result = try Shell.result("\(Program.rxtune) \(arguments) \(options)")
      #expect(result.status == 64)
      #expect(
        result.output.contains("profile spread has settings of devices: name those it is for"))
      #expect(result.output.contains("rxt1") && !result.output.contains("rxtune set"))
      // One of the host alone needs none.
      try Shell.run(
        "printf 'name: host\\nsettings:\\n  net.core.somaxconn: 4321\\n' >'\(scratch)/host.yaml'")
      let command = arguments.split(separator: " ")[0]
      let host = try Shell.result("\(Program.rxtune) \(command) '\(scratch)/host.yaml' \(options)")
      #expect(host.status == (command == "apply" ? 0 : 2), "\(host.output)")
      #expect(host.output.contains("4321"))
    }
  }

  @Test(arguments: [
    ("set nosuch=1 lo", "Usage: rxtune set <words> ..."),
    ("profile save 'x y' lo", "Usage: rxtune profile save <name> <device>"),
    ("get nosuch", "Usage: rxtune get <knob> ..."),
  ])
  func mistakesAreAnsweredWithTheCommandsOwnUsage(arguments: String, usage: String) throws {
    let result = try Shell.result("\(Program.rxtune) \(arguments)")
    #expect(result.status == 64)
    #expect(result.output.contains("\n" + usage), "\(result.output)")
  }

  /// A report that is not all there is no success.
  @Test(arguments: ["show lo", "knobs --json", "history", "profile list", "plan spread lo"])
  func outputThatCannotBeWrittenIsSaid(arguments: String) throws {
    let result = try Shell.result("\(Program.rxtune) \(arguments) >/dev/full")
    #expect(result.status == 1)
    #expect(
      result.output.contains("not all of it could be written to standard output"),
      "\(result.output)")
  }
}
