import type { WaitMeter } from "@cygnet/plugin-api";

/** A shard as control asks it, with the time until its answers measured: the round trip of the link, and what the shard took. */
export function timedLink<Port extends object>(shard: Port, waits: WaitMeter): Port {
  return new Proxy(shard, {
    get(target, property) {
      const value: unknown = Reflect.get(target, property, target);
      if (typeof value !== "function") return value;
      return (...args: unknown[]): unknown => waits.measure("link", String(property), Reflect.apply(value, target, args));
    },
  });
}
