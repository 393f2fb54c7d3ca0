import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { until } from "./harness/deadline.js";
import { DIRECTION, DIRECTIONS } from "./harness/directions.js";
import { Pair } from "./harness/pair.js";
import { STRONGSWAN_PEER, requireAll } from "./harness/requirements.js";

requireAll(STRONGSWAN_PEER);

describe.each(DIRECTIONS)(DIRECTION, (moon, sun) => {
  it("is given a virtual IP and the DNS servers of the attr plugin", async () => {
    const pair = await Pair.start({
      moon,
      sun,
      sunSetup: { plugins: "attr { dns = 10.2.0.53, 2001:db8:2::53 }" },
      moonConn: { leftsubnet: "", leftsourceip: "%config" },
      sunConn: { rightsubnet: "", rightsourceip: "10.3.0.0/28" },
    });
    await pair.moon.up();
    await pair.moon.log.seen("installing new virtual IP 10.3.0.1");
    expect(await pair.moon.sas()).toContain("10.3.0.1/32 === 10.2.0.0/16");
    expect(await pair.sun.sas()).toContain("10.2.0.0/16 === 10.3.0.1/32");
    expect(await pair.sun.stroke("leases")).toBe(
      "Leases in pool '10.3.0.0/28', usage: 1/14, 1 online\n         10.3.0.1   online   'moon.example.org'\n",
    );
    const resolvConf = (): string => readFileSync(join(pair.moon.folder, "resolv.conf"), "utf8");
    await until(
      "the DNS servers to be installed",
      () => /nameserver 10\.2\.0\.53/.test(resolvConf()) && /nameserver 2001:db8:2::53/.test(resolvConf()),
    );

    await pair.moon.strokeFor("closed successfully", "down", "net");
    await until("the DNS servers to be removed", () => !resolvConf().includes("nameserver"));
    expect(await pair.sun.stroke("leases")).toContain("10.3.0.1   offline   'moon.example.org'");
  });

  it("is given virtual IPs of both families", async () => {
    const pair = await Pair.start({
      moon,
      sun,
      family: 6,
      moonConn: { leftsubnet: "", leftsourceip: "%config4,%config6", rightsubnet: "0.0.0.0/0,::/0" },
      sunConn: { rightsubnet: "", rightsourceip: "10.3.0.0/28,2001:db8:3::/64", leftsubnet: "0.0.0.0/0,::/0" },
    });
    await pair.moon.up();
    const sas = await pair.sun.sas();
    expect(sas).toContain("0.0.0.0/0 ::/0 === 10.3.0.1/32 2001:db8:3::1/128");
    expect(await pair.moon.sas()).toContain("10.3.0.1/32 2001:db8:3::1/128 === 0.0.0.0/0 ::/0");
  });

  it("keeps the IKE_SA without a CHILD_SA when the pool is exhausted", async () => {
    const pair = await Pair.start({
      moon,
      sun,
      moonConn: { leftsubnet: "", leftsourceip: "%config" },
      sunConn: { rightsubnet: "", rightsourceip: "10.3.0.1/32" },
    });
    await pair.moon.up();
    await pair.moon.strokeFor("closed successfully", "down", "net");
    // The one address is online for somebody else now.
    await pair.moon.load(
      `conn other\n keyexchange=ikev2\n authby=secret\n ike=aes128-sha1-modp2048!\n esp=aes128-sha1!\n left=192.0.2.1\n leftid=@mars.example.org\n leftsourceip=%config\n right=192.0.2.2\n rightid=@sun.example.org\n rightsubnet=10.2.0.0/16\n keyingtries=1\n auto=add\n`,
    );
    await pair.sun.load(
      `conn other\n keyexchange=ikev2\n authby=secret\n ike=aes128-sha1-modp2048!\n esp=aes128-sha1!\n left=192.0.2.2\n leftid=@sun.example.org\n leftsubnet=10.2.0.0/16\n right=%any\n rightid=@mars.example.org\n rightsourceip=10.3.0.1/32\n auto=add\n`,
    );
    for (const daemon of [pair.moon, pair.sun]) await daemon.secrets('@mars.example.org @sun.example.org : PSK "red"');
    await pair.moon.up();
    await pair.moon.strokeFor("establishing connection 'other' failed", "up", "other");
    await pair.sun.log.seen("no virtual IP found for %any requested by 'mars.example.org'");
    await pair.moon.log.seen(/parsed IKE_AUTH response 1 \[.*N\(INT_ADDR_FAIL\).*\]/);
    await pair.moon.log.seen("received INTERNAL_ADDRESS_FAILURE notify, no CHILD_SA built");
  });
});
