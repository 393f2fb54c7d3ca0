import { aead, cipher, describeKernelIpsec, LOCAL, NO_LIMITS, REMOTE, saOf, signer, subnet } from "@cygnet/plugin-testkit/kernel";
import { Host } from "@cygnet/plugin-api";
import type { KernelSa } from "@cygnet/plugin-api";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { hasEsp, ip, Thread } from "./kernel.js";

const key = (octets: number): Uint8Array => new Uint8Array(octets).fill(9);

const ALGORITHMS: Readonly<Record<string, Partial<KernelSa>>> = {
  "3DES-CBC": cipher(3, 24),
  "AES-CBC with 192 bits": cipher(12, 24),
  "AES-CBC with 256 bits": cipher(12, 32),
  "AES-CTR": cipher(13, 20),
  "no encryption": cipher(11, 0),
  "Camellia-CBC": cipher(23, 16),
  "AES-GCM with 8 octets": aead(18, 20),
  "AES-GCM with 12 octets": aead(19, 28),
  "AES-GCM with 16 octets": aead(20, 36),
  "AES-CCM with 8 octets": aead(14, 19),
  "AES-CCM with 12 octets": aead(15, 19),
  "AES-CCM with 16 octets": aead(16, 35),
  "AES-GMAC": aead(21, 20),
  "ChaCha20-Poly1305": aead(28, 36),
  "HMAC-MD5-96": signer(1, 16),
  "HMAC-SHA1-96": signer(2, 20),
  "HMAC-SHA1-160": signer(7, 20),
  "HMAC-SHA256-96": signer(1026, 32),
  "HMAC-SHA384-192": signer(13, 48),
  "HMAC-SHA512-256": signer(14, 64),
  "AES-XCBC-96": signer(5, 16),
  "AES-CMAC-96": signer(8, 16),
};

const isThere = hasEsp();
it.skipIf(isThere)("SAs are not there where the kernel lacks ESP, which it says in one line", () => {
  const thread = new Thread();
  expect(() => thread.kernel.requireEsp()).toThrow(
    expect.objectContaining({
      code: "CYG_KERNEL_NO_PROTOCOL",
      message: "this kernel lacks ESP: kernel-libipsec would do without",
    }),
  );
  const spi = thread.kernel.getSpi(REMOTE, LOCAL, 3);
  const id = { source: REMOTE, destination: LOCAL, spi, protocol: 3 } as const;
  const add = (): void => thread.kernel.addSa(id, saOf({ inbound: true, update: true }));
  expect(add).toThrow(expect.objectContaining({ code: "CYG_KERNEL_NO_PROTOCOL", errno: "EPROTONOSUPPORT" }));
  thread.kernel.deleteSa(id);
  thread.close();
  expect(ip("xfrm state")).toBe("");
});

