import { Host, InternalError, SystemError } from "@cygnet/plugin-api";
import type { Socket } from "@cygnet/plugin-api";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { LocalPorts } from "../../src/network/local-ports.js";
import type { IkeContext } from "../../src/ike-context.js";
import type { IkeSa } from "../../src/sa/ike-sa.js";

const NONE_LEFT = new SystemError("CYG_SOCKET_LIMIT", "socket", "EMFILE", "no descriptor left");

/** @param limit ports that may be open at a time */
function setup({ limit = Infinity, opens = true } = {}) {
  const users = new Map<number, number>();
  const lines: string[] = [];
  const timers = new Map<number, () => void>();
  let nextTimer = 1;
  const furtherPorts = {
    use(_family: 4 | 6, port: number): void {
      if (!users.has(port) && users.size >= limit) throw NONE_LEFT;
      users.set(port, (users.get(port) ?? 0) + 1);
    },
    release(_family: 4 | 6, port: number): void {
      const count = users.get(port);
      if (count === undefined) throw new InternalError(`port ${port} is not open`);
      if (count > 1) users.set(port, count - 1);
      else users.delete(port);
    },
  };
  const socket = { port: (natT: boolean) => (natT ? 4500 : 500), ...(opens && { furtherPorts }) } as unknown as Socket;
  const context = {
    sockets: { socket },
    log: { log: (_group: unknown, _level: unknown, line: string) => void lines.push(line) },
    scheduler: {
      schedule(job: { execute(): void }): number {
        timers.set(nextTimer, job.execute);
        return nextTimer++;
      },
      cancel: (timer: number) => void timers.delete(timer),
    },
  } as unknown as IkeContext;
  const elapse = (): void => {
    for (const [timer, execute] of timers) {
      timers.delete(timer);
      execute();
    }
  };
  const ikeSa = (uniqueId: number, port: number): IkeSa => ({ uniqueId, local: Host.of("127.0.0.1", port) }) as unknown as IkeSa;
  return { ports: new LocalPorts(context), users, lines, timers, elapse, ikeSa };
}

describe("local ports of IKE_SAs", () => {
  it("are none of our business where they are the two of the socket, or to be chosen", () => {
    const { ports, users, lines, ikeSa } = setup();
    for (const port of [500, 4500, 0]) expect(ports.use(ikeSa(1, port))).toBe(true);
    ports.release(ikeSa(1, 500), false);
    expect([users.size, lines]).toEqual([0, []]);
  });

  it("are refused in one line where the socket has but its two", () => {
    const { ports, lines, ikeSa } = setup({ opens: false });
    expect(ports.use(ikeSa(1, 6000))).toBe(false);
    expect(lines).toEqual([
      "no socket found to send IPv4 packets from port 6000: only a plugin such as socket-dynamic opens other ports than charon.port and charon.port_nat_t",
    ]);
    expect(ports.use(ikeSa(2, 500))).toBe(true);
  });

  it("are in use once for each IKE_SA, however often that asks", () => {
    const { ports, users, ikeSa } = setup();
    for (const id of [1, 1, 2]) expect(ports.use(ikeSa(id, 6000))).toBe(true);
    expect(users.get(6000)).toBe(2);
    ports.release(ikeSa(1, 6000), false);
    ports.release(ikeSa(1, 6000), false);
    expect(users.get(6000)).toBe(1);
    // It may have moved since.
    ports.release(ikeSa(2, 4500), false);
    expect(users.size).toBe(0);
  });

  it("are refused with the system's reason", () => {
    const { ports, users, lines, ikeSa } = setup({ limit: 1 });
    expect(ports.use(ikeSa(1, 6000))).toBe(true);
    expect(ports.use(ikeSa(2, 6001))).toBe(false);
    expect(lines).toEqual(["no descriptor left"]);
    expect([...users.keys()]).toEqual([6000]);
  });

  it("stay open for a while when the peer may ask again, unless others need their place", () => {
    const { ports, users, timers, elapse, ikeSa } = setup({ limit: 1 });
    ports.use(ikeSa(1, 6000));
    ports.release(ikeSa(1, 6000), true);
    expect(users.get(6000)).toBe(1);
    elapse();
    expect(users.size).toBe(0);
    ports.use(ikeSa(2, 6000));
    ports.release(ikeSa(2, 6000), true);
    expect(ports.use(ikeSa(3, 6001))).toBe(true);
    expect([[...users.keys()], timers.size]).toEqual([[6001], 0]);
  });

  it("are open exactly as long as an IKE_SA has them, or lingers", () => {
    const step = fc.record({
      what: fc.constantFrom("use", "release", "linger", "elapse"),
      id: fc.integer({ min: 1, max: 6 }),
      port: fc.integer({ min: 6000, max: 6003 }),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), fc.integer({ min: 1, max: 4 }), (steps, limit) => {
        const { ports, users, elapse, ikeSa } = setup({ limit });
        const has = new Map<number, number>();
        for (const { what, id, port } of steps) {
          if (what === "use" && ports.use(ikeSa(id, port)) && !has.has(id)) has.set(id, port);
          else if (what === "elapse") elapse();
          else if (what !== "use") {
            ports.release(ikeSa(id, port), what === "linger");
            has.delete(id);
          }
          for (const used of has.values()) expect(users.has(used)).toBe(true);
          expect(users.size).toBeLessThanOrEqual(limit);
        }
        elapse();
        expect([...users.keys()].sort()).toEqual([...new Set(has.values())].sort());
      }),
    );
  });
});
