import { expect, it } from "vitest";
import { LogDigest } from "../src/log-digest.js";
import { formatSummary } from "../src/summary.js";
import type { Summary } from "../src/summary.js";
import { tellWarnings } from "../src/tell-warnings.js";
import { CollectingTerminal } from "@cygnet/command/testing";

const START = [
  "00[DMN] Starting IKE charon daemon (strongSwan 6.0.6 cygnet 0.1.0, Linux, x86_64)",
  "00[LIB] plugin 'x509': failed to load - not available in this release",
  "00[LIB] gmp plugin computes MODP groups with OpenSSL 3.0.19",
  "00[CFG] loading ca certificates from '/tmp/x/ipsec.d/cacerts'",
  "00[CFG] loading ocsp signer certificates from '/tmp/x/ipsec.d/ocspcerts'",
  "00[CFG] loading crls from '/tmp/x/ipsec.d/crls'",
  "00[CFG] loading secrets from '/tmp/x/ipsec.secrets'",
  "00[LIB] loaded plugins: charon aes",
];
const STARTED = "00[JOB] spawning 32 worker threads";
const FIGURES: Summary = {
  sessions: 20,
  established: 4,
  failed: 16,
  seconds: 1,
  setups_per_second: 4,
  setup_ms: { p50: 1, p95: 1, p99: 1, max: 1 },
  responder: { cpu_us_per_sa: 1, rss_bytes_per_sa: 1 },
  initiator: { cpu_us_per_sa: 1, rss_bytes_per_sa: 1 },
  datagrams_dropped: 0,
  retransmissions: 0,
};

function digest(lines: readonly string[]): LogDigest {
  const result = new LogDigest();
  for (const line of lines) result.add(`Nov 25 22:47:23 ${line}`);
  return result;
}

it("what a daemon says at any start is no warning, all else there is", () => {
  const text = "charon.plugins.load-tester.eap_password is set, but this release does not support it: it has no effect";
  const unknown = "plugin 'nonsense': failed to load - not available in this release";
  const { warnings } = digest([...START, `00[CFG] ${text}`, `00[LIB] ${unknown}`, STARTED, "05[CFG] selected proposal: IKE:X"]);
  expect([...warnings.keys()]).toEqual([text, unknown]);
});

it("faults of the daemon while it works are warnings, what it says of sessions and of its end is none", () => {
  const { warnings } = digest([
    ...START,
    STARTED,
    "05[NET] error writing to socket: Network is unreachable",
    "05[NET] error writing to socket: Network is unreachable",
    "06[IKE] received NO_PROPOSAL_CHOSEN notify error",
    "00[DMN] SIGTERM received, shutting down",
    "00[KNL] unable to delete something",
  ]);
  expect([...warnings]).toEqual([["error writing to socket: Network is unreachable", 2]]);
});

it("the summary tells why sessions failed, the most frequent reason first, and how many have another one", () => {
  const { failures, childFailures } = digest([
    STARTED,
    ...Array.from({ length: 3 }, () => "05[IKE] giving up after 5 retransmits"),
    ...Array.from({ length: 12 }, (_, i) => `05[IKE] <load-test|${i}> received NO_PROPOSAL_CHOSEN notify error`),
    "05[IKE] received TS_UNACCEPTABLE notify, no CHILD_SA built",
    "05[IKE] failed to establish CHILD_SA, keeping IKE_SA",
    "05[IKE] no acceptable traffic selectors found",
    "05[IKE] failed to establish CHILD_SA, keeping IKE_SA",
    "00[DMN] SIGTERM received, shutting down",
    "05[IKE] giving up after 5 retransmits",
  ]);
  const text = formatSummary(FIGURES, { failures, childFailures });
  expect(text).toContain("failed because of:  NO_PROPOSAL_CHOSEN 12, giving up after 5 retransmits 3, others 1\n");
  expect(text).toContain("without a CHILD_SA: TS_UNACCEPTABLE 1, no acceptable traffic selectors found 1\n");
  expect(formatSummary(FIGURES)).toContain("failed because of:  reasons not in the log 16\n");
  expect(formatSummary({ ...FIGURES, failed: 0 })).not.toContain("because");
});

it("what both daemons warn of is told once", () => {
  const terminal = new CollectingTerminal();
  const both = "the CPU affinity mask allows 1 of 2 online CPUs";
  tellWarnings(
    [
      { role: "responder", warnings: new Map([[both, 1]]) },
      {
        role: "initiator",
        warnings: new Map([...Array.from({ length: 12 }, (_, i) => [`own ${i}`, i + 2] as const), [both, 1]]),
      },
    ],
    terminal,
  );
  const lines = terminal.errors.split("\n");
  expect(lines.slice(0, 2)).toEqual([`both daemons: ${both}`, "initiator: own 11 (13 times)"]);
  expect(lines.at(-2)).toBe("... and 3 more warnings, see --keep-logs");
});
