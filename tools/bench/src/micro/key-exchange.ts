import { EcpKeyExchange, ModpKeyExchange, XdhKeyExchange } from "@cygnet/native";
import type { KeyExchange } from "@cygnet/plugin-api";
import type { Subject } from "./subject.js";

const METHODS: readonly (readonly [string, () => KeyExchange])[] = [
  ["modp768", () => new ModpKeyExchange("768")],
  ["modp2048", () => new ModpKeyExchange("2048")],
  ["x25519", () => new XdhKeyExchange("X25519")],
  ["ecp256", () => new EcpKeyExchange("P-256")],
];

/** What an initiator does before and after (`generate`, `shared`), and what a responder does at once (`respond`). */
export const keyExchangeSubjects: readonly Subject[] = METHODS.flatMap(([name, create]) => [
  {
    name: `dh.${name}.generate`,
    prepare: () => {
      const { method, own, value } = values(create());
      return () => method.generate(own, value);
    },
  },
  {
    name: `dh.${name}.shared`,
    prepare: () => {
      const { method, own, value, secret } = values(create());
      return () => void method.derive(own, value, secret);
    },
  },
  {
    name: `dh.${name}.respond`,
    prepare: () => {
      const { method, value, response, secret } = values(create());
      return () => void method.respond(value, response, secret);
    },
  },
]);

function values(method: KeyExchange) {
  const own = new Uint8Array(method.privateBytes);
  const value = new Uint8Array(method.publicBytes);
  method.generate(own, value);
  return { method, own, value, response: new Uint8Array(method.responseBytes), secret: new Uint8Array(method.secretBytes) };
}
