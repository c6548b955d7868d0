import Foundation
import Glibc
import Testing

/// The lab of real drivers: guests are booted once a run and shared by the suites.
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
    await guests.acquire(topology, fresh: fresh)
    let start = ContinuousClock.now
    let outcome: Swift.Result<Result, any Error>
    do {
      let guest = try await guest(topology, fresh: fresh)
      defer { if fresh { guest.close() } else { guest.rest() } }
      outcome = .success(try await body(guest))
    } catch {
      outcome = .failure(error)
    }
    print("lab: \(topology.rawValue) \(Test.current?.name ?? "") took \(start.untilNow)")
    await guests.release(topology, fresh: fresh)
    return try outcome.get()
  }

  private static func guest(_ topology: Topology, fresh: Bool) async throws -> Guest {
    if !fresh, let guest = await guests.shared(topology), guest.isAlive {
      try guest.wake()
      return guest
    }
    let guest = try Guest.boot(topology)
    if !fresh { await guests.share(guest) }
    return guest
  }
}

/// The guests of this run, and whose turn it is.
private actor Guests {
  /// The whole lab, on a busy machine with two cores, takes half of this.
  private static let limit = Duration.seconds(2700)

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

  private struct Turn {
    let topology: Topology
    let isFresh: Bool
    let begin: CheckedContinuation<Void, Never>
  }

  /// A guest takes a core while it works, and waits now and then, for its peer, its link or by its
  /// own clock: three of them fill two cores.
  static let places = 3
  private var freePlaces = Guests.places
  private var inUse: Set<Topology> = []
  private var running: [Topology: Guest] = [:]
  private var waiting: [Turn] = []

  func acquire(_ topology: Topology, fresh: Bool) async {
    await withCheckedContinuation {
      waiting.append(Turn(topology: topology, isFresh: fresh, begin: $0))
      next()
    }
  }

  func release(_ topology: Topology, fresh: Bool) {
    freePlaces += topology.places
    if !fresh { inUse.remove(topology) }
    next()
  }

  /// Lets everyone begin who can, first come first served among those that want the same.
  private func next() {
    while let index = waiting.firstIndex(where: {
      $0.topology.places <= freePlaces && ($0.isFresh || !inUse.contains($0.topology))
    }) {
      let turn = waiting.remove(at: index)
      freePlaces -= turn.topology.places
      if !turn.isFresh { inUse.insert(turn.topology) }
      turn.begin.resume()
    }
  }

  func shared(_ topology: Topology) -> Guest? { running[topology] }

  func share(_ guest: Guest) { running[guest.topology] = guest }
}

extension Topology {
  /// Of the places for guests: one with dozens of CPUs takes all.
  fileprivate var places: Int { self == .virtio64 ? Guests.places : 1 }
}

extension Guest {
  /// Boots a guest, again where it comes up sick: under emulation a CPU now and then loses its timer
  /// (one boot in fifty), and what sleeps there never wakes.
  static func boot(_ topology: Topology, grace: Duration = .seconds(30)) throws -> Guest {
    for _ in 1..<3 {
      do {
        return try healthy(topology, grace)
      } catch {
        print("lab: \(topology.rawValue) boots again: \(error)")
      }
    }
    return try healthy(topology, grace)
  }

  private static func healthy(_ topology: Topology, _ grace: Duration) throws -> Guest {
    let guest = try Guest(topology, grace: grace)
    print("lab: \(topology.rawValue) booted in \(guest.bootTime.inSeconds)")
    let check = "for cpu in $(seq 0 $(($(nproc) - 1))); do taskset -c $cpu sleep 0.01 || exit; done"
    do { try guest.shell(check, timeout: .seconds(15)) } catch {
      guest.close()
      throw error
    }
    return guest
  }

  /// An idle guest costs 3 % of a CPU, and one with dozens of CPUs all of it: whoever waits is paused.
  fileprivate func rest() {
    if isAlive { _ = try? monitor("stop") }
  }

  fileprivate func wake() throws { try monitor("cont") }
}

extension Duration {
  var inSeconds: String { formatted(.units(fractionalPart: .show(length: 1))) }
}

extension ContinuousClock.Instant {
  var untilNow: String { duration(to: .now).inSeconds }
}

extension Trait where Self == ConditionTrait {
  /// Runs only where the lab is switched on.
  static var lab: Self {
    .enabled(if: Lab.isEnabled, "the lab is off; run it by `make lab` (root, QEMU and apt needed)")
  }
}
