import Testing

@testable import Live

@Suite struct GrowthTests {
  @Test func wideCountersNeverWrap() {
    #expect(Growth.of(7 as UInt64, since: 5) == 2)
    #expect(Growth.of(UInt64.max, since: 0) == .max)
    #expect(Growth.of(5 as UInt64, since: 7) == nil)
  }

  @Test func narrowCountersWrap() {
    #expect(Growth.of(7 as UInt32, since: 5) == 2)
    #expect(Growth.of(3 as UInt32, since: .max) == 4)
  }

  @Test func narrowCountersThatBeganAnewAreToldFromWrappedOnes() {
    #expect(Growth.of(5 as UInt32, since: 1_000_000) == nil)
  }

  @Test func absentOnEitherSideIsAbsent() {
    #expect(Growth.of(nil as UInt64?, since: 5) == nil)
    #expect(Growth.of(5 as UInt32, since: nil) == nil)
  }
}
