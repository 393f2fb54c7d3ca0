import { LogManager, logTroubles } from "@cygnet/runtime";
import { MemorySink, VirtualClock } from "@cygnet/runtime/testing";
import { LogGroup } from "@cygnet/plugin-api";
import { expect, it } from "vitest";

const DISK = "/var/log/charon.log";

function setup() {
  const log = new LogManager(new VirtualClock());
  const sink = new MemorySink();
  log.addSink(sink);
  log.addSink(new MemorySink(-1));
  const troubles = logTroubles(log);
  return { troubles, told: () => sink.messages(LogGroup.DMN), full: { target: DISK, error: "ENOSPC", lost: 0 } };
}

it("a full disk is told once by threads that all write to it, and its end once, with all that is missing", () => {
  const { troubles, told, full } = setup();
  for (const thread of [2, -1, 0]) troubles.report(thread, full);
  const first = [`writing log to ${DISK} failed: ENOSPC`];
  expect(told()).toEqual(first);
  troubles.report(0, { target: DISK, lost: 3 });
  troubles.report(2, { target: DISK, lost: 40 });
  expect(told()).toEqual(first);
  troubles.report(-1, { target: DISK, lost: 500 });
  expect(told()).toEqual([...first, `writing log to ${DISK} works again, 543 messages are missing`]);
  troubles.report(1, full);
  expect(told()).toHaveLength(3);
});

it("a thread that is gone keeps nobody from being told of the next trouble", () => {
  const { troubles, told, full } = setup();
  troubles.report(1, full);
  troubles.threadGone(1);
  troubles.report(1, full);
  expect(told()).toHaveLength(2);
});

it("other files are other troubles", () => {
  const { troubles, told, full } = setup();
  troubles.report(0, full);
  troubles.report(0, { ...full, target: "/tmp/b.log" });
  expect(told()).toEqual([`writing log to ${DISK} failed: ENOSPC`, "writing log to /tmp/b.log failed: ENOSPC"]);
});
