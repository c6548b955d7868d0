import Glibc
import TestSupport
import Testing

@testable import Notation

@Suite("Moments") struct TimeStampTests {
  @Test(arguments: [
    (Int64(0), "1970-01-01T00:00:00Z"), (951_782_400, "2000-02-29T00:00:00Z"),
    (4_107_542_399, "2100-02-28T23:59:59Z"), (4_107_542_400, "2100-03-01T00:00:00Z"),
    (1_795_446_686, "2026-11-23T15:11:26Z"), (253_402_300_799, "9999-12-31T23:59:59Z"),
  ])
  func momentsAreWrittenAsISO8601(seconds: Int64, text: String) {
    #expect(TimeStamp(seconds: seconds).description == text)
  }

  @Test func shorterFormsAreOfTheSameMoment() {
    let moment = TimeStamp(seconds: 1_795_446_686)
    #expect(moment.minute == "2026-11-23 15:11")
    #expect(moment.compact == "20261123-151126")
  }

  /// What a damaged journal holds is shown as the nearest moment with four digits of a year.
  @Test(arguments: [
    (Int64.min, "1970-01-01T00:00:00Z"), (-1, "1970-01-01T00:00:00Z"),
    (253_402_300_800, "9999-12-31T23:59:59Z"), (.max, "9999-12-31T23:59:59Z"),
  ])
  func momentsBeyondTheCalendarAreCut(seconds: Int64, text: String) {
    #expect(TimeStamp(seconds: seconds).description == text)
  }

  @Test func theCalendarIsLibcs() {
    var random = SplitMix(seed: 4)
    for _ in 0..<5_000 {
      let seconds = Int64.random(in: 0...253_402_300_799, using: &random)
      var time = time_t(seconds)
      var fields = unsafe tm()
      unsafe gmtime_r(&time, &fields)
      let expected = unsafe [
        fields.tm_year + 1900, fields.tm_mon + 1, fields.tm_mday, fields.tm_hour, fields.tm_min,
        fields.tm_sec,
      ]
      let written = TimeStamp(seconds: seconds).description
      #expect(written.split { "-T:Z".contains($0) }.map { Int32($0) } == expected, "\(written)")
    }
  }

  @Test func textsSortAsMomentsDo() {
    var random = SplitMix(seed: 5)
    let moments = (0..<500).map { _ in
      TimeStamp(seconds: .random(in: 0...253_402_300_799, using: &random))
    }.sorted()
    #expect(moments.map(\.compact) == moments.map(\.compact).sorted())
    #expect(moments.map(\.description) == moments.map(\.description).sorted())
  }
}
