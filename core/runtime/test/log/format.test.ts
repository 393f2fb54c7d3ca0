import { LogGroup } from "@cygnet/plugin-api";
import type { LogRecord } from "@cygnet/plugin-api";
import { LineFormat, hexDump, strftime } from "@cygnet/runtime";
import fc from "fast-check";
import { describe, expect, it } from "vitest";

const TIME = new Date(2026, 10, 22, 17, 36, 43, 876);

function record(changes: Partial<LogRecord> = {}): LogRecord {
  return {
    group: LogGroup.IKE,
    level: 1,
    message: "hello",
    thread: 5,
    ikeSaId: 0,
    ikeSaName: "",
    timeMs: TIME.getTime(),
    ...changes,
  };
}

describe("log lines", () => {
  it("have thread and group by default", () => {
    expect(new LineFormat().format(record({ message: "initiating IKE_SA load-test[1] to 127.0.0.1" }))).toBe(
      "05[IKE] initiating IKE_SA load-test[1] to 127.0.0.1\n",
    );
    expect(new LineFormat().format(record({ thread: 0, group: LogGroup.DMN }))).toBe("00[DMN] hello\n");
    expect(new LineFormat().format(record({ thread: 123 }))).toBe("123[IKE] hello\n");
  });

  it("equal the captured ones with time, level and milliseconds", () => {
    const starting = record({
      thread: 0,
      group: LogGroup.DMN,
      message: "Starting IKE charon daemon (strongSwan 6.0.6, Linux 6.1.0-amd64, x86_64)",
    });
    expect(new LineFormat({ timeFormat: "%b %e %T", logLevel: true }).format(starting)).toBe(
      "Nov 22 17:36:43 00[DMN1] Starting IKE charon daemon (strongSwan 6.0.6, Linux 6.1.0-amd64, x86_64)\n",
    );
    const dump = record({ thread: 11, level: 4, message: "SKEYSEED => 20 bytes @ 0x7fef18012f40" });
    expect(new LineFormat({ timeFormat: "%FT%T", timePrecision: "ms", logLevel: true }).format(dump)).toBe(
      "2026-11-22T17:36:43.876 11[IKE4] SKEYSEED => 20 bytes @ 0x7fef18012f40\n",
    );
  });

  it("name the IKE_SA if wanted, by its id alone while it has no configuration", () => {
    const format = new LineFormat({ ikeName: true });
    expect(format.format(record({ ikeSaId: 7, ikeSaName: "home" }))).toBe("05[IKE] <home|7> hello\n");
    expect(format.format(record({ ikeSaId: 7 }))).toBe("05[IKE] <7> hello\n");
    expect(format.format(record())).toBe("05[IKE] hello\n");
    expect(new LineFormat().format(record({ ikeSaId: 7, ikeSaName: "home" }))).toBe("05[IKE] hello\n");
  });

  it("repeat the whole prefix on each line of a message", () => {
    const format = new LineFormat({ timeFormat: "%T", ikeName: true });
    expect(format.format(record({ message: "a\n  b\nc", ikeSaId: 1, ikeSaName: "x" }))).toBe(
      "17:36:43 05[IKE] <x|1> a\n17:36:43 05[IKE] <x|1>   b\n17:36:43 05[IKE] <x|1> c\n",
    );
  });

  it("show microseconds, and the next second when it comes", () => {
    const format = new LineFormat({ timeFormat: "%S", timePrecision: "us" });
    expect(format.format(record({ timeMs: TIME.getTime() + 0.25 }))).toBe("43.876250 05[IKE] hello\n");
    expect(format.format(record({ timeMs: TIME.getTime() + 124.5 }))).toBe("44.000500 05[IKE] hello\n");
    expect(format.format(record({ timeMs: TIME.getTime() }))).toBe("43.876000 05[IKE] hello\n");
  });

  it("are one JSON object per message if wanted", () => {
    const format = new LineFormat({ json: true, timeFormat: "%F" });
    expect(JSON.parse(format.format(record({ message: 'a\n"b"', ikeSaId: 2, ikeSaName: "x" })))).toEqual({
      time: "2026-11-22",
      thread: 5,
      group: "IKE",
      level: 1,
      "ikesa-uniqueid": 2,
      "ikesa-name": "x",
      msg: 'a\n"b"',
    });
    expect(new LineFormat({ json: true }).format(record())).toBe('{"thread":5,"group":"IKE","level":1,"msg":"hello"}\n');
  });

  it("let no peer's text steer a terminal", () => {
    expect(new LineFormat().format(record({ message: "id '\x1b[2J\r\x00\x9b\ttab'" }))).toBe(
      "05[IKE] id '\\x1b[2J\\x0d\\x00\\x9b\ttab'\n",
    );
  });

  it("never begin a line without the prefix", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (message) => {
        const text = new LineFormat().format(record({ message }));
        for (const line of text.slice(0, -1).split("\n")) expect(line.startsWith("05[IKE] ")).toBe(true);
      }),
    );
  });
});

