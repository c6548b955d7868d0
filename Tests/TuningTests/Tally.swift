import Synchronization
import Testing

/// Counts the cases that a test ran inside itself, and prints the sum as it grows.
final class Tally: Sendable {
  static let kills = Tally("killed changes")
  static let rollbackKills = Tally("killed rollbacks")
  static let refusals = Tally("refused or swallowed writes")

  private let name: String
  private let sum = Mutex(0)

  init(_ name: String) { self.name = name }

  func add(_ count: Int) {
    let total = sum.withLock { sum in
      sum += count
      return sum
    }
    print("\(name): \(total) cases")
  }
}
