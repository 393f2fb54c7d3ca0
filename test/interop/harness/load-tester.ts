import { HOSTS } from "./network.js";

/** The load-tester's section of strongswan.conf at either end of a load test from moon to sun, with PSK; `more` are further options. */
export function loadTesterSection(more: string): string {
  return `load-tester { enable = yes
  fake_kernel = yes
  initiator_auth = psk
  responder_auth = psk
  initiator = ${HOSTS.moon.v4}
  responder = ${HOSTS.sun.v4}
  ${more}
}`;
}
