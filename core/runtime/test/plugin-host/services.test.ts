import { Logger, custom, serviceToken } from "@cygnet/plugin-api";
import { createContainer, provide, provideUntilUndone, resolveFor } from "@cygnet/runtime";
import { describe, expect, it } from "vitest";
import { setup, noted, plugin } from "./host-setup.js";

describe("services", () => {
  it("gives services by their tokens, and names plugin and token of a missing one", async () => {
    const Missing = serviceToken<object>("Missing");
    let got: unknown;
    const user = plugin(
      "user",
      noted([], custom("user"), {
        register: ({ resolve }) => {
          got = resolve(Logger);
        },
      }),
      noted([], custom("greedy"), { register: ({ resolve }) => void resolve(Missing) }),
    );
    const { host, container, log, lib1 } = setup([user], "user");
    provide(container, Logger, log);
    await host.load();
    expect(got).toBe(log);
    expect(lib1()).toContain(
      "registering CUSTOM:greedy of plugin 'user' failed: plugin 'user' asks for Missing, which is not available here",
    );
  });

  it("hands a plugin's service to the core and to other plugins until the feature is undone", async () => {
    const Service = serviceToken<string>("Service");
    const got: string[] = [];
    const giver = plugin("giver", noted([], custom("service"), { register: ({ provide: offer }) => offer(Service, "given") }));
    const user = plugin(
      "user",
      noted([], custom("user"), {
        depends: [custom("service")],
        register: ({ resolve }) => {
          got.push(resolve(Service));
          return () => void got.push(resolve(Service));
        },
      }),
    );
    const { host, container } = setup([user, giver], "user giver");
    await host.load();
    expect(resolveFor("core", container, Service)).toBe("given");
    await host.unload();
    expect(got).toEqual(["given", "given"]);
    expect(() => resolveFor("core", container, Service)).toThrow("asks for Service, which is not available here");
  });

  it("falls back to the core's service, or to another plugin's, when the last one goes", () => {
    const Service = serviceToken<string>("Service");
    const container = createContainer();
    provide(container, Service, "core");
    const undoFirst = provideUntilUndone(container, Service, "first");
    const undoSecond = provideUntilUndone(container, Service, "second");
    const now = () => resolveFor("x", container, Service);
    expect(now()).toBe("second");
    undoFirst();
    undoFirst();
    expect(now()).toBe("second");
    undoSecond();
    expect(now()).toBe("core");
    const undoThird = provideUntilUndone(container, Service, "third");
    expect(now()).toBe("third");
    undoThird();
    expect(now()).toBe("core");
  });
});
