import Foundation
import Glibc
import Testing

/// The lab of real drivers: guests are booted once a run, shared by the suites, and paused while no
/// test uses them. One guest runs at a time, for the sake of machines with two cores.
///
///     @Suite(.lab) struct RingTests {
///       @Test func grows() async throws {
///         try await Lab.run(.igb) { guest in
///           try guest.shell("ethtool -G eth0 rx 512")
///         }
///       }
///     }
enum Lab {
  static let isEnabled = ProcessInfo.processInfo.environment["RXTUNE_LAB"] == "1"

  /// The folder of the lab's scripts and topologies.
  static let folder = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent()

  /// What `prepare.sh` fetched and built.
  static let cache: URL = {
    let environment = ProcessInfo.processInfo.environment
    let base = environment["XDG_CACHE_HOME"] ?? (environment["HOME"] ?? "/root") + "/.cache"
    return URL(filePath: base).appending(path: "rxtune-lab")
  }()

  /// The binary that the guests hold, for the host.
  static let rxtune = cache.appending(path: "current/rxtune")

  private static let guests = Guests()

  /// Runs `body` with a guest of `topology`. What `body` changes stays changed for the next user of
  /// the guest, unless `fresh` asks for one that is booted for this call alone and then ended.
  static func run<Result: Sendable>(
    _ topology: Topology, fresh: Bool = false,
    _ body: @Sendable (Guest) async throws -> Result
  ) async throws -> Result {
    await guests.acquire()
    do {
      let guest = try await guests.guest(topology, fresh: fresh)
      let outcome: Swift.Result<Result, any Error>
      do { outcome = .success(try await body(guest)) } catch { outcome = .failure(error) }
      if fresh { guest.close() } else if guest.isAlive { try guest.monitor("stop") }
      await guests.release()
      return try outcome.get()
    } catch {
      await guests.release()
      throw error
    }
  }
}

/// The guests of this run, and whose turn it is.
private actor Guests {
  /// The whole lab, on a busy machine with two cores, takes half of this.
  private static let limit = Duration.seconds(1500)

  init() {
    // `swift test` does not take its runner along when it is interrupted or killed.
    let parent = getppid()
    let end = ContinuousClock.now + Self.limit
    Thread.detachNewThread {
      while getppid() == parent, .now < end { Thread.sleep(forTimeInterval: 0.5) }
      let why = getppid() == parent ? "not done within \(Self.limit)" : "interrupted"
      FileHandle.standardError.write(Data("lab: \(why): ending\n".utf8))
      exit(1)
    }
  }

  private var running: [Topology: Guest] = [:]
  private var isBusy = false
  private var waiting: [CheckedContinuation<Void, Never>] = []

  func acquire() async {
    guard isBusy else {
      isBusy = true
      return
    }
    await withCheckedContinuation { waiting.append($0) }
  }

  func release() {
    if waiting.isEmpty { isBusy = false } else { waiting.removeFirst().resume() }
  }

  func guest(_ topology: Topology, fresh: Bool) throws -> Guest {
    if !fresh, let guest = running[topology], guest.isAlive {
      try guest.monitor("cont")
      return guest
    }
    let guest = try Guest(topology)
    print(
      "lab: \(topology.rawValue) booted in \(guest.bootTime.formatted(.units(fractionalPart: .show(length: 1))))"
    )
    if !fresh { running[topology] = guest }
    return guest
  }
}

extension Trait where Self == ConditionTrait {
  /// Runs only where the lab is switched on.
  static var lab: Self {
    .enabled(if: Lab.isEnabled, "the lab is off; run it by `make lab` (root, QEMU and apt needed)")
  }
}
