/** The Debian packages that building needs, with the command that tells whether one is there. */
export const BUILD_PACKAGES: Readonly<Record<string, string | undefined>>;
