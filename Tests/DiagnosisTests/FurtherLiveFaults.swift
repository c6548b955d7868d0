import Glibc
import TestSupport
import Testing

@testable import Diagnosis

/// Faults of threads, transmit queues and TCP that a network namespace can have.
extension LiveFaultTests {
  static let furtherFaults =
    [synQueue, reuseportSkew, socketBacklog]
    // One CPU is every thread's and every queue's.
    + (sysconf(Int32(_SC_NPROCESSORS_ONLN)) > 1 ? [threadedUnpinned, xpsGap] : [])

  private static let threadedUnpinned = LiveFault("threaded-unpinned") { ward in
    try ward.namespace.shell("echo 1 >/sys/class/net/v0/threaded")
  }

  private static let xpsGap = LiveFault("xps-gap") { ward in
    try ward.namespace.shell("echo 1 >/sys/class/net/v0/queues/tx-0/xps_cpus")
  }

  /// Who asks in a script fails for harm alone.
  @Test func aSettingWithoutEffectIsANote() throws {
    try NetworkNamespace.run { namespace in
      let ward = try Ward(namespace)
      try ward.namespace.shell(
        """
        echo 1 >/proc/sys/net/ipv4/tcp_syncookies
        echo 65536 >/proc/sys/net/ipv4/tcp_max_syn_backlog
        """)
      let result = try Shell.result(
        "\(Program.rxtune) doctor v0 --for 1s --state-dir '\(ward.state)' 2>/dev/null")
      #expect(result.status == 0)
      #expect(result.output.contains("  netns: net.ipv4.tcp_max_syn_backlog is 65536, and has no"))
    }
  }

  /// SYNs from addresses that nobody has, for a listener with room for four.
  private static let synQueue = LiveFault("syn-queue", afterwards: { $0.stop() }) { ward in
    try ward.namespace.shell(
      """
      ip address add 10.9.1.1/24 dev v0
      echo 0 | tee /proc/sys/net/ipv4/conf/*/rp_filter
      """)
    try ward.start(
      """
      import socket, struct, time
      listener = socket.socket()
      listener.bind(("10.9.1.1", 8003))
      listener.listen(4)
      raw = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW)
      def checksum(data):
          total = sum(struct.unpack("!%dH" % (len(data) // 2), data))
          total = (total >> 16) + (total & 0xffff)
          return ~(total + (total >> 16)) & 0xffff
      to = socket.inet_aton("10.9.1.1")
      for i in range(2000):
          source = socket.inet_aton("10.9.1.%d" % (2 + i % 250))
          segment = struct.pack("!HHIIBBHHH", 1024 + i, 8003, i, 0, 80, 2, 1024, 0, 0)
          total = checksum(source + to + struct.pack("!HH", 6, 20) + segment)
          segment = segment[:16] + struct.pack("!H", total) + segment[18:]
          header = struct.pack("!BBHHHBBH4s4s", 69, 0, 40, i, 0, 64, 6, 0, source, to)
          raw.sendto(header + segment, ("10.9.1.1", 0))
          time.sleep(0.01)
      """)
  }

  /// Of two workers one accepts.
  private static let reuseportSkew = LiveFault("reuseport-skew", afterwards: { $0.stop() }) {
    ward in
    try ward.start(
      """
      import socket, threading, time
      def listener():
          one = socket.socket()
          one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
          one.bind(("127.0.0.1", 8004))
          one.listen(16)
          return one
      busy, stuck = listener(), listener()
      kept = []
      def accept():
          while True: kept.append(busy.accept())
      threading.Thread(target=accept, daemon=True).start()
      for i in range(200):
          client = socket.socket()
          client.setblocking(False)
          client.connect_ex(("127.0.0.1", 8004))
          kept.append(client)
          time.sleep(0.002)
      time.sleep(20)
      """)
  }

  /// Buffers that shrink after their window was told, and are not read.
  private static let socketBacklog = LiveFault("socket-backlog", afterwards: { $0.stop() }) {
    ward in
    try ward.start(
      """
      import socket, time
      listener = socket.socket()
      listener.bind(("127.0.0.1", 8005))
      listener.listen(4)
      for i in range(200):
          client = socket.create_connection(("127.0.0.1", 8005))
          server, _ = listener.accept()
          server.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2304)
          client.setblocking(False)
          try:
              while client.send(bytes(60000)): pass
          except BlockingIOError: pass
          time.sleep(0.1)
      """)
  }
}

extension LiveFaultTests.Ward {
  /// A Python program that goes on until `stop`, or for a minute.
  fileprivate func start(_ script: String) throws {
    try namespace.shell(
      """
      setsid timeout --foreground 60 python3 - >/dev/null 2>&1 <<'END' &
      \(script)
      END
      echo $! >>'\(state)/groups'
      sleep 1
      """)
  }
}
