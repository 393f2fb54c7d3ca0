// A plugin as it was written for version 1.0 of the plugin API. It stays as it is: that it works shows that older plugins do.
import { createHash, createHmac } from "node:crypto";
import {
  AttributeManager,
  Bus,
  ControlLink,
  Controller,
  CredentialStore,
  Host,
  JobPriority,
  LogGroup,
  Scheduler,
  ShardLinks,
  StreamServices,
  custom,
  definePlugin,
  flag,
  linkTopic,
  providePrf,
  text,
} from "@cygnet/plugin-api";

const PRF_HMAC_SHA2_256 = 5;
const BLOCK_BYTES = 64;
const COUNT = linkTopic("frozen-count");

const prf = {
  outputBytes: 32,
  keyBytes: 32,
  hasFixedKey: false,
  stateBytes: BLOCK_BYTES,
  setKey(key, state) {
    state.fill(0);
    state.set(key.length > BLOCK_BYTES ? createHash("sha256").update(key).digest() : key);
  },
  compute(state, data, out) {
    out.set(createHmac("sha256", state).update(data).digest());
  },
};

/** Addresses 10.9.0.1 to 10.9.0.9 for the pool `frozen`. */
function addressProvider() {
  const taken = new Set();
  return {
    acquire({ pools }) {
      if (!pools.includes("frozen")) return undefined;
      for (let i = 1; i <= 9; i++) {
        const address = `10.9.0.${i}`;
        if (taken.has(address)) continue;
        taken.add(address);
        return Host.of(address);
      }
      return undefined;
    },
    release: (_context, address) => taken.delete(String(address)),
    attributes: async () => [{ type: 3, value: Uint8Array.of(10, 9, 0, 53) }],
  };
}

export default definePlugin({
  name: "frozen",
  api: 1,
  options: {
    greeting: text("hello", "What it logs."),
    refuse: text("", "Who is refused."),
    tick: flag(true, "Whether a job runs."),
  },
  features: () => [
    providePrf(PRF_HMAC_SHA2_256, () => prf),
    {
      provides: custom("frozen-listener"),
      depends: [custom("frozen-attributes")],
      register: ({ log, options, resolve }) => {
        let up = 0;
        const undos = [
          resolve(Bus).addListener({
            name: "frozen",
            authorize: async ({ remoteId }) => String(remoteId) !== options.refuse,
            ikeUpdown(ikeSa, isUp) {
              up += isUp ? 1 : -1;
              log.log(LogGroup.IKE, 1, `${options.greeting}, ${ikeSa.remoteId} is ${isUp ? "up" : "down"}`);
            },
          }),
          resolve(ControlLink).answer(COUNT, () => up),
        ];
        const job = { name: "frozen-tick", priority: JobPriority.LOW, execute: () => log.log(LogGroup.JOB, 1, "frozen ticks") };
        const timer = options.tick ? resolve(Scheduler).schedule(job, 1000) : 0;
        return () => {
          resolve(Scheduler).cancel(timer);
          for (const undo of undos.reverse()) undo();
        };
      },
    },
    {
      provides: custom("frozen-attributes"),
      on: "control",
      register: ({ resolve }) => resolve(AttributeManager).addProvider(addressProvider()),
    },
    {
      provides: custom("frozen-secrets"),
      on: "control",
      register: async ({ resolve }) => {
        const secret = new TextEncoder().encode("secret");
        await resolve(CredentialStore).replaceSecrets("frozen", [{ type: "IKE", owners: ["moon", "sun"], secret }]);
        return () => resolve(CredentialStore).removeSet("frozen");
      },
    },
    {
      provides: custom("frozen-socket"),
      on: "control",
      register: ({ resolve }) => {
        const streams = resolve(StreamServices);
        const answer = async (connection) => {
          const [counts, { up }] = await Promise.all([resolve(ShardLinks).askAll(COUNT, undefined), resolve(Controller).count()]);
          connection.end(`${counts.join()} ${up}\n`);
        };
        return streams.listen({ uri: `unix://${streams.pidDir}/frozen.sock`, maxConcurrent: 4, onConnection: answer });
      },
    },
  ],
});
