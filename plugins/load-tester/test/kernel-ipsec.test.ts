import { describeKernelIpsec } from "@cygnet/test/conformance/kernel-ipsec";
import { FakeKernel } from "../src/fake-kernel.js";

describeKernelIpsec("the load-tester's kernel", () => ({ kernel: new FakeKernel(), close: () => undefined }), { isReal: false });
