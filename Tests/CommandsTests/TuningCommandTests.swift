import TestSupport
import Testing

/// watch, history, profile, persist as a user meets them: what they say, and how they exit.
@Suite("Tuning commands", .enabled(if: NetworkNamespace.isAvailable, "needs root"))
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
      #expect(user.output.contains("EACCES. Journals are root's: try it as root"))
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
      #expect(verify.output.hasPrefix("no change is in force\n"))
      #expect(try Shell.run("ls '\(scratch)'") == "rxtune\n")
    }
  }

  @Test func profilesAreFoundAndSavedForAll() throws {
    try inScratch { scratch in
      let near = try Shell.result("\(Program.rxtune) profile show sprad")
      #expect(near.status == 1)
      #expect(near.output.contains("no profile is called 'sprad'; did you mean spread?"))
      let far = try Shell.result("\(Program.rxtune) plan qqqqqq rxt0")
      #expect(far.output.contains("no profile is called 'qqqqqq'; there are spread, throughput"))
      // In an /etc of this command alone.
      let listed = try Shell.run(
        """
        unshare -m sh -c "mount -t tmpfs -o mode=755 none /etc && '\(scratch)/rxtune' profile \
        save today rxt0 && \(Self.nobody) '\(scratch)/rxtune' profile check today"
        """)
      #expect(listed.hasPrefix("today: ") && listed.contains("nothing wrong"), "\(listed)")
    }
  }

  @Test func persistWritesEachFileOnceAndUnpersistRemovesThem() throws {
    try inScratch { scratch in
      let files = try Shell.run("\(Program.rxtune) persist spread rxt0 rxt1 --root '\(scratch)/r'")
        .split(separator: "\n")
      #expect(files.count == 5 && Set(files).count == 5)
      let rest = { try Shell.run("find '\(scratch)/r' -type f -printf '%f '") }
      let first = try Shell.run("\(Program.rxtune) unpersist rxt0 --root '\(scratch)/r'")
      #expect(!first.contains("rxtune-watch.service"))
      #expect(try rest().contains("rxtune-watch.service"))
      try Shell.run("\(Program.rxtune) unpersist rxt1 --root '\(scratch)/r'")
      #expect(try rest() == "")
      #expect(
        try Shell.result("\(Program.rxtune) unpersist rxt1 --root '\(scratch)/r'").status == 1)
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
