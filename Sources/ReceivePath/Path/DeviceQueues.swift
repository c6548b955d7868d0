/// The receive queues of a device, without the rest of a snapshot: for who looks again and again.
package struct DeviceQueues: Sendable {
  package var link: Link
  package var driver: Reading<DriverInfo>
  /// Ascending; without their counters and their share of the RSS table.
  package var paths: [QueuePath]
}

extension Host {
  /// - Parameter all: the devices of the namespace, which `links` are some of.
  package func deviceQueues(of links: [Link], among all: [Link]) -> [DeviceQueues] {
    let shared = SharedTables(self, links: links, among: all)
    return links.map { link in
      let join = queueJoin(link, shared)
      let unread = Absence(.notSupported)
      return DeviceQueues(
        link: link, driver: join.driver,
        paths: queuePaths(join, .absent(unread), .absent(unread), nil, shared))
    }
  }
}
