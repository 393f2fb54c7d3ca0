import { describe, expect, it } from "vitest";
import { keyExchangeSubjects } from "../src/micro/key-exchange.js";
import { messageSubjects } from "../src/micro/messages.js";
import { microMeasurements } from "../src/micro/micro-measurements.js";
import { nanoseconds } from "../src/micro/stopwatch.js";
import { tableSubjects } from "../src/micro/tables.js";

describe.each([...messageSubjects, ...keyExchangeSubjects, ...tableSubjects])("the microbench of $name", ({ prepare }) => {
  it("can be called again and again", () => {
    const call = prepare();
    for (let i = 0; i < 300; i++) expect(call).not.toThrow();
  });
});

it("names the rows by layer", () => {
  const layers = microMeasurements().map(({ rows: [{ name }] }) => name.split(".")[1]);
  expect([...new Set(layers)]).toEqual(["codec", "keys", "sk", "dh", "timer-wheel", "spi-table"]);
});

it("times what it calls", () => {
  let calls = 0;
  expect(nanoseconds(() => void calls++)).toBeGreaterThan(0);
  expect(calls).toBeGreaterThan(1000);
});
