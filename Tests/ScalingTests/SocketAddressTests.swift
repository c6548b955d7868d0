import KernelIO
import TestSupport
import Testing

@testable import Scaling

@Suite("Socket addresses") struct SocketAddressTests {
  @Test(arguments: [
    ("127.0.0.1:80", "127.0.0.1:80"), ("[::1]:80", "[::1]:80"), ("::1:80", "[::1]:80"),
    ("[2001:db8::1]:65535", "[2001:db8::1]:65535"),
  ])
  func addressesWithPortsAreRead(text: String, description: String) throws {
    #expect(try SocketAddress(text).description == description)
  }

  @Test(arguments: [
    ("localhost:80", "\"localhost\" is neither an IPv4 nor an IPv6 address"),
    ("127.0.0.1", "is not ADDRESS:PORT or [ADDRESS]:PORT"),
    ("127.0.0.1:65536", "is not ADDRESS:PORT"), ("[::1:80", "neither"), ("", "is not ADDRESS:PORT"),
    ("[%lo]:80", "neither"), ("[fe80::1%]:80", "no interface \"\""),
    ("[fe80::1%no-such-link]:80", "no interface \"no-such-link\" is in this network namespace"),
    ("[fe80::1%4294967295]:80", "no interface"), ("[fe80::1%0]:80", "no interface"),
    ("[fe80::1%99999999999]:80", "no interface"), ("[fe80::1%lo%lo]:80", "no interface"),
    ("[::1%lo]:80", "only link-local addresses (fe80::/10) have a zone"),
    ("127.0.0.1%lo:80", "only link-local addresses"),
    ("[fe80::1]:80", "the link-local address fe80::1 needs a zone"),
    ("[febf::1]:80", "needs a zone"),
  ])
  func othersAreRefusedWithAReason(text: String, reason: String) {
    let error = #expect(throws: BenchError.self) { try SocketAddress(text) }
    #expect(error?.description.contains(reason) == true, "\(error as Any)")
  }

  /// sin6_scope_id stands last in `struct sockaddr_in6`.
  @Test(arguments: ["lo", "1"])
  func aZoneIsANameOrAnIndex(zone: String) throws {
    let address = try SocketAddress(host: "fe80::1%\(zone)", port: 8080)
    #expect(address.bytes.count == 28 && address.bytes.suffix(4) == [1, 0, 0, 0])
    #expect(address.description == "[fe80::1%\(zone)]:8080")
  }

  @Test func interfacesWithLinkLocalAddressesAreFound() {
    let kernel = ScriptedKernel([
      "/proc/net/if_inet6": """
      00000000000000000000000000000001 01 80 10 80       lo
      fe80000000000000f8a5d1fffe5f9b3a 02 40 20 80     eth0
      20010db8000000000000000000000001 03 40 00 80     eth1
      fe80000000000000f8a5d1fffe5f9b3b 03 40 20 80     eth1
      fe80

      """
    ])
    #expect(SocketAddress.linkLocalInterfaces(kernel) == ["eth0", "eth1"])
    #expect(SocketAddress.linkLocalInterfaces(ScriptedKernel()) == [])
  }

  @Test func ownAddressesAreTold() throws {
    for text in ["127.0.0.1:1", "127.3.2.1:1", "[::1]:1"] {
      #expect(try SocketAddress(text).isLocal, "\(text)")
    }
    #expect(try !SocketAddress("192.0.2.1:1").isLocal)
  }
}
