import Foundation

/// What `rxtune flow --json` says of a flow.
struct Prediction {
  let flow: Flow
  let queue: Int?
  /// Why the queue cannot be told.
  let unknown: String?
  let rpsCPU: Int?
}

extension Guest {
  /// Asks `rxtune flow` for every flow. The guest records itself once and the host answers for each flow from the recording: a
  /// process in an emulated guest costs ten times as much. Some are asked in the guest as well,
  /// and must agree.
  func predictions(of flows: [Flow], on device: String) throws -> [Prediction] {
    try shell("rxtune capture /tmp/host.capture")
    let list = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
    try Data(flows.map { "\($0)\n" }.joined().utf8).write(to: list)
    defer { try? FileManager.default.removeItem(at: list) }
    let answers = try withCapture(try get("/tmp/host.capture")) { capture in
      try host(
        """
        while read -r flow; do
          '\(Lab.rxtune.path)' flow \(device) "$flow" --json --from '\(capture)' || exit
          echo =
        done <'\(list.path)'
        """)
    }
    guard answers.succeeded else { throw LabError("rxtune flow: \(answers.errors)") }
    let documents = answers.output.components(separatedBy: "\n=\n").dropLast()
    for (flow, document) in zip(flows, documents).prefix(4) {
      let live = try shell("rxtune flow \(device) '\(flow)' --json")
      guard live == document else { throw LabError("live \(live), recorded \(document)") }
    }
    return try zip(flows, documents).map { flow, document in
      let fields = try JSONFields(document)
      return Prediction(
        flow: flow, queue: fields["queue"].flatMap { Int($0) }, unknown: fields["queue.unknown"],
        rpsCPU: fields["rps-cpu"].flatMap { Int($0) })
    }
  }

  /// What rxtune, on the host, writes to `arguments` from a recording.
  func replay(_ arguments: String, from capture: Data) throws -> String {
    let answer = try withCapture(capture) {
      try host("'\(Lab.rxtune.path)' \(arguments) --from '\($0)'")
    }
    guard answer.succeeded else { throw LabError("rxtune \(arguments): \(answer.errors)") }
    return answer.output
  }

  private func withCapture<Result>(
    _ capture: Data, _ body: (_ path: String) throws -> Result
  ) throws -> Result {
    let file = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
    try capture.write(to: file)
    defer { try? FileManager.default.removeItem(at: file) }
    return try body(file.path)
  }
}
