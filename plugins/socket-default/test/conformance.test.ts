import { describeSocket } from "@cygnet/test/conformance/socket";
import plugin from "../src/index.js";

describeSocket("socket-default", plugin);
