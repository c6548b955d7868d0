/// Where the time of packets went on their way to the server, in a run of its own, traced and kept
/// out of all other figures.
package struct StageRecord: TracedRecord, Codable, Hashable, Sendable {
  package var mode: ListenerMode
  package var workers: Int
  package var split: StageSplit

  package init(mode: ListenerMode, workers: Int, split: StageSplit) {
    self.mode = mode
    self.workers = workers
    self.split = split
  }
}
