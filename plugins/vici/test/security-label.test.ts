import { describe, expect, it } from "vitest";
import { securityLabel } from "../src/definition/security-label.js";

const SELINUX = () => true;
const NONE = () => false;

describe("the security label of a child", () => {
  it("is what both ends have to have the same, unless it would be a context of SELinux", () => {
    expect(securityLabel("dscp-ef", "simple", SELINUX)).toBe("dscp-ef");
    expect(securityLabel("dscp-ef", "simple", NONE)).toBe("dscp-ef");
    expect(securityLabel("dscp-ef", "system", NONE)).toBe("dscp-ef");
    expect(() => securityLabel("dscp-ef", "system", SELINUX)).toThrow(
      /^label = dscp-ef cannot be used, as there is SELinux on this host, and .* label_mode = simple is, config discarded$/,
    );
  });

  it("is none where it is empty or not there", () => {
    for (const text of ["", undefined]) expect(securityLabel(text, "system", SELINUX)).toBeUndefined();
  });

  it("of SELinux is refused by name, with the reason", () => {
    expect(() => securityLabel(undefined, "selinux", NONE)).toThrow(
      "label_mode = selinux cannot be used, as there is no SELinux on this host, config discarded",
    );
    expect(() => securityLabel("x", "selinux", SELINUX)).toThrow(/^label_mode = selinux cannot be used, as contexts of SELinux/);
  });
});