describe("hex dumps", () => {
  it("have 16 octets per line with offset and characters", () => {
    const bytes = Uint8Array.from({ length: 20 }, (_, i) => 0x30 + i * 5);
    expect(hexDump("SKEYSEED", bytes)).toBe(
      "SKEYSEED => 20 bytes @ 0x0\n" +
        "   0: 30 35 3A 3F 44 49 4E 53 58 5D 62 67 6C 71 76 7B  05:?DINSX]bglqv{\n" +
        "  16: 80 85 8A 8F                                      ....",
    );
  });

  it("of nothing are one line", () => {
    expect(hexDump("nothing", new Uint8Array(8).subarray(8))).toBe("nothing => 0 bytes @ 0x8");
  });
});

describe("strftime", () => {
  it.each([
    ["%Y-%m-%d %H:%M:%S", "2026-11-22 17:36:43"],
    ["%FT%T", "2026-11-22T17:36:43"],
    ["%b %e %T", "Nov 22 17:36:43"],
    ["%a %A %B %h", "Sun Sunday November Nov"],
    ["%I:%M %p %P %l %k", "05:36 PM pm  5 17"],
    ["%y %C %j %u %w", "26 20 326 7 0"],
    ["%U %W %V %G %g", "47 46 47 2026 26"],
    ["%c|%D|%x|%R|%r|%X", "Sun Nov 22 17:36:43 2026|11/22/26|11/22/26|17:36|05:36:43 PM|17:36:43"],
    ["%Ey %OH %n%t%%", "26 17 \n\t%"],
    ["%q 100% %", "%q 100% %"],
  ])("formats %s as the C library does", (format, expected) => {
    expect(strftime(format, TIME)).toBe(expected);
  });

  it("knows ISO weeks at the turn of years", () => {
    expect(strftime("%G-W%V", new Date(2021, 0, 3))).toBe("2020-W53");
    expect(strftime("%G-W%V", new Date(2024, 11, 30))).toBe("2025-W01");
    expect(strftime("%U %W", new Date(2026, 0, 1))).toBe("00 00");
    expect(strftime("%e|%k", new Date(2026, 0, 1, 3))).toBe(" 1| 3");
  });

  it("gives the offset from UTC and the epoch", () => {
    const minutes = -TIME.getTimezoneOffset();
    const hours = String(Math.floor(Math.abs(minutes) / 60)).padStart(2, "0");
    expect(strftime("%z", TIME)).toBe(`${minutes < 0 ? "-" : "+"}${hours}${String(Math.abs(minutes) % 60).padStart(2, "0")}`);
    expect(strftime("%s", TIME)).toBe(String(Math.floor(TIME.getTime() / 1000)));
    expect(strftime("%Z", TIME)).not.toBe("");
  });
});
