import Knobs
import ReceivePath
import TestSupport
import Testing

@testable import Live

@Suite struct RatesTests {
  private let machine = SampledMachine()

  private func rates(
    _ change: (inout Sample, inout Sample) -> Void = { _, _ in }, after seconds: UInt64 = 1
  ) throws -> Rates {
    var (earlier, later) = (try machine.sample(10), try machine.sample(10 + seconds))
    change(&earlier, &later)
    return Rates(machine.configuration, from: earlier, to: later)
  }

  @Test func growthByTheIntervalThatWasMeasured() throws {
    // The later counters are of one second later, and two and a half went by.
    let rates = try rates { $1.time += 1_500_000_000 }
    #expect(rates.seconds == 2.5)
    let device = try #require(rates.devices.first)
    #expect(device.queues.map(\.packets) == [3_200, 1_600, 1_600, 0])
    #expect(device.queues.map(\.interrupts) == [800, 400, 400, 0])
    #expect(device.packets == 6_400)
    #expect(device.queues[0].batch == 4)
    #expect(device.queues[3].batch == nil)
  }

  /// Counters went on while nobody looked: a rate over the gap is still a rate.
  @Test func aGapBetweenTwoSamplesIsALongInterval() throws {
    let rates = try rates(after: 3_600)
    #expect(rates.seconds == 3_600)
    #expect(rates.devices.first?.queues.first?.packets == 8_000)
  }

  @Test func theFirstLookHasNoRates() throws {
    let rates = Rates(machine.configuration, from: nil, to: try machine.sample(10))
    #expect(rates.seconds == nil && rates.busiest == nil && rates.imbalance == nil)
    #expect(rates.devices.first?.queues.allSatisfy { $0.packets == nil } == true)
    #expect(rates.drops.allSatisfy { $0.perSecond == nil })
    #expect(rates.drops.contains { $0.total == 120 })
    #expect(rates.sockets?.first?.queued == 121)
  }

  /// A recording can say anything; a clock that was set back moves no CLOCK_MONOTONIC.
  @Test(arguments: [0, 1, 5] as [UInt64]) func timeThatDoesNotPassHasNoRates(back: UInt64) throws {
    let rates = try rates { $1.time = $0.time - back * 1_000_000_000 }
    #expect(rates.seconds == nil)
    #expect(rates.devices.first?.packets == nil)
    let set = try self.rates { $1.clock -= 86_400 }
    #expect(set.seconds == 1 && set.devices.first?.packets == 16_000)
  }

  @Test func aQueueThatWasRecreatedHasNoRateUntilTheNextLook() throws {
    let rates = try rates { $1.devices[0].queues[0].packets = 3 }
    let queues = try #require(rates.devices.first?.queues)
    #expect(queues[0].packets == nil && queues[0].drops == 12)
    #expect(queues[1].packets == 4_000)
  }

  @Test func countersOf32BitsWrap() throws {
    let rates = try rates { earlier, later in
      earlier.vectors[0].counts[0].count = .max - 9
      later.vectors[0].counts[0].count = 10
      earlier.cpus[0].softnet?.processed = .max
      later.cpus[0].softnet?.processed = 99
      earlier.cpus[1].netRX = .max - 1
      later.cpus[1].netRX = 3
      earlier.sockets?[2].drops = .max
      later.sockets?[2].drops = 1
    }
    #expect(rates.devices.first?.queues.first?.interrupts == 20)
    #expect(rates.cpus[0].processed == 100)
    #expect(rates.cpus[1].netRX == 5)
    #expect(rates.sockets?.first { $0.port == 53 }?.drops == 2)
  }

  /// The number of an interrupt that was freed may be another queue's now, counting from 0.
  @Test func aVectorThatBeganAgainIsNoWrap() throws {
    let rates = try rates { $1.vectors[0].counts[0].count = 7 }
    let queue = try #require(rates.devices.first?.queues.first)
    #expect(queue.interrupts == nil && queue.batch == nil)
    #expect(queue.cpu == 0, "its affinity still tells")
  }

  @Test func interruptsThatMovedCountWhereTheyCame() throws {
    let rates = try rates { _, later in
      later.vectors[0].counts.append(.init(cpu: 3, count: 9_000))
    }
    let queue = try #require(rates.devices.first?.queues.first)
    #expect(queue.interrupts == 11_000)
    #expect(queue.cpu == 3)
    #expect(rates.cpus[3].interrupts == 9_000)
  }

