import { flag, section } from "@cygnet/plugin-api";
import { parseSettings, withNamespace } from "@cygnet/settings";
import { describe, expect, it } from "vitest";
import { charonGroups } from "../../src/options/charon-options.js";
import { checkOptions } from "../../src/options/option-check.js";

const PLUGIN = { section: "charon.plugins.loaded", options: { known: flag(true, "A flag."), addrs: section("Addresses.") } };

function check(text: string, namespace = "charon"): string[] {
  const { settings } = parseSettings(text, { file: "s.conf" });
  const charon = withNamespace(settings, namespace).section(namespace);
  return checkOptions({ settings, charon, groups: [...charonGroups, PLUGIN] });
}

describe("the check of options", () => {
  it("finds nothing in what is read, empty sections included", () => {
    expect(
      check(`charon {
        load = a b
        threads = 4
        tls { }
        host_resolver { }
        processor { priority_threads { high = 1 } }
        filelog { stdout { default = 1\n ike = 2 }\n file { path = /var/log/x.log\n append = no } }
        syslog { identifier = vpn\n daemon { default = 1\n knl = 2 } }
        plugins { loaded { load = yes\n known = no\n addrs { eth0 = 10.0.0.0/8\n eth1 { x = 1 } } } }
      }`),
    ).toEqual([]);
  });

  it("tells unknown options and sections, with their place", () => {
    expect(
      check(`charon {
        thread = 4
        retransmission_tries =
        filelog { stdout { ike_nam = yes } }
        filter { a = 1 }
        processor { priority_threads { urgent = 1 } }
        plugins { loaded { knwon = yes } }
        tls { verson_min = 1.3 }
      }`),
    ).toEqual([
      "s.conf:2: unknown option 'charon.thread'",
      "s.conf:4: unknown option 'charon.filelog.stdout.ike_nam'",
      "s.conf:5: unknown section 'charon.filter'",
      "s.conf:6: unknown option 'charon.processor.priority_threads.urgent'",
      "s.conf:7: unknown option 'charon.plugins.loaded.knwon'",
      "s.conf:8: unknown option 'charon.tls.verson_min'",
    ]);
  });

  it("tells options that strongSwan knows and that have no effect", () => {
    expect(check("charon {\n cisco_unity = yes\n tls {\n version_min = 1.3 } }")).toEqual([
      "s.conf:2: option 'charon.cisco_unity' of strongSwan has no effect in this release",
      "s.conf:4: option 'charon.tls.version_min' of strongSwan has no effect in this release",
    ]);
  });

  it("leaves plugins that are not loaded alone, and other programs", () => {
    expect(
      check(`charon { plugins { eap-radius { secret = x\n accounting = yes }\n later { a { b = 1 } } } }
        starter { load_warning = no }\n swanctl { load = x }\n libtls { foo = 1 }\n charon-cmd { x = 1 }`),
    ).toEqual([]);
  });

  it("tells sections and options at the top that nobody reads, but not what a reference leads to", () => {
    expect(check("chraon {\n threads = 4\n }\n port = 500\n charon : common { }\n common { threads = 8\n thread = 9 }")).toEqual([
      "s.conf:7: unknown option 'charon.thread'",
      "s.conf:1: unknown section 'chraon'",
      "s.conf:4: unknown option 'port'",
    ]);
  });

  it("looks at what a daemon of another name reads, fallbacks included", () => {
    const text = "charon { thread = 1 }\n charon-systemd { journal { default = 2 } }\n libstrongswan { foo = 1 }";
    expect(check(text, "charon-systemd")).toEqual([
      "s.conf:1: unknown option 'charon-systemd.thread'",
      "s.conf:3: unknown option 'charon-systemd.foo'",
      "s.conf:2: option 'charon-systemd.journal.default' of strongSwan has no effect in this release",
    ]);
  });
});
