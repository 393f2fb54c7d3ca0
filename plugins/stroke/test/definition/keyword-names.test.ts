import { DefinitionError } from "@cygnet/plugin-api";
import { describe, expect, it } from "vitest";
import { inKeywords } from "../../src/definition/keyword-names.js";

const refusal = (member: string, rest: string): DefinitionError =>
  new DefinitionError("CYG_CONFIG_TS", `home.children.net.${member}`, `invalid value for: ${member}, ${rest}`);

describe("why a connection is refused", () => {
  it("is told in the words of ipsec.conf", () => {
    const noSelector = "'10.0.0.300' is no traffic selector";
    expect(inKeywords(refusal("localTs", noSelector), "left")).toBe(`invalid value for: leftsubnet, ${noSelector}`);
    expect(inKeywords(refusal("localTs", noSelector), "right")).toBe(`invalid value for: rightsubnet, ${noSelector}`);
    expect(inKeywords(refusal("remoteTs", noSelector), "right")).toBe(`invalid value for: leftsubnet, ${noSelector}`);
    expect(inKeywords(refusal("dpdDelay", "-1 is not within 0 and 9"), "left")).toBe(
      "invalid value for: dpddelay, -1 is not within 0 and 9",
    );
  });

  it("stays as it is where the words are the same, or there are none", () => {
    expect(inKeywords(refusal("reqid", "-1 is not within 0 and 9"), "left")).toBe(
      "invalid value for: reqid, -1 is not within 0 and 9",
    );
    const plain = new DefinitionError("CYG_CONFIG_PROPOSAL", "home.proposals", "skipped invalid proposal string: aes1");
    expect(inKeywords(plain, "left")).toBe("skipped invalid proposal string: aes1");
  });
});
