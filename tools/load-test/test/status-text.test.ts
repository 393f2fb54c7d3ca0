import fc from "fast-check";
import { expect, it } from "vitest";
import { StatusText } from "../src/status-text.js";

const HEAD =
  "Status of IKE charon daemon (strongSwan 6.0.6):\n  uptime: 1 second\nConnections:\n   load-test:  a...b\nSecurity Associations (4 up, 1 connecting):\n";
const sa = (n: number): string =>
  `   load-test[${n}]: ESTABLISHED 1 second ago, 127.0.0.1[srv]...127.0.0.2[c${n}]\n` +
  `   load-test[${n}]: IKEv2 SPIs: 01_i 02_r*, rekeying disabled\n` +
  `   load-test[${n}]: IKE proposal: AES_CBC_128/HMAC_SHA1_96\n` +
  `   load-test{${n}}:  INSTALLED, TUNNEL, reqid ${n}\n`;
const TEXT = HEAD + [5, 4, 3, 2].map(sa).join("") + "   load-test[1]: CONNECTING, 127.0.0.1[%any]...127.0.0.2[%any]\n";

it("keeps the first IKE_SAs whole and says how many more there are, however the text is cut", () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 200 }), { minLength: 1 }), (sizes) => {
      const status = new StatusText(3);
      for (let at = 0, i = 0; at < TEXT.length; at += sizes[i++ % sizes.length])
        status.add(TEXT.slice(at, at + sizes[i % sizes.length]));
      expect(status.isFull).toBe(true);
      expect(status.text()).toBe(`${HEAD}${[5, 4, 3].map(sa).join("")}  ... and 2 more IKE_SAs\n`);
    }),
  );
});

it("keeps all of a text with no more than the limit", () => {
  for (const limit of [5, Infinity]) {
    const status = new StatusText(limit);
    status.add(TEXT);
    expect(status.isFull).toBe(false);
    expect(status.text()).toBe(TEXT);
  }
});
