import { describe, expect, it } from "vitest";
import { parseLoadTestStatus, START_REQUEST, STATUS_REQUEST } from "../src/index.js";
import { Client } from "./client.js";
import { JOBS, load, PSK, settle, SOCKETS } from "./fakes.js";

const WAITING = `${PSK} start_on_request = yes\n initiators = 3\n`;

describe("initiators that wait for START", () => {
  it("do nothing before it, and share the initiations that it asks for", async () => {
    const { controller, scheduler, socket, up } = await load(`${WAITING} iterations = 10`);
    scheduler.advance(0);
    await settle();
    expect(controller.initiations).toEqual([]);
    const client = new Client(socket, `${START_REQUEST} 7\n`);
    while (controller.initiations.length < 7) await settle(1);
    await settle();
    expect(controller.initiations).toHaveLength(7);
    for (let id = 1; id <= 7; id++) up(id);
    expect(parseLoadTestStatus(await client.closed)).toMatchObject({ started: 7, established: 7, running: false });
  });

  it("do their iterations if it names no number, or a larger one", async () => {
    for (const request of [START_REQUEST, `${START_REQUEST} 100`]) {
      const { controller, socket, up } = await load(`${WAITING} iterations = 2`);
      const client = new Client(socket, `${request}\n`);
      while (controller.initiations.length < 6) await settle(1);
      for (let id = 1; id <= 6; id++) up(id);
      expect(parseLoadTestStatus(await client.closed)).toMatchObject({ established: 6, failed: 0 });
    }
  });

  it("are started once: a second request waits for the same end", async () => {
    const { controller, socket, gone } = await load(`${WAITING} iterations = 1`);
    const clients = [new Client(socket, `${START_REQUEST}\n`), new Client(socket, `${START_REQUEST} 9\n`)];
    while (controller.initiations.length < 3) await settle(1);
    for (const id of [1, 2, 3]) gone(id);
    for (const client of clients) expect(parseLoadTestStatus(await client.closed)).toMatchObject({ started: 3, failed: 3 });
  });

  it("answer at once where there is nothing to do, and when the daemon ends", async () => {
    const none = await load(PSK);
    expect(parseLoadTestStatus(await new Client(none.socket, `${START_REQUEST} 5\n`).closed)).toMatchObject({ started: 0 });
    const { controller, host, socket } = await load(`${WAITING} iterations = 0`);
    const client = new Client(socket, `${START_REQUEST} 3\n`);
    while (controller.initiations.length < 3) await settle(1);
    await host.unload();
    await client.closed;
    expect(controller.initiations).toHaveLength(3);
  });

  it("are not started by what is no such request", async () => {
    const { controller, socket } = await load(`${WAITING} iterations = 1`);
    for (const request of ["START x\n", "STARTED\n", "start\n", "START -1\n"]) {
      expect(await new Client(socket, request).closed).toBe("");
    }
    expect(controller.initiations).toEqual([]);
  });
});

it("initiates to the port of responder_port", async () => {
  const { controller, socket } = await load(`${PSK} responder_port = 4321`);
  const client = new Client(socket, "1\n");
  await client.receives(".");
  expect(controller.initiations[0].peer).toMatchObject({ localPort: 500, remotePort: 4321 });
});

it("tells with STATUS what the sockets counted and how many jobs wait", async () => {
  const { socket } = await load(PSK);
  const status = parseLoadTestStatus(await new Client(socket, STATUS_REQUEST).closed);
  expect(SOCKETS).toHaveLength(2);
  expect(status.sockets).toEqual({ received: 11, sent: 22, dropped: 7, send_errors: 2 });
  expect(status.processor).toEqual({ total: JOBS.total, idle: JOBS.idle, working: JOBS.working, queued: JOBS.queued });
});
