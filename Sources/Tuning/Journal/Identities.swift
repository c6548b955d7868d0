package import KernelIO
import Knobs
import ReceivePath

/// Who is who among the devices now. In one boot and one network namespace the index tells: a
/// device may have been renamed since, and another may bear its name.
package struct Identities {
  /// The device that bears the name.
  package var named: (String) -> DeviceIdentity?
  /// The device that has the index.
  package var indexed: (String) -> DeviceIdentity?

  package init(
    named: @escaping (String) -> DeviceIdentity?,
    indexed: @escaping (String) -> DeviceIdentity?
  ) {
    self.named = named
    self.indexed = indexed
  }

  /// Of the running system.
  package init(_ kernel: any Kernel) {
    let host = Host(kernel)
    named = { name in
      (try? host.link(name)).map { DeviceIdentity($0, kernel) }
    }
    indexed = { index in
      Int32(index).flatMap { try? host.link(index: $0) }.map { DeviceIdentity($0, kernel) }
    }
  }

  /// The device as it is now; nil where it is gone from here.
  package func current(_ then: DeviceIdentity) -> DeviceIdentity? {
    indexed(then.ifindex).flatMap { $0.difference(from: then) == nil ? $0 : nil }
  }

  /// Asks for each device once.
  var remembering: Identities {
    let memory = Memory()
    return Identities(
      named: { name in memory.names.value(name) { named(name) } },
      indexed: { index in memory.indices.value(index) { indexed(index) } })
  }

  private final class Memory {
    var names = Answers()
    var indices = Answers()
  }

  private struct Answers {
    private var known: [(question: String, answer: DeviceIdentity?)] = []

    mutating func value(
      _ question: String, _ ask: () -> DeviceIdentity?
    ) -> DeviceIdentity? {
      if let found = known.first(where: { $0.question == question }) { return found.answer }
      let answer = ask()
      known.append((question, answer))
      return answer
    }
  }
}
