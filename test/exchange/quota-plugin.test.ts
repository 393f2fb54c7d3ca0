import { Bus, ControlLink, IkeSaState, PLUGIN_API, ShardLinks, custom, definePlugin, int, linkTopic } from "@cygnet/plugin-api";
import { Pair, testHost } from "@cygnet/plugin-testkit";
import { expect, it } from "vitest";

interface Place {
  readonly identity: string;
  readonly ikeSaId: number;
}
const TAKE = linkTopic<Place, boolean>("quota.take");
const MOVE = linkTopic<{ readonly from: number; readonly to: number }>("quota.move");
const LEAVE = linkTopic<number>("quota.leave");

/** At most so many IKE_SAs for an identity, whichever shards have them: control counts, and only the IKE_SA concerned waits for what it says. */
const quota = definePlugin({
  name: "quota",
  api: PLUGIN_API,
  options: { limit: int(1, "IKE_SAs that an identity may have.") },
  features: ({ limit }) => [
    {
      provides: custom("quota-ledger"),
      on: "control",
      register: ({ resolve }) => {
        const links = resolve(ShardLinks);
        const owners = new Map<number, string>();
        const undos = [
          links.answer(TAKE, ({ identity, ikeSaId }) => {
            if ([...owners.values()].filter((owner) => owner === identity).length >= limit) return false;
            owners.set(ikeSaId, identity);
            return true;
          }),
          links.listen(MOVE, ({ from, to }) => void owners.set(to, owners.get(from)!)),
          links.listen(LEAVE, (ikeSaId) => void owners.delete(ikeSaId)),
        ];
        return () => undos.forEach((undo) => void undo());
      },
    },
    {
      provides: custom("quota"),
      depends: [custom("quota-ledger")],
      register: ({ resolve }) => {
        const link = resolve(ControlLink);
        return resolve(Bus).addListener({
          name: "quota",
          authorize: ({ uniqueId, remoteId }, isFinal) =>
            !isFinal || link.ask(TAKE, { identity: String(remoteId), ikeSaId: uniqueId }),
          ikeRekey: (old, fresh) => link.tell(MOVE, { from: old.uniqueId, to: fresh.uniqueId }),
          ikeStateChange: ({ uniqueId }, state) => {
            if (state === IkeSaState.DESTROYING) link.tell(LEAVE, uniqueId);
          },
        });
      },
    },
  ],
});

it("a plugin's feature on the shards asks the one on control, while the IKE_SA waits", async () => {
  const pair = await Pair.load({ sun: { plugins: [quota] } });
  const { moon, sun } = pair;
  pair.configure({ unique: "never" }, { unique: "never" });
  const initiate = async () => {
    const operation = moon.initiate("net");
    await pair.run(1000);
    return operation.result();
  };
  expect(await initiate()).toBe("done");
  moon.rekeyIke();
  await pair.run(1000);
  // With other proposals it does not share the IKE_SA that there is.
  const changed = { unique: "never", proposals: ["aes256-sha1-modp768"] } as const;
  pair.connect(changed, changed);
  expect(await initiate()).toBe("failed");
  expect(sun.ikeSas.map(({ state }) => state)).toEqual([IkeSaState.ESTABLISHED]);
  moon.terminateIke();
  await pair.run(1000);
  expect(await initiate()).toBe("done");
  await pair.unload();
});

it("what nobody answers, or throws, is thrown where it was asked", async () => {
  const host = await testHost({ plugins: [quota] });
  const link = host.resolve(ControlLink);
  await expect(link.ask(linkTopic<string, string>("quota.unknown"), "x")).rejects.toMatchObject({ code: "CYG_INTERNAL" });
  const undo = host.resolve(ShardLinks).answer(linkTopic("quota.broken"), () => {
    throw new RangeError("not today");
  });
  await expect(link.ask(linkTopic("quota.broken"), undefined)).rejects.toThrow("not today");
  await undo();
  await host.unload();
  expect(host.leftovers()).toEqual([]);
});