describe.runIf(isThere)("SAs", () => {
  describeKernelIpsec("the Linux kernel", () => open(), { isReal: true, algorithms: ALGORITHMS });

  let thread: Thread;
  beforeEach(() => {
    thread = new Thread();
  });
  afterEach(() => {
    thread.close();
    expect(ip("xfrm state")).toBe("");
    expect(ip("xfrm policy")).toBe("");
  });
  const open = (): { readonly kernel: Thread["kernel"]; close(): void } => {
    const made = new Thread();
    return { kernel: made.kernel, close: () => made.close() };
  };
  const id = { source: LOCAL, destination: REMOTE, spi: 0xd0000007, protocol: 3 } as const;

  it("are as ip sees them", () => {
    thread.kernel.addSa(id, saOf({ reqid: 5, udpEncap: true, integrity: 1026, integrityKey: key(32) }));
    const state = ip("xfrm state");
    expect(state).toContain("src 192.0.2.1 dst 192.0.2.2");
    expect(state).toContain("proto esp spi 0xd0000007 reqid 5 mode tunnel");
    expect(state).toContain(`auth-trunc hmac(sha256) 0x${"09".repeat(32)} 96`);
    expect(state).toContain(`enc cbc(aes) 0x${"01".repeat(16)}`);
    expect(state).toContain("encap type espinudp sport 4500 dport 4500 addr 0.0.0.0");
    thread.kernel.deleteSa(id);
  });

  it("keep keys, mark, window and reqid when they move", () => {
    const given = saOf({ reqid: 5, esn: true, replayWindow: 128, markOut: { value: 3, mask: 0xff } });
    thread.kernel.addSa(id, given);
    const lines = (text: string): string[] =>
      text.split("\n").filter((line) => /enc |auth-trunc|mark|reqid|replay_window|flag/.test(line));
    const before = lines(ip("xfrm state"));
    const source = LOCAL.withPort(4500);
    expect(thread.kernel.updateSa(id, source, REMOTE.withPort(9999), true)).toBeUndefined();
    expect(lines(ip("xfrm state"))).toEqual(before);
    expect(ip("xfrm state")).toContain("dport 9999");
    thread.kernel.deleteSa(id);
  });

  it("move to addresses of the other family, and in transport mode with their selectors", () => {
    thread.kernel.addSa(id, saOf({ reqid: 5 }));
    const [source, destination] = [Host.of("2001:db8::1"), Host.of("2001:db8::2")];
    expect(thread.kernel.updateSa(id, source, destination, false)).toBeUndefined();
    expect(ip("xfrm state")).toContain("src 2001:db8::1 dst 2001:db8::2");
    const moved = { ...id, source, destination };
    expect(thread.kernel.updateSa(moved, LOCAL, REMOTE, false)).toBeUndefined();
    expect(ip("xfrm state")).toContain(`src ${LOCAL} dst ${REMOTE}`);
    thread.kernel.deleteSa(id);
    const hosts = { localTs: [subnet(LOCAL.toString(), 32)], remoteTs: [subnet(REMOTE.toString(), 32)] };
    thread.kernel.addSa(id, saOf({ mode: "transport", ...hosts }));
    expect(ip("xfrm state")).toContain(`sel src ${LOCAL}/32 dst ${REMOTE}/32`);
    expect(thread.kernel.updateSa(id, Host.of("192.0.2.77"), REMOTE, false)).toBeUndefined();
    expect(ip("xfrm state")).toContain(`sel src 192.0.2.77/32 dst ${REMOTE}/32`);
    thread.kernel.deleteSa({ ...id, source: Host.of("192.0.2.77") });
    expect(ip("xfrm state")).toBe("");
  });

  it("have the inbound mark where that is wanted, a mark to set, and a flag for ICMP errors", () => {
    const spi = thread.kernel.getSpi(REMOTE, LOCAL, 3);
    const inbound = { source: REMOTE, destination: LOCAL, spi, protocol: 3 } as const;
    const marks = { markIn: { value: 5, mask: 0xff }, setMark: { value: 7, mask: 0xf } };
    thread.kernel.addSa(inbound, saOf({ inbound: true, update: true, markInSa: true, icmp: true, ...marks }));
    const shown = ip("xfrm state");
    expect(shown).toContain("mark 0x5/0xff");
    expect(shown).toContain("output-mark 0x7/0xf");
    expect(shown).toContain("icmp");
    thread.kernel.deleteSa(inbound);
    expect(ip("xfrm state")).toBe("");
  });

  it("of IPComp make the tunnel, with ESP in transport mode around it, and go with it", () => {
    const cpi = thread.kernel.getCpi(REMOTE, LOCAL);
    const spi = thread.kernel.getSpi(REMOTE, LOCAL, 3);
    const inbound = { source: REMOTE, destination: LOCAL, spi, protocol: 3, cpi } as const;
    thread.kernel.addSa(inbound, saOf({ inbound: true, update: true, reqid: 7 }));
    const outbound = { ...id, cpi: 0x1234 };
    thread.kernel.addSa(outbound, saOf({ reqid: 7 }));
    const shown = ip("xfrm state");
    expect(shown).toContain("proto comp spi 0x00001234 reqid 7 mode tunnel");
    expect(shown).toContain(`proto comp spi 0x0000${cpi.toString(16).padStart(4, "0")} reqid 7 mode tunnel`);
    expect(shown.match(/comp deflate/g)).toHaveLength(2);
    expect(shown).toContain("proto esp spi 0xd0000007 reqid 7 mode transport");
    expect(thread.kernel.updateSa(outbound, LOCAL, REMOTE, true)).toBe("unsupported");
    thread.kernel.deleteSa(outbound);
    thread.kernel.deleteSa(inbound);
    thread.kernel.releaseCpi(REMOTE, LOCAL, thread.kernel.getCpi(REMOTE, LOCAL));
  });

  it("of IPComp do not stay where the kernel refuses the one of ESP", () => {
    thread.kernel.addSa(id, saOf({}));
    expect(() => thread.kernel.addSa({ ...id, cpi: 0x1234 }, saOf({}))).toThrow(expect.objectContaining({ errno: "EEXIST" }));
    expect(ip("xfrm state")).not.toContain("proto comp");
    thread.kernel.deleteSa(id);
  });

  it("that are there already are refused, with errno, request and SPI", () => {
    thread.kernel.addSa(id, saOf({}));
    expect(() => thread.kernel.addSa(id, saOf({}))).toThrow(
      expect.objectContaining({
        code: "CYG_KERNEL_XFRM",
        syscall: "XFRM_MSG_NEWSA",
        errno: "EEXIST",
        message: "unable to add SAD entry with SPI d0000007: received netlink error EEXIST",
      }),
    );
    thread.kernel.deleteSa(id);
  });

  it("tell when a limit is reached, softly and hard", async () => {
    const lifetime = { ...NO_LIMITS, rekeySeconds: 1, lifeSeconds: 2 };
    thread.kernel.addSa(id, saOf({ lifetime }));
    expect(await thread.heard("expire")).toBe("expire 3 d0000007 192.0.2.2 soft");
    thread.events.length = 0;
    expect(await thread.heard("expire")).toBe("expire 3 d0000007 192.0.2.2 hard");
    expect(thread.kernel.querySa(id)).toBeUndefined();
  });
});
