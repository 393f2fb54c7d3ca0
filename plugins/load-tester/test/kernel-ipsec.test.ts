import { describeKernelIpsec } from "@cygnet/plugin-testkit/kernel";
import { FakeKernel } from "../src/fake-kernel.js";

describeKernelIpsec("the load-tester's kernel", () => ({ kernel: new FakeKernel(), close: () => undefined }), { isReal: false });
