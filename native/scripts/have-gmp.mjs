// Prints 1 when the C++ compiler finds gmp.h, else 0.
import { spawnSync } from "node:child_process";

const probe = spawnSync(process.env["CXX"] ?? "c++", ["-x", "c++", "-fsyntax-only", "-"], { input: "#include <gmp.h>\n" });
// Not console.log, which colours numbers where FORCE_COLOR is set, as nx does.
process.stdout.write(probe.status === 0 ? "1" : "0");
