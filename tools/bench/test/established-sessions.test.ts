import { describe, expect, it } from "vitest";
import { EstablishedSessions } from "../src/paced/established-sessions.js";
import { PacedSession } from "../src/paced/paced-session.js";

const sessions = (count: number): PacedSession[] => Array.from({ length: count }, (_, i) => new PacedSession(i + 1, 1));

describe("kept IKE_SAs", () => {
  it("are asked in turns, each one question at a time", () => {
    const kept = new EstablishedSessions();
    const [a, b] = sessions(2);
    kept.add(a!);
    kept.add(b!);
    expect([kept.ask("dpd"), kept.ask("dpd"), kept.ask("dpd")]).toEqual([a, b, undefined]);
    expect(kept.answered(b!)).toBe(true);
    expect(kept.answered(a!)).toBe(true);
    expect([kept.ask("dpd"), kept.ask("dpd")]).toEqual([b, a]);
  });

  it("are gone when they were asked to end", () => {
    const kept = new EstablishedSessions();
    const [a] = sessions(1);
    kept.add(a!);
    kept.ask("delete");
    expect(kept.answered(a!)).toBe(false);
    expect([kept.answered(a!), kept.ask("dpd"), kept.size]).toEqual([undefined, undefined, 0]);
  });

  it("tell how long answers took, and how long is waited for those that did not come", () => {
    const kept = new EstablishedSessions();
    const [a, b, c] = sessions(3);
    for (const session of [a, b, c]) kept.add(session!);
    kept.ask("dpd");
    kept.ask("delete");
    kept.ask("dpd");
    kept.answered(a!);
    const { dpd, delete: deletion } = kept.takeTimes();
    expect([dpd.length, deletion.length]).toEqual([2, 1]);
    for (const ms of [...dpd, ...deletion]) expect(ms).toBeGreaterThanOrEqual(0);
    kept.answered(b!);
    kept.answered(c!);
    expect(kept.takeTimes()).toEqual({ dpd: [expect.any(Number)], delete: [expect.any(Number)] });
    expect(kept.takeTimes()).toEqual({ dpd: [], delete: [] });
  });
});
