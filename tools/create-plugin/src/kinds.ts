/** A kind of plugin that there is a package for to begin with. */
export interface PluginKind {
  /** For `cygnet plugin new --help`, and the package's description. */
  readonly description: string;
  /** Packages of cygnet that it imports beside `@cygnet/plugin-api`. */
  readonly packages: readonly string[];
  /** `charon.load` of a daemon that tries it out: `acme` stands for the plugin. */
  readonly load: string;
  /** Lines of its section in strongswan.conf. */
  readonly settings: readonly string[];
  /** What is where, and what happens, in a few sentences of Markdown. */
  readonly about: string;
}

/** What plugins of a gateway need to be one. */
const USUAL = "random nonce aes sha1 sha2 md5 hmac gmp";

export const KINDS: Readonly<Record<string, PluginKind>> = {
  listener: {
    description: "Hears the events of the bus, and decides who is let in",
    packages: [],
    load: `acme ${USUAL} socket-default kernel-netlink stroke`,
    settings: ["greeting = hello", "refuse = mallory@example.org"],
    about:
      "`src/doorkeeper.ts` is a listener of the bus: it writes a line for each peer that comes and goes, and refuses some that proved who they are. " +
      "All events are in `Listener` of `@cygnet/plugin-api`.",
  },
  crypto: {
    description: "Provides an algorithm",
    packages: ["@cygnet/wire"],
    load: `acme ${USUAL} socket-default kernel-netlink stroke`,
    settings: [],
    about:
      "`src/hmac-sha256.ts` is a pseudorandom function by `node:crypto`. The daemon runs each algorithm against its test vectors before it is used, and the " +
      "first provider in `load` is the one that is used. `provideHasher`, `provideCrypter`, `provideAead`, `provideSigner`, `provideKeyExchange` and others make " +
      "features of other algorithms.",
  },
  attribute: {
    description: "Serves virtual IPs and attributes to peers",
    packages: ["@cygnet/wire"],
    load: `${USUAL} socket-default kernel-netlink stroke acme`,
    settings: ["first = 10.9.0.1", "size = 250", "dns = 10.9.0.53"],
    about:
      "`src/address-pool.ts` gives virtual IPs to the peers of connections that name its pool (`rightsourceip=%acme`), and a DNS server with them.",
  },
  credential: {
    description: "Brings pre-shared keys from elsewhere",
    packages: [],
    load: `${USUAL} socket-default kernel-netlink stroke acme`,
    settings: ["file = /etc/acme.secrets"],
    about:
      "`src/secret-file.ts` reads pre-shared keys from a file, at the start and with each reload (SIGHUP), and names the line that is wrong. Certificates and " +
      "private keys go the same way: see `CredentialStore` of `@cygnet/plugin-api`.",
  },
  kernel: {
    description: "Takes the place of the kernel's IPsec stack",
    packages: [],
    load: `${USUAL} socket-default acme stroke`,
    settings: [],
    about:
      "`src/logging-kernel.ts` is an IPsec stack that writes down what it is asked for, and carries no packets. The conformance suite in its test says what the " +
      "daemon relies on.",
  },
  socket: {
    description: "Takes the place of the daemon's UDP sockets",
    packages: ["@cygnet/udp"],
    load: `${USUAL} acme kernel-netlink stroke`,
    settings: ["block = 198.51.100.7"],
    about:
      "`src/filtered-socket.ts` wraps the sockets of `@cygnet/udp` and drops datagrams from some addresses before the daemon looks at them.",
  },
  control: {
    description: "Adds a command and a status line",
    packages: [],
    load: `${USUAL} socket-default kernel-netlink stroke vici acme`,
    settings: ["unit = peers"],
    about:
      "`src/peers-command.ts` is a command that tells who is connected, for clients of vici and `cygnet plugins call acme-peers`. A line in `statusall` counts " +
      "them.",
  },
};
