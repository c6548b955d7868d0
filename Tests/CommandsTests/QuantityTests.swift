import ArgumentParser
import TestSupport
import Testing

@testable import Commands

/// Times, rates and sizes as options take them.
@Suite("Quantities") struct QuantityTests {
  @Test(arguments: [
    ("5", 5_000), ("5s", 5_000), ("250ms", 250), ("2m", 120_000), ("1.5m", 90_000), ("0.25", 250),
    (".5s", 500), ("1h", 3_600_000), ("2min", 120_000), ("1d", 86_400_000), ("2000us", 2),
    ("2000µs", 2), ("0", 0), ("1e1", 10_000), ("365d", 31_536_000_000),
  ])
  func timesAreTaken(text: String, milliseconds: Int64) throws {
    #expect(try Span.parse(text).milliseconds == milliseconds)
  }

  static let noTimes = [
    "", "s", "ms", "-5", "-5s", "5 s", "5sm", "nan", "inf", "0x10", "5,5", "1..5", "1e400", "366d",
    "5S", "+5", "1m30s", "--5", "e5", "5e", "99999999999999999999999999", ".", "٥s",
  ]
  @Test(arguments: noTimes)
  func othersAreRefusedWithWhatIsTaken(text: String) {
    let error = #expect(throws: ValidationError.self) { try Span.parse(text) }
    #expect(error?.message.contains("use a time") == true)
  }

  @Test(arguments: [
    ("250ms", "250ms"), ("5", "5s"), ("60s", "1m"), ("90s", "90s"), ("3600", "1h"), ("24h", "1d"),
    ("1500us", "1500us"), ("0", "0s"),
  ])
  func timesAreShownInTheirUnit(text: String, shown: String) throws {
    #expect(try Span.parse(text).description == shown)
  }

  @Test(arguments: [("800", 800.0), ("10k", 1e4), ("10K", 1e4), ("1.5M", 1.5e6), ("1e6", 1e6)])
  func ratesAreTaken(text: String, rate: Double) throws {
    #expect(try Quantity.rate(text) == rate)
  }

  @Test(arguments: ["", "k", "10m", "-1", "10 k", "nan", "10k/s", "0x1", "inf"])
  func otherRatesAreRefused(text: String) {
    #expect(throws: ValidationError.self) { try Quantity.rate(text) }
  }

  @Test(arguments: [("64", 64), ("16k", 16_384), ("16KiB", 16_384), ("1M", 1 << 20)])
  func sizesAreTaken(text: String, bytes: Int) throws {
    #expect(try Quantity.size(text) == bytes)
  }

  @Test(arguments: ["", "-8", "1.3", "16b", "1e300", "x"])
  func otherSizesAreRefused(text: String) {
    #expect(throws: ValidationError.self) { try Quantity.size(text) }
  }

  /// Every option that is a time takes its time with a unit, and says what it takes.
  @Test(arguments: [
    "bench reuseport --duration", "bench reuseport --warm-up", "bench reuseport --time-limit",
    "bench compare --duration", "bench serve --duration", "bench serve --close-listener-after",
    "bench load --duration", "bench load --warm-up", "bench load --timeout", "watch --interval",
    "set --confirm-within", "apply --wait-link", "rings --confirm-within",
  ])
  func everyTimeHasOneSyntax(option: String) throws {
    let words = option.split(separator: " ").map(String.init)
    let command = words.dropLast().joined(separator: " ")
    let result = try Shell.result("\(Program.rxtune) \(command) \(words.last ?? "") 5x 2>&1")
    #expect(result.status == 64)
    #expect(result.output.contains("use a time such as 5s, 250ms, 2m or 1h"), "\(result.output)")
  }
}
