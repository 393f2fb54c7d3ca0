import { describe, expect, it } from "vitest";
import type { Logger } from "@cygnet/plugin-api";
import { readOptions } from "@cygnet/runtime";
import { Settings } from "@cygnet/settings";
import type { SettingsObject } from "@cygnet/settings";
import { readSocketConfig, SOCKET_OPTIONS } from "../src/index.js";

function read(charon: SettingsObject) {
  const view = Settings.fromObject({ charon }).section("charon");
  const lines: string[] = [];
  const log: Logger = { enabled: () => true, log: (_group, _level, message) => void lines.push(message) };
  const options = readOptions(SOCKET_OPTIONS, view.section("plugins.socket-default"));
  const resolve = (): never => expect.unreachable();
  const context = {
    plugin: "socket-default",
    locations: ["shard"] as const,
    options,
    charon: view,
    log,
    ready: Promise.resolve(),
    resolve,
    provide: resolve,
  };
  return { ...readSocketConfig(context), lines };
}

const mark = (fwmark: string) => read({ plugins: { "socket-default": { fwmark } } }).mark;

describe("the options", () => {
  it("default to strongSwan's", () => {
    expect(read({})).toEqual({
      plugin: "socket-default",
      useIpv4: true,
      useIpv6: true,
      setSource: true,
      setSourceInterface: false,
      mark: 0,
      port: 500,
      natPort: 4500,
      maxPacketBytes: 10_000,
      opensPorts: false,
      lines: [],
    });
  });

  it("are all read", () => {
    const charon = {
      port: 1500,
      port_nat_t: 0,
      max_packet: 2000,
      plugins: { "socket-default": { use_ipv4: "no", use_ipv6: "no", set_source: "no", set_sourceif: "yes", fwmark: "0x2a" } },
    };
    expect(read(charon)).toMatchObject({
      useIpv4: false,
      useIpv6: false,
      setSource: false,
      setSourceInterface: true,
      mark: 42,
      port: 1500,
      natPort: 0,
      maxPacketBytes: 2000,
    });
  });

  it("make the NAT-T port random when both ports are the same, and say so", () => {
    expect(read({ port: 5000, port_nat_t: 5000 })).toMatchObject({
      port: 5000,
      natPort: 0,
      lines: ["IKE ports can't be equal, will allocate NAT-T port randomly"],
    });
    expect(read({ port: 0, port_nat_t: 0 }).lines).toEqual([]);
  });

  it("accept marks with and without mask", () => {
    expect(mark("42")).toBe(42);
    expect(mark("0x1234/0xff")).toBe(0x34);
    expect(mark("4294967295")).toBe(0xffffffff);
    expect(mark("")).toBe(0);
  });

  it.each(["x", "1/", "/1", "-1", "1/2/3", "4294967296", "0x123456789", "1 2"])("refuse the mark '%s'", (text) => {
    expect(() => mark(text)).toThrow(expect.objectContaining({ code: "CYG_SOCKET_OPTION" }) as Error);
  });

  it.each([
    ["port", "65536"],
    ["port", "-1"],
    ["port", "ike"],
    ["port_nat_t", "70000"],
    ["max_packet", "27"],
    ["max_packet", "much"],
  ])("refuse %s = %s by name", (key, value) => {
    expect(() => read({ [key]: value })).toThrow(
      expect.objectContaining({ code: "CYG_SOCKET_OPTION", where: `charon.${key}` }) as Error,
    );
  });

  it("take more than a datagram holds as no limit", () => {
    expect(read({ max_packet: 1_000_000 }).maxPacketBytes).toBe(65_507);
  });
});
