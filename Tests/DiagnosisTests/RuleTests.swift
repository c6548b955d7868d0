import Testing

@testable import Diagnosis

@Suite("Doctor's rules") struct RuleTests {
  @Test func idsAreUniqueAndWellFormed() {
    let ids = Rule.all.map(\.id)
    #expect(Set(ids).count == ids.count)
    #expect(ids.allSatisfy { $0.allSatisfy { $0.isLowercase || $0 == "-" } })
    for rule in Rule.all {
      #expect(!rule.title.isEmpty && !rule.title.hasSuffix("."), "\(rule.id)")
    }
  }
}
