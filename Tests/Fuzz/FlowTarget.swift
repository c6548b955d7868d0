import ReceivePath

extension FuzzTarget {
  /// `rxtune flow`'s argument; what it takes, it prints so that it takes it again.
  static let flow = FuzzTarget(name: "flow", seeds: { flowSeeds.map { Array($0.utf8) } }) { bytes in
    guard let flow = try? Flow(String(decoding: bytes, as: UTF8.self)) else { return }
    precondition((try? Flow(flow.description)) == flow, "another flow came back")
  }

  private static let flowSeeds = [
    "tcp 10.0.0.1:34567 > 10.0.0.2:80", "udp [2001:db8::1]:53 > [2001:db8::2]:4000",
    "TCP [::ffff:1.2.3.4]:1 > [fe80::1]:65535", "udp 255.255.255.255:0 > 0.0.0.0:0",
    "udp [fe80::1]%eth0:53 > [fe80::2%eth0]:9", "tcp 10.0.0.1%vrf0:1 > 10.0.0.2:2",
  ]
}
