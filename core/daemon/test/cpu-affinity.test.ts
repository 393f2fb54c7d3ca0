import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { applyAffinity, parseWantedCpus, usableCpus } from "../src/services/cpu-affinity.js";
import { formatCpuList, parseCpuList } from "../src/services/cpu-list.js";

describe("lists of CPUs", () => {
  it.each([
    ["0", [0]],
    ["0-3,8", [0, 1, 2, 3, 8]],
    ["8, 0-3 ,2", [0, 1, 2, 3, 8]],
    ["0-6:2", [0, 2, 4, 6]],
    ["65535", [65535]],
  ])("reads %j", (text, cpus) => {
    expect(parseCpuList(text)).toEqual(cpus);
  });

  it.each(["", "a", "1,", "-1", "3-1", "0-", "1:2", "0-4:0", "65536", "0-99999", "0x1", "1 2"])("refuses %j", (text) => {
    expect(parseCpuList(text)).toBeUndefined();
  });

  it("are read as they are written", () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.nat(200), { minLength: 1 }), (cpus) => {
        cpus.sort((a, b) => a - b);
        expect(parseCpuList(formatCpuList(cpus))).toEqual(cpus);
      }),
    );
  });
});

describe("charon.cpu_affinity", () => {
  const { usable, online } = usableCpus();

  it("is a word or a list", () => {
    expect(["inherit", "all", "0,2", "some"].map(parseWantedCpus)).toEqual(["inherit", "all", [0, 2], undefined]);
  });

  it("leaves the mask alone by default", () => {
    expect(applyAffinity("inherit", () => expect.unreachable())).toBeUndefined();
  });

  it("asks for all that are online, or those of the list that are", () => {
    const asked: (readonly number[])[] = [];
    applyAffinity("all", (cpus) => asked.push(cpus));
    applyAffinity([online[0]!, 60_000], (cpus) => asked.push(cpus));
    expect(asked).toEqual([online, [online[0]]]);
  });

  it("says what the system refuses, in part or as a whole", () => {
    const text = formatCpuList(usable);
    expect(
      applyAffinity(usable, () => {
        throw new Error("sched_setaffinity: invalid argument");
      }),
    ).toBe(
      `charon.cpu_affinity = ${text} has no effect: sched_setaffinity: invalid argument (is the process confined to other CPUs by a cpuset?)`,
    );
    expect(applyAffinity(usable, undefined)).toContain("this program cannot set it");
    expect(applyAffinity([60_000], () => expect.unreachable())).toContain("of these CPUs none is online");
  });
});
