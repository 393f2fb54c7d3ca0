/** The name that the core knows our connection, secrets and certificates by. */
export const BACKEND = "load-tester";
