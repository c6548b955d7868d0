import ArgumentParser
import ReceivePath
import Rendering

struct FlowCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "flow",
    abstract: "Tell which queue, IRQ and CPU a flow's packets go to.",
    discussion: """
      Computed from the device's live hash key, indirection table, hash fields, hash function, \
      input transform and ntuple rules; nothing is sent. Where the device hides one of them, or \
      its driver is known not to do what its tables say, the answer is unknown, with the reason.

      A flow reads 'tcp 10.0.0.1:34567 > 10.0.0.2:80' or 'udp [2001:db8::1]:53 > [2001:db8::2]:99', \
      source first, as the packets arrive at DEV.

      Examples:
        rxtune flow eth0 'tcp 10.0.0.1:34567 > 10.0.0.2:80'
            The queue and the CPU that serve this connection.
      """)

  @Argument(help: "The device that receives.", completion: .shellCommand("ls /sys/class/net"))
  var device: String

  @Argument(help: "The flow; several words need no quotes but around '>'.")
  var flow: [String]

  @Flag(name: .long, help: "Print JSON.")
  var json = false

  @OptionGroup var kernel: KernelOptions

  func run() throws {
    let flow: Flow
    do { flow = try Flow(self.flow.joined(separator: " ")) } catch {
      throw ValidationError(error.description)
    }
    let host = try kernel.host()
    guard let link = try host.devices(named: [device]).links.first else { throw ExitCode.failure }
    let prediction = try host.predict(flow, on: link)
    if json {
      print(FlowJSON.shape.encode((link.name, prediction)).text(), terminator: "")
    } else {
      print(FlowText(prediction).lines.joined(separator: "\n"))
    }
  }
}

extension Host {
  func predict(_ flow: Flow, on link: Link) throws -> FlowPrediction {
    guard let device = snapshot(of: [link]).devices.first else {
      throw Failure("\(link.name): gone while it was read")
    }
    return FlowPrediction(
      flow,
      FlowPrediction.Inputs(
        driver: device.driver.value?.driver, rss: device.rss,
        contexts: device.rssContexts.value ?? [], rules: device.flowRules,
        receiveHashing: device.offloads.value?["rx-hashing"]?.isActive,
        systemKey: systemHashKey(), paths: device.paths))
  }
}
