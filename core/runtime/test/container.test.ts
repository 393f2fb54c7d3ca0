import { PluginError, serviceToken } from "@cygnet/plugin-api";
import { createContainer, provide, resolveFor } from "@cygnet/runtime";
import { inject, injectable } from "tsyringe";
import { describe, expect, it } from "vitest";

interface Greeter {
  greet(): string;
}
const Greeter = serviceToken<Greeter>("Greeter");

describe("container", () => {
  it("keeps the services of two daemons apart", () => {
    const [one, two] = [createContainer(), createContainer()];
    provide(one, Greeter, { greet: () => "one" });
    provide(two, Greeter, { greet: () => "two" });
    expect(resolveFor("p", one, Greeter).greet()).toBe("one");
    expect(resolveFor("p", two.createChildContainer(), Greeter).greet()).toBe("two");
  });

  it("names plugin and contract of what is missing", () => {
    const attempt = (): unknown => resolveFor("stroke", createContainer(), Greeter);
    expect(attempt).toThrow(PluginError);
    expect(attempt).toThrow("plugin 'stroke' asks for Greeter, which is not available here");
    try {
      attempt();
    } catch (error) {
      expect(error).toMatchObject({ code: "CYG_PLUGIN_SERVICE", plugin: "stroke" });
    }
  });

  it("takes the later of two registrations", () => {
    const container = createContainer();
    provide(container, Greeter, { greet: () => "old" });
    provide(container, Greeter, { greet: () => "new" });
    expect(container.resolve(Greeter).greet()).toBe("new");
  });

  it("injects services into classes by their tokens", () => {
    class Host {
      constructor(readonly greeter: Greeter) {}
    }
    // What the decorators do; written as calls, since the test's transformer has none.
    inject(Greeter)(Host, undefined, 0);
    injectable()(Host);
    const container = createContainer();
    provide(container, Greeter, { greet: () => "hello" });
    expect(container.resolve(Host).greeter.greet()).toBe("hello");
  });
});
