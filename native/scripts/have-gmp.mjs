// Prints 1 when the C++ compiler finds gmp.h, else 0.
import { spawnSync } from "node:child_process";

const probe = spawnSync(process.env["CXX"] ?? "c++", ["-x", "c++", "-fsyntax-only", "-"], { input: "#include <gmp.h>\n" });
console.log(probe.status === 0 ? 1 : 0);
