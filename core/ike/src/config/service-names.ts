/**
 * Names of IP protocols and ports, for reading and printing traffic selectors. The built-in tables hold what configurations and log lines
 * usually name; the daemon adds the host's /etc/protocols and /etc/services by `NameTables.parse`.
 */
export interface NameTables {
  /** Number by lower-case name or alias. */
  readonly protocols: ReadonlyMap<string, number>;
  readonly services: ReadonlyMap<string, number>;
  /** Official name by protocol number. */
  readonly protocolNames: ReadonlyMap<number, string>;
  /** Official name by `protocol << 16 | port`; the first protocol that has the port also under protocol 0. */
  readonly serviceNames: ReadonlyMap<number, string>;
}

const PROTOCOLS = `
ip 0 IP
icmp 1 ICMP
igmp 2 IGMP
ipencap 4 IP-ENCAP
tcp 6 TCP
udp 17 UDP
ipv6 41 IPv6
gre 47 GRE
esp 50 IPSEC-ESP
ah 51 IPSEC-AH
ipv6-icmp 58 IPv6-ICMP icmpv6 icmp6
ospf 89 OSPFIGP
vrrp 112 VRRP
l2tp 115 L2TP
sctp 132 SCTP
mobility-header 135 Mobility-Header
udplite 136 UDPLite
`;

const SERVICES = `
echo 7/tcp
echo 7/udp
discard 9/tcp
discard 9/udp
ftp-data 20/tcp
ftp 21/tcp
ssh 22/tcp
telnet 23/tcp
smtp 25/tcp mail
domain 53/tcp
domain 53/udp
bootps 67/udp
bootpc 68/udp
tftp 69/udp
http 80/tcp www
kerberos 88/tcp
kerberos 88/udp
pop3 110/tcp
ntp 123/udp
imap2 143/tcp imap
snmp 161/udp
bgp 179/tcp
ldap 389/tcp
ldap 389/udp
https 443/tcp
https 443/udp
microsoft-ds 445/tcp
submission 587/tcp
isakmp 500/udp
syslog 514/udp
ldaps 636/tcp
imaps 993/tcp
pop3s 995/tcp
l2f 1701/udp l2tp
radius 1812/udp
radius-acct 1813/udp radacct
ipsec-nat-t 4500/udp
`;

/** Ports that belong to any transport are looked up under this protocol. */
const ANY_PROTOCOL = 0;

/**
 * Reads files in the format of /etc/protocols and /etc/services. Lines that are not in it are skipped; the first of several entries wins.
 */
function parseNameTables(protocolsText: string, servicesText: string): NameTables {
  const protocols = new Map<string, number>();
  const protocolNames = new Map<number, string>();
  for (const [name, number, ...aliases] of entries(protocolsText)) {
    const value = Number(number);
    if (!Number.isInteger(value) || value < 0 || value > 255) continue;
    if (!protocolNames.has(value)) protocolNames.set(value, name);
    for (const each of [name, ...aliases]) if (!protocols.has(each.toLowerCase())) protocols.set(each.toLowerCase(), value);
  }
  const services = new Map<string, number>();
  const serviceNames = new Map<number, string>();
  for (const [name, place, ...aliases] of entries(servicesText)) {
    const [portText, transport] = place.split("/");
    const port = Number(portText);
    if (!transport || !Number.isInteger(port) || port < 0 || port > 65535) continue;
    const protocol = protocols.get(transport.toLowerCase());
    for (const key of [protocol, ANY_PROTOCOL]) {
      const at = key === undefined ? -1 : (key << 16) | port;
      if (at >= 0 && !serviceNames.has(at)) serviceNames.set(at, name);
    }
    for (const each of [name, ...aliases]) if (!services.has(each.toLowerCase())) services.set(each.toLowerCase(), port);
  }
  return { protocols, services, protocolNames, serviceNames };
}

function entries(text: string): [string, string, ...string[]][] {
  return text
    .split("\n")
    .map((line) => line.replace(/#.*/, "").trim().split(/\s+/))
    .filter((fields): fields is [string, string, ...string[]] => fields.length >= 2);
}

/** The built-in tables. */
const BUILTIN_NAMES: NameTables = parseNameTables(PROTOCOLS, SERVICES);

let current: NameTables = BUILTIN_NAMES;

/** Tables in use in this thread. */
export function nameTables(): NameTables {
  return current;
}

/**
 * Replaces the tables of this thread: once at start, before selectors are read or printed.
 * @param texts the host's files; an empty text leaves the built-in names of that kind
 */
export function useNameTables(texts: { readonly protocols: string; readonly services: string }): void {
  current = parseNameTables(texts.protocols || PROTOCOLS, texts.services || SERVICES);
}
