import FoundationEssentials

/// CPU, µs a transaction; as `rxtune --json` names it.
struct Cost: Decodable {
  var user = 0.0
  var system = 0.0
  var total: Double { user + system }

  static func + (left: Cost, right: Cost) -> Cost {
    Cost(user: left.user + right.user, system: left.system + right.system)
  }
}

/// What one half did in one run.
///
/// rxtune's and the reference's cost is what they say of the threads that did it; others' is that of
/// their whole life, which for programs in C starts in no time.
struct Work {
  var transactions: Double
  /// A second, after the warm-up; a server tells none.
  var rate = 0.0
  var cost: Cost
}

extension Work {
  init(_ ending: Program.Ending, transactions: Double, rate: Double = 0) {
    let each = 1e6 / transactions
    self.init(
      transactions: transactions, rate: rate,
      cost: Cost(user: ending.user * each, system: ending.system * each))
  }
}

extension Maker {
  /// What a load generator did, from what it printed.
  func loaded(_ ending: Program.Ending) throws -> Work {
    func value(after key: String, _ separator: Character) throws -> Double {
      guard
        let value = ending.output.split(separator: "\n").first(where: { $0.hasPrefix(key) })?
          .split(separator: separator).last.flatMap({ Double($0.filter { $0 != " " }) })
      else { throw Broken("no \(key) in \(ending.output)") }
      return value
    }
    guard ending.succeeded else { throw Broken(ending.output) }
    switch self {
    case .rxtune:
      let document = try ending.decoded(LoadDocument.self)
      guard document.counts.failures == 0 else {
        throw Broken("transactions failed: \(ending.output)")
      }
      return Work(
        transactions: document.counts.transactions, rate: document.rate, cost: document.cpu)
    case .reference:
      let (work, failures) = try Self.ofReference(ending)
      guard failures == 0 else { throw Broken("sends failed: \(ending.output)") }
      return work
    case .neper:
      return try Work(
        ending, transactions: value(after: "num_transactions=", "="),
        rate: value(after: "throughput=", "="))
    case .wrk:
      // "  31234 requests in 1.10s, 2.04MB read", "Requests/sec:  28394.55"
      let words = ending.output.split { $0 == " " || $0 == "\n" }
      guard let at = words.firstIndex(of: "requests"), at > 0, let total = Double(words[at - 1])
      else { throw Broken("no requests in \(ending.output)") }
      return try Work(ending, transactions: total, rate: value(after: "Requests/sec:", ":"))
    }
  }

  /// What a server did whose load had this many transactions.
  func served(_ ending: Program.Ending, transactions: Double) throws -> Work {
    switch self {
    case .rxtune:
      let document = try ending.decoded(ServerDocument.self)
      return Work(transactions: document.total.transactions, cost: document.cpu)
    case .reference: return try Self.ofReference(ending).work
    case .neper, .wrk: return Work(ending, transactions: transactions)
    }
  }

  /// Transactions, their rate, seconds user, seconds system, failures.
  private static func ofReference(_ ending: Program.Ending) throws
    -> (work: Work, failures: Double)
  {
    let numbers = ending.output.split { $0 == " " || $0 == "\n" }.compactMap { Double($0) }
    guard ending.succeeded, numbers.count == 5, numbers[0] > 0 else {
      throw Broken("the reference said \(ending.output)")
    }
    let each = 1e6 / numbers[0]
    let work = Work(
      transactions: numbers[0], rate: numbers[1],
      cost: Cost(user: numbers[2] * each, system: numbers[3] * each))
    return (work, numbers[4])
  }
}

/// What `rxtune bench load --json` says, as far as it is asked here.
private struct LoadDocument: Decodable {
  struct Counts: Decodable {
    var transactions: Double
    var refused: Int
    var broken: Int
    var corrupted: Int
    var failures: Int { refused + broken + corrupted }
  }
  var rate: Double
  var counts: Counts
  var cpu: Cost
}

/// What `rxtune bench serve --json` says, as far as it is asked here.
private struct ServerDocument: Decodable {
  struct Total: Decodable { var transactions: Double }
  var total: Total
  var cpu: Cost
}

extension Program.Ending {
  fileprivate func decoded<Document: Decodable>(_ type: Document.Type) throws -> Document {
    // A server's results are the last of its lines.
    let last = output.split(separator: "\n").last.flatMap { $0.hasPrefix("{") ? $0 : nil }
    do {
      return try JSONDecoder().decode(type, from: Data((last ?? output[...]).utf8))
    } catch { throw Broken("\(error): \(output)") }
  }
}
