import ArgumentParser
package import Knobs
package import Scaling

extension ListenerMode: ExpressibleByArgument {
  static var names: String { allCases.map(\.rawValue).joined(separator: ", ") }
}

extension Workload: ExpressibleByArgument {
  static var names: String {
    allCases.map { "\($0.rawValue) (\($0.abstract))" }.joined(separator: ", ")
  }
}

extension CloseMethod: ExpressibleByArgument {
  static var names: String {
    allCases.map { "\($0.rawValue) (\($0.abstract))" }.joined(separator: ", ")
  }
}

extension CPUSet: ExpressibleByArgument {
  package init?(argument: String) {
    self.init(list: argument)
    if isEmpty { return nil }
  }
}

/// What both halves must agree on.
struct ExchangeOptions: ParsableArguments {
  @Option(help: "What a client does: \(Workload.names).")
  var workload = Workload.crr

  @Option(name: .customLong("close"), help: "How a crr connection ends: \(CloseMethod.names).")
  var closeMethod = CloseMethod.rst

  @Option(help: "Bytes of a request, 8 to 65536.")
  var requestBytes = 64

  @Option(help: "Bytes of a response, 8 to 65536.")
  var responseBytes = 64

  var exchange: Exchange {
    Exchange(
      workload, close: closeMethod, requestBytes: requestBytes, responseBytes: responseBytes)
  }
}

enum BenchBounds {
  /// Seconds; a forgotten benchmark ends within a day.
  static func check(duration: Double, warmUp: Double) throws {
    guard duration >= 0.05 && duration <= 86_400 else {
      throw ValidationError("--duration is from 0.05 to 86400 seconds")
    }
    guard warmUp >= 0 && warmUp <= 3600 else {
      throw ValidationError("--warm-up is from 0 to 3600 seconds")
    }
  }
}
