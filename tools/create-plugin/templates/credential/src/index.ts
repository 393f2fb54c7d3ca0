import { CredentialStore, LogGroup, custom, definePlugin, text } from "@cygnet/plugin-api";
import type { PluginContext } from "@cygnet/plugin-api";
import { readSecrets } from "./secret-file.js";

/** The set of the credential store that this plugin owns. */
const SET = "acme";

const options = {
  file: text("/etc/acme.secrets", "File of pre-shared keys: an identity and a key on each line.", { reloadable: true }),
};

/** Gives the daemon the pre-shared keys of a file, at the start and with each reload. */
export default definePlugin({
  name: "acme",
  api: "API_VERSION",
  options,
  features: () => [
    {
      provides: custom("acme"),
      on: "control",
      register: async (context) => {
        await load(context);
        return () => context.resolve(CredentialStore).removeSet(SET);
      },
    },
  ],
  // A file that cannot be read leaves the keys in force that there are.
  reload: load,
});

/** Resolves when all shards have the secrets. @throws {PluginError} */
async function load({ plugin, options: { file }, log, resolve }: PluginContext<typeof options>): Promise<void> {
  const secrets = await readSecrets(plugin, file);
  await resolve(CredentialStore).replaceSecrets(SET, secrets);
  log.log(LogGroup.CFG, 1, `loaded ${secrets.length} secrets from ${file}`);
}