  @Test func aDeviceThatIsGone() throws {
    let rates = try rates { $1.devices = [] }
    let device = try #require(rates.devices.first)
    #expect(device.name == "eth0" && device.isUp == nil && device.packets == nil)
    #expect(device.queues.allSatisfy { $0.packets == nil })
    #expect(!rates.drops.contains { $0.device == "eth0" })
  }

  @Test func aDeviceThatWasRenamedIsTheSame() throws {
    let rates = try rates { $1.devices[0].name = "wan0" }
    let device = try #require(rates.devices.first)
    #expect(device.name == "wan0" && device.packets == 16_000)
    #expect(device.queues.first?.device == "wan0")
  }

  @Test func anotherDeviceOfThatNameIsNotTheSame() throws {
    var configuration = machine.configuration
    configuration.devices[0].index = 9
    var later = try machine.sample(11)
    later.devices[0].index = 9
    let rates = Rates(configuration, from: try machine.sample(10), to: later)
    #expect(rates.devices.first?.isUp == true)
    #expect(rates.devices.first?.packets == nil)
  }

  @Test func aCPUThatCameOnlineOrWent() throws {
    let rates = try rates { earlier, later in
      earlier.cpus.remove(at: 2)
      later.cpus.remove(at: 3)
    }
    #expect(rates.cpus.map(\.cpu) == [0, 1, 2])
    #expect(rates.cpus[2].busy == nil && rates.cpus[2].processed == nil)
    #expect(rates.cpus[0].softirq == 0.8)
  }

  @Test func sharesOfTheCPUsTime() throws {
    let rates = try rates()
    #expect(rates.cpus.map(\.softirq) == [0.8, 0.4, 0.4, 0])
    #expect(rates.cpus[0].irq == 0.01)
    #expect(rates.busiest?.cpu == 0)
    let busy = try #require(rates.busiest?.busy)
    #expect(abs(busy - 0.83) < 1e-9)
  }

  @Test func imbalanceIsTheBusiestAgainstTheMean() throws {
    #expect(try rates().imbalance?.ratio == 2)
    #expect(try rates().imbalance?.source == .qstats)
  }

  /// Where nobody counts packets by queue, interrupts tell.
  @Test func imbalanceByInterrupts() throws {
    let machine = SampledMachine(source: nil)
    let rates = Rates(
      machine.configuration, from: try machine.sample(1), to: try machine.sample(2))
    #expect(rates.imbalance?.source == .interrupts && rates.imbalance?.ratio == 2)
    #expect(
      rates.devices.first?.queues.allSatisfy { $0.packets == nil && $0.source == nil } == true)
  }

  @Test func aFewPacketsAreNoImbalance() throws {
    var (earlier, later) = (try machine.sample(10), try machine.sample(10))
    later.time += 1_000_000_000
    earlier.vectors = []
    later.devices[0].queues[0].packets? += 99
    #expect(Rates(machine.configuration, from: earlier, to: later).imbalance == nil)
    later.devices[0].queues[0].packets? += 1
    #expect(Rates(machine.configuration, from: earlier, to: later).imbalance?.ratio == 4)
  }

  /// ListenDrops holds the overflows, and each socket's drops are the protocol's, too.
  @Test func lossesAreCountedOnce() throws {
    let rates = try rates { earlier, later in
      earlier.protocols?["TcpExtListenOverflows"] = 0
      later.protocols?["TcpExtListenOverflows"] = 5
    }
    #expect(rates.losses == .init(device: 12, backlog: 3, socket: 25))
    #expect(rates.drops.contains { $0.counter == "TcpExtListenOverflows" && $0.perSecond == 5 })
    #expect(rates.drops.contains { $0.place == "udp [::]:53" && $0.perSecond == 20 })
  }

  @Test func aReuseportGroupIsOneRow() throws {
    let group = try #require(try rates().sockets?.first)
    #expect(group.members == 2 && group.queued == 121 && group.limit == 256)
    #expect(group.fullest == 120.0 / 128)
    #expect(group.drops == 5 && group.skew == 1.6)
  }

  @Test func socketsOfOtherNamesApart() throws {
    let rates = try rates { earlier, later in
      later.sockets?[1].interface = 7
    }
    #expect(rates.sockets?.map(\.members) == [1, 1, 1, 1])
  }
}
