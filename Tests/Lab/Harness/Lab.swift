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
  private static let threads = OwnThreads()

  /// Which guest of a topology a test takes.
  enum Share: Hashable, Sendable {
    /// The one that most tests share. What a test changes there, it sets back: it fails if it does not,
    /// and the next gets a new guest.
    case first
    /// Another one, for what would be felt afterwards: a CPU that was offline, vectors that moved.
    /// Nothing but the NIC, with its name and its channels, is as after the boot.
    case second
    /// One that is booted for this call alone, and then ended.
    case own
  }

  /// Runs `body` with a guest of `topology`, and nobody else with that guest meanwhile.
  static func run<Result: Sendable>(
    _ topology: Topology, _ share: Share = .first,
    _ body: @escaping @Sendable (Guest) async throws -> Result
  ) async throws -> Result {
    let name = Guests.Name(topology: topology, share: share)
    return try await withTaskExecutorPreference(threads) {
      await guests.acquire(name)
      let start = ContinuousClock.now
      let outcome: Swift.Result<Result, any Error>
      do {
        let guest = try await guest(name)
        do {
          let result = try await body(guest)
          let left = share == .first ? try await guest.changes(since: guests.settings(name)) : ""
          if !left.isEmpty { Issue.record("left behind in \(topology.rawValue):\n\(left)") }
          if share == .own || !left.isEmpty { guest.close() } else { guest.rest() }
          outcome = .success(result)
        } catch {
          outcome = .failure(error)
          guest.close()
        }
      } catch {
        outcome = .failure(error)
      }
      print("lab: \(topology.rawValue) \(Test.current?.name ?? "") took \(start.untilNow)")
      await guests.release(name)
      return try outcome.get()
    }
  }

  private static func guest(_ name: Guests.Name) async throws -> Guest {
    if let guest = await guests.booted(name), guest.isAlive {
      try guest.wake()
      return guest
    }
    let guest = try Guest.boot(name.topology)
    if name.share != .own { await guests.keep(guest, name, try guest.settings()) }
    return guest
  }
}

/// A thread for each piece of work: a test waits for its guest's answers, and would keep the few
/// threads that all tests share from those that have a guest to talk to.
private final class OwnThreads: TaskExecutor {
  func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    Thread.detachNewThread { unsafe job.runSynchronously(on: self.asUnownedTaskExecutor()) }
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

  struct Name: Hashable {
    let topology: Topology
    let share: Lab.Share
  }

  private struct Turn {
    let name: Name
    let begin: CheckedContinuation<Void, Never>
  }

  /// A guest takes a core while it works, and waits now and then, for its peer, its link or by its
  /// own clock: three of them fill two cores.
  static let places = 3
  private var freePlaces = Guests.places
  private var inUse: Set<Name> = []
  private var running: [Name: (guest: Guest, settings: Guest.State)] = [:]
  private var waiting: [Turn] = []

  func acquire(_ name: Name) async {
    await withCheckedContinuation {
      waiting.append(Turn(name: name, begin: $0))
      next()
    }
  }

  func release(_ name: Name) {
    freePlaces += name.topology.places
    inUse.remove(name)
    next()
  }

  /// Lets everyone begin who can. The guest that most wait for goes first, as its tests take one
  /// another's turn and the others' need not.
  private func next() {
    while let index = longestLine() {
      let turn = waiting.remove(at: index)
      freePlaces -= turn.name.topology.places
      if turn.name.share != .own { inUse.insert(turn.name) }
      turn.begin.resume()
    }
  }

  private func longestLine() -> Int? {
    let lines = Dictionary(waiting.map { ($0.name, 1) }, uniquingKeysWith: +)
    func length(_ index: Int) -> Int { lines[waiting[index].name, default: 0] }
    return waiting.indices.filter { index in
      let name = waiting[index].name
      return name.topology.places <= freePlaces && !inUse.contains(name)
    }.max { length($0) < length($1) }
  }

  func booted(_ name: Name) -> Guest? { running[name]?.guest }

  func keep(_ guest: Guest, _ name: Name, _ settings: Guest.State) {
    running[name] = (guest, settings)
  }

  /// What was set after the boot.
  func settings(_ name: Name) -> Guest.State? { running[name]?.settings }
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
