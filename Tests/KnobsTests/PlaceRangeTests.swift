import Testing

@testable import Knobs

@Suite("Neighbouring places") struct PlaceRangeTests {
  private static func rx(_ index: Int, of device: String = "eth0") -> Place {
    .queue(device: device, .rx, index)
  }

  @Test(arguments: [
    ([rx(0), rx(1), rx(2)], ["eth0 rx-0 to rx-2"]),
    ([rx(0), rx(2)], ["eth0 rx-0", "eth0 rx-2"]),
    ([rx(1), rx(2, of: "eth1")], ["eth0 rx-1", "eth1 rx-2"]),
    ([rx(9), .queue(device: "eth0", .tx, 10)], ["eth0 rx-9", "eth0 tx-10"]),
    ([.irq(9), .irq(10)], ["irq-9 to irq-10"]), ([.cpu(0), .cpu(1)], ["cpu0 to cpu1"]),
    ([.device("eth0"), .device("eth1")], ["eth0", "eth1"]), ([.host], ["host"]),
    (
      [Place(.queue(.rx, .max)), Place(.queue(.rx, 0))], ["rx-9223372036854775807", "rx-0"]
    ),
  ])
  func neighboursAreOneRange(places: [Place], ranges: [String]) {
    #expect(PlaceRange.all(places).map(\.description) == ranges)
  }

  @Test func theNamespacesPlaceIsNamedAsSuch() {
    #expect(PlaceRange(.host).name(for: .rpsDefaultMask) == "netns")
    #expect(PlaceRange(.host).name(for: .netdevBudget) == "host")
  }
}
