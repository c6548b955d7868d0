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
  /// Asks `rxtune flow` for every flow, in the guest.
  func predictions(of flows: [Flow], on device: String) throws -> [Prediction] {
    try put(Data(flows.map { "\($0)\n" }.joined().utf8), at: "/tmp/lab/flows")
    let lines = try shell("rxtune flow \(device) - --json </tmp/lab/flows").split(separator: "\n")
    guard lines.count == flows.count else {
      throw LabError("rxtune flow: \(lines.count) answers to \(flows.count) flows")
    }
    return try zip(flows, lines).map { flow, line in
      let fields = try JSONFields(String(line))
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
