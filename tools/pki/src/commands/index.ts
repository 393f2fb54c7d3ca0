import type { PkiCommand } from "./command.js";
import { gen } from "./gen.js";
import { issue } from "./issue.js";
import { keyid } from "./keyid.js";
import { pkcs7 } from "./pkcs7.js";
import { print } from "./print.js";
import { pub } from "./pub.js";
import { req } from "./req.js";
import { self } from "./self.js";
import { signcrl } from "./signcrl.js";
import { verify } from "./verify.js";

/** In the order of their names. */
export const COMMANDS: readonly PkiCommand[] = [gen, issue, keyid, pkcs7, print, pub, req, self, signcrl, verify];

/** Commands of strongSwan's pki that are not there, with their letters. */
export const UNSUPPORTED: ReadonlyMap<string, string> = new Map([
  ["acert", "z"],
  ["dn", "d"],
  ["est", "E"],
  ["estca", "e"],
  ["pkcs12", "u"],
  ["scep", "S"],
  ["scepca", "C"],
]);
