import { describe, expect, it } from "vitest";
import { decodeStrokeMessage } from "@cygnet/plugin-stroke/abi";
import { daemonArguments } from "../../src/starter/daemon-arguments.js";
import { addConnRequest, delConnRequests, loadRequests } from "../../src/stroke/starter-requests.js";
import { load, vectors } from "../helpers.js";

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");
const { captures } = vectors<{ captures: { conf: string; daemonArgs: string[]; requests: string[] }[] }>("starter-captures.json");

/** The configuration behind the starter requests in stroke-messages.json. */
const FACTS_CONF = `
config setup
ca example
	cacert=ca.pem
	crluri=http://crl.example.org/ca.crl
	auto=add
conn %default
	ikelifetime=60m
	keylife=20m
	rekeymargin=3m
	keyingtries=1
	keyexchange=ikev2
	dpdaction=clear
conn net-net
	authby=secret
	ike=aes128-sha1-modp1024!
	esp=aes128-sha1!
	left=10.9.0.1
	leftid=@moon.example.org
	leftsubnet=10.1.0.0/24
	right=10.9.0.2
	rightid=@sun.example.org
	rightsubnet=10.2.0.0/24
	auto=add
conn rw
	left=10.9.0.1
	leftcert=moon.pem
	leftid=@moon.example.org
	leftsourceip=%config
	right=10.9.0.2
	rightid=@sun.example.org
	rightsubnet=10.2.0.0/24
	auto=add
conn pass-lan
	left=127.0.0.1
	leftsubnet=10.1.0.0/24
	rightsubnet=10.1.0.0/24
	type=passthrough
	auto=route
conn xa
	keyexchange=ikev1
	ike=aes256-sha256-modp2048!
	left=10.9.0.1
	leftid=alice
	leftauth=psk
	leftauth2=xauth
	xauth_identity=alice
	right=10.9.0.2
	rightid=@sun.example.org
	rightauth=psk
	rightsubnet=10.2.0.0/24
	auto=add
`;

describe("requests of a configuration", () => {
  it("equal those that starter 6.0.6 sends, byte for byte", () => {
    const { messages } = vectors<{ messages: { sender: string; request_hex: string }[] }>("stroke-messages.json");
    const expected = messages.filter((m) => m.sender === "starter").map((m) => m.request_hex);
    expect(expected).toHaveLength(6);
    expect(loadRequests(load(FACTS_CONF).config).map(hex)).toEqual(expected);
  });

  it.each(captures.map((c, i) => [`capture ${i}`, c] as const))(
    "%s: equal those that starter 5.9.8 sends, byte for byte",
    (_name, capture) => {
      const { config } = load(capture.conf);
      const actual = loadRequests(config).map(hex);
      for (const [i, request] of capture.requests.entries()) expect(explain(actual[i])).toEqual(explain(request));
      expect(actual).toEqual(capture.requests);
      expect(daemonArguments(config.setup, { useSyslog: false }).args).toEqual(capture.daemonArgs);
    },
  );

  it("delete a trapped conn by UNROUTE and DEL_CONN, others by DEL_CONN, and say nothing of ignored ones", () => {
    const { conns } = load("conn a\n auto=route\nconn b\n auto=start\nconn c\n").config;
    const types = conns.map((conn) => delConnRequests(conn).map((bytes) => decodeStrokeMessage(bytes).type));
    expect(types).toEqual([[2, 4], [4], []]);
  });

  it("refuse a conn whose texts do not fit a message", () => {
    const { config } = load(`conn a\n auto=add\n leftid=${"x".repeat(65000)}\n`);
    expect(() => addConnRequest(config.conns[0], config.setup)).toThrow(expect.objectContaining({ code: "CYG_STROKE_TOO_LONG" }));
  });
});

function explain(request: string | undefined): unknown {
  return request === undefined ? undefined : decodeStrokeMessage(Buffer.from(request, "hex"));
}
