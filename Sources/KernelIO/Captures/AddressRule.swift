/// Where addresses are in the attributes of a netlink message.
///
/// Numbers are of linux/if_link.h, if_tunnel.h, amt.h, if_addr.h and inet_diag.h.
indirect enum AddressRule: Sendable {
  /// The whole payload is one address.
  case address
  /// So many bytes at that offset are one.
  case field(offset: Int, count: Int)
  /// A run of `struct sockaddr_storage`.
  case socketAddresses
  /// Words that somebody chose.
  case text
  /// A secret.
  case secret
  case nest([UInt16: AddressRule])
  /// A nest of equals, whatever their types.
  case each(AddressRule)
  /// IFLA_LINKINFO, whose content depends on the kind of device that it names.
  case linkInformation

  /// RTM_NEWLINK.
  static let linkAttributes: [UInt16: AddressRule] = [
    1: .address,  // IFLA_ADDRESS
    2: .address,  // IFLA_BROADCAST
    12: .nest(bridgePort),  // IFLA_PROTINFO
    18: .linkInformation,  // IFLA_LINKINFO
    20: .text,  // IFLA_IFALIAS
    22: .each(.nest(virtualFunction)),  // IFLA_VFINFO_LIST
    26: .nest([10: .nest([7: .address])]),  // IFLA_AF_SPEC: AF_INET6: IFLA_INET6_TOKEN
    34: .address,  // IFLA_PHYS_PORT_ID
    36: .address,  // IFLA_PHYS_SWITCH_ID
    54: .address,  // IFLA_PERM_ADDRESS
  ]

  /// RTM_NEWADDR.
  static let addressAttributes: [UInt16: AddressRule] = [
    1: .address,  // IFA_ADDRESS
    2: .address,  // IFA_LOCAL
    4: .address,  // IFA_BROADCAST
    5: .address,  // IFA_ANYCAST
    7: .address,  // IFA_MULTICAST
  ]

  /// SOCK_DIAG_BY_FAMILY for AF_INET and AF_INET6.
  static let socketAttributes: [UInt16: AddressRule] = [
    12: .socketAddresses,  // INET_DIAG_LOCALS
    13: .socketAddresses,  // INET_DIAG_PEERS
    18: .secret,  // INET_DIAG_MD5SIG
  ]

  /// What stands behind IFLA_INFO_DATA, by IFLA_INFO_KIND.
  static func data(ofKind kind: String) -> [UInt16: AddressRule] {
    switch kind {
    case "macvlan", "macvtap": [4: .address, 5: .each(.address)]  // IFLA_MACVLAN_MACADDR, _DATA
    case "bond": bond
    case "bridge": [10: bridgeID, 11: bridgeID, 20: .address]  // IFLA_BR_ROOT_ID, …, GROUP_ADDR
    case "hsr": [4: .address]  // IFLA_HSR_SUPERVISION_ADDR
    case "vxlan": [2: .address, 4: .address, 16: .address, 17: .address]  // GROUP, LOCAL, …6
    case "geneve": [2: .address, 7: .address]  // IFLA_GENEVE_REMOTE, …6
    case "gre", "gretap", "erspan", "ip6gre", "ip6gretap", "ip6erspan":
      [6: .address, 7: .address]  // IFLA_GRE_LOCAL, IFLA_GRE_REMOTE
    case "amt": [5: .address, 6: .address, 7: .address]  // IFLA_AMT_LOCAL_IP, REMOTE, DISCOVERY
    case "macsec": [1: .field(offset: 0, count: 6)]  // IFLA_MACSEC_SCI: an address, then a port
    case "vti", "vti6": [4: .address, 5: .address]  // IFLA_VTI_LOCAL, IFLA_VTI_REMOTE
    case "ipip", "sit", "ip6tnl":
      // IFLA_IPTUN_LOCAL, REMOTE, 6RD_PREFIX, 6RD_RELAY_PREFIX
      [2: .address, 3: .address, 11: .address, 12: .address]
    default: [:]
    }
  }

  /// What stands behind IFLA_INFO_SLAVE_DATA, by IFLA_INFO_SLAVE_KIND.
  static func portData(ofKind kind: String) -> [UInt16: AddressRule] {
    switch kind {
    case "bond": [4: .address]  // IFLA_BOND_SLAVE_PERM_HWADDR
    case "bridge": bridgePort
    default: [:]
    }
  }

  private static let bond: [UInt16: AddressRule] = [
    8: .each(.address),  // IFLA_BOND_ARP_IP_TARGET
    23: .nest([5: .address]),  // IFLA_BOND_AD_INFO: PARTNER_MAC
    26: .address,  // IFLA_BOND_AD_ACTOR_SYSTEM
    31: .each(.address),  // IFLA_BOND_NS_IP6_TARGET
  ]
  private static let bridgePort: [UInt16: AddressRule] = [
    13: bridgeID, 14: bridgeID,  // IFLA_BRPORT_ROOT_ID, IFLA_BRPORT_BRIDGE_ID
  ]
  /// `struct ifla_bridge_id`: a priority, then an address.
  private static let bridgeID = AddressRule.field(offset: 2, count: 6)

  private static let virtualFunction: [UInt16: AddressRule] = [
    1: .field(offset: 4, count: 6),  // IFLA_VF_MAC
    10: .field(offset: 4, count: 8),  // IFLA_VF_IB_NODE_GUID
    11: .field(offset: 4, count: 8),  // IFLA_VF_IB_PORT_GUID
    13: .field(offset: 0, count: 6),  // IFLA_VF_BROADCAST
  ]
}
