import Testing

@testable import Knobs

@Suite("Nearest names") struct NearestNamesTests {
  @Test(arguments: [
    ("", "", 0), ("a", "", 1), ("kitten", "sitting", 3), ("rx", "xr", 1), ("abc", "abc", 0),
    ("rings.tx", "rings.rx", 1),
  ])
  func distancesCountSlips(left: String, right: String, slips: Int) {
    #expect(NearestNames.distance(Array(left), Array(right)) == slips)
    #expect(NearestNames.distance(Array(right), Array(left)) == slips)
  }

  @Test(arguments: [
    ("coalesce.rx-usec", "coalesce.rx-usecs"), ("rx-usec", "coalesce.rx-usecs"),
    ("netdev_bugdet", "net.core.netdev_budget"), ("RSS.Indirecton", "rss.indirection"),
    ("netdev-budgt", "net.core.netdev_budget"), ("core.netdev_budgt", "net.core.netdev_budget"),
    ("ipv4.tcp_rmen", "net.ipv4.tcp_rmem"), ("smp_afinity", "irq.smp-affinity"),
  ])
  func slipsFindTheKnob(typed: String, id: String) {
    #expect(NearestNames.of(typed, in: Knob.catalogue.map(\.id)).first == id)
  }

  @Test func nonsenseFindsNothing() {
    let ids = Knob.catalogue.map(\.id)
    #expect(NearestNames.of("xyzzyplugh", in: ids).isEmpty)
    #expect(NearestNames.of("", in: ids).isEmpty)
    #expect(NearestNames.of(String(repeating: "a", count: 100_000), in: ids).isEmpty)
    #expect(NearestNames.question("qqqqq", in: ids) == "")
  }

  @Test func theQuestionListsAFew() {
    #expect(NearestNames.question("eth", in: ["eth0", "lo"]) == "; did you mean eth0?")
    #expect(
      NearestNames.question("eth", in: ["eth0", "eth1", "eth2", "eth3"])
        == "; did you mean eth0, eth1 or eth2?")
  }
}
