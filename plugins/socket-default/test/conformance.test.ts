import { describeSharedSocket } from "@cygnet/test/conformance/shared-socket";
import { describeSocket } from "@cygnet/test/conformance/socket";
import plugin from "../src/index.js";

describeSocket("socket-default", plugin);
describeSharedSocket("socket-default", plugin);
