import { describeSharedSocket } from "@cygnet/test/conformance/shared-socket";
import { describeSocket } from "@cygnet/test/conformance/socket";
import plugin from "../src/index.js";

describeSocket("socket-reuseport", plugin);
describeSharedSocket("socket-reuseport", plugin);
