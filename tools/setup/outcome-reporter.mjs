// A vitest reporter that writes how the tests ended to a file, for the closing line of `npm test`. See tally.mjs.
import { writeFileSync } from "node:fs";
import { relative } from "node:path";
import { root } from "./steps.mjs";

/** Where to write; without it, nothing is written. */
const file = process.env["CYGNET_TEST_OUTCOME"];

export default class OutcomeReporter {
  onTestRunEnd(modules, unhandledErrors) {
    const outcome = { passed: 0, failures: unhandledErrors.map(({ message }) => `unhandled: ${message}`), skipped: [] };
    for (const module of modules) {
      const path = relative(root, module.moduleId);
      let tests = 0;
      for (const test of module.children.allTests()) {
        tests += 1;
        const { state, note } = test.result();
        if (state === "passed") outcome.passed += 1;
        else if (state === "skipped") outcome.skipped.push({ file: path, name: test.fullName, reason: note });
        else outcome.failures.push(`${path}: ${test.fullName}`);
      }
      // A file or suite that breaks outside its tests fails without any of them failing.
      for (const { message } of module.errors()) outcome.failures.push(`${path}: ${message}`);
      if (module.state() === "failed" && tests === 0 && module.errors().length === 0)
        outcome.failures.push(`${path}: it has no tests`);
      for (const suite of module.children.allSuites())
        for (const { message } of suite.errors()) outcome.failures.push(`${path}: ${suite.fullName}: ${message}`);
    }
    if (file !== undefined) writeFileSync(file, JSON.stringify(outcome));
  }
}
