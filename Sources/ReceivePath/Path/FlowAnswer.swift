/// A flow to a device, followed at each device that its packets may arrive at.
package struct FlowAnswer: Sendable {
  /// The device that was asked about.
  package var device: String
  /// What is right below it; nil where it receives by itself.
  package var below: DevicesBelow?
  package var flow: Flow
  package var arrivals: [(device: String, prediction: FlowPrediction)]
  /// Why more than one device, or none, is the answer.
  private var reason: UnknownReason

  /// - Parameter inputs: of each of `arrivals`' places.
  package init(_ flow: Flow, _ arrivals: Arrivals, _ inputs: [FlowPrediction.Inputs]) {
    device = arrivals.device.name
    below = arrivals.below
    self.flow = flow
    self.arrivals = zip(arrivals.places, inputs).map { arrival, inputs in
      (arrival.link.name, FlowPrediction(flow, inputs))
    }
    reason = arrivals.reason
  }

  /// Where all its packets go; unknown where the devices below decide.
  package var prediction: FlowPrediction {
    arrivals.count == 1 ? arrivals[0].prediction : FlowPrediction(flow, unknown: reason)
  }
}
