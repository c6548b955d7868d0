package import ArgumentParser
import Knobs
package import Scaling

extension ListenerMode: ExpressibleByArgument {
  package init?(argument: String) {
    guard let mode = Self.kernel.first(where: { $0.name == argument }) else { return nil }
    self = mode
  }

  package static var allValueStrings: [String] { all.map(\.name) }

  package static var defaultCompletionKind: CompletionKind { Completions.modes }

  package var defaultValueDescription: String { name }

  static var names: String { allValueStrings.joined(separator: ", ") }
}

extension Workload: ExpressibleByArgument {
  static var names: String { names(allCases) }

  static func names(_ workloads: [Workload]) -> String {
    workloads.map { "\($0.rawValue) (\($0.abstract))" }.joined(separator: ", ")
  }
}

extension CloseMethod: ExpressibleByArgument {
  static var names: String {
    allCases.map { "\($0.rawValue) (\($0.abstract))" }.joined(separator: ", ")
  }
}

extension CPUSet {
  /// Of an option: some CPUs, as a list.
  static func argument(_ text: String) throws -> CPUSet {
    let cpus: CPUSet
    do { cpus = try typed(text) } catch {
      throw ValidationError("\"\(text)\" \(error.problem("CPUs"))")
    }
    guard !cpus.isEmpty else { throw ValidationError("the CPU list is empty") }
    return cpus
  }

  /// Of --cpus: server=LIST, client=LIST, or both.
  static func sides(_ texts: [String]) throws -> (server: CPUSet?, client: CPUSet?) {
    var sides: (server: CPUSet?, client: CPUSet?) = (nil, nil)
    for text in texts {
      let parts = text.split(separator: "=", maxSplits: 1)
      guard parts.count == 2 else {
        throw ValidationError("--cpus \"\(text)\": use server=LIST or client=LIST")
      }
      let set = try argument(String(parts[1]))
      switch parts[0] {
      case "server": sides.server = set
      case "client": sides.client = set
      default: throw ValidationError("--cpus \"\(text)\": use server=LIST or client=LIST")
      }
    }
    return sides
  }
}

/// What both halves must agree on.
struct ExchangeOptions: ParsableArguments {
  @Option(help: "What a client does: \(Workload.names).")
  var workload = Workload.crr

  @Option(name: .customLong("close"), help: "How a crr connection ends: \(CloseMethod.names).")
  var closeMethod = CloseMethod.rst

  @Option(size: "Bytes of a request, 8 to 64k.")
  var requestBytes = 64

  @Option(size: "Bytes of a response, 8 to 64k.")
  var responseBytes = 64

  var exchange: Exchange {
    Exchange(
      workload, close: closeMethod, requestBytes: requestBytes, responseBytes: responseBytes)
  }
}

enum BenchBounds {
  /// A forgotten benchmark ends within a day.
  static func check(duration: Span, warmUp: Span) throws {
    guard (0.05...86_400).contains(duration.seconds) else {
      throw ValidationError("--duration \(duration): use 50ms to 24h")
    }
    guard warmUp.seconds <= 3600 else {
      throw ValidationError("--warm-up \(warmUp): use at most 1h")
    }
  }
}
